// @runtimes node
/** Where one of several targets fails, `--keep-going` makes the others, and says at the end what is missing. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { build, image, TargetsFailed, text } from "../../plugins/index.ts";
import { suite, tmp } from "../harness.ts";
import { runCli, writeProject } from "./support.ts";

const test = suite("e2e/keep-going", { timeout: 60_000 });

const cwd = writeProject(tmp(), {
  "image.config.mjs": `import { archive, image, mergeImages, text } from "image-dsl";
    const good = (name) => image({ name, tag: "1", contents: text("/" + name, name) });
    const broken = image({ name: "broken", tag: "1", contents: archive("not-there.tar") });
    const [first, last] = [good("first"), good("last")];
    export default { first, broken, on: image({ name: "on", tag: "1", from: broken }), both: mergeImages([first, broken]), last };`,
});
const env = { IMAGE_DSL_CACHE: tmp() };
const run = (...args: string[]) => runCli(["build", ...args], { cwd, env });
const isThere = (target: string): boolean => existsSync(join(cwd, `${target}.docker.tar`));

test("by default the first failure ends the build, and nothing is written", () => {
  assert.is(run().status, 1);
  assert.is(isThere("first"), false);
});

test("with --keep-going the others are made, and each failure is told whole", () => {
  const { status, stdout, stderr } = run("--keep-going");
  assert.is(status, 1);
  assert.equal(["first", "broken", "on", "both", "last"].filter(isThere), ["first", "last"]);
  assert.match(stdout.toString(), "✓ first:1: wrote first.docker.tar");
  assert.match(stderr, /^✗ broken: .*not-there\.tar/m);
  assert.match(stderr, /^Error: .*not-there\.tar[\s\S]*target broken\n/m);
  assert.match(
    stderr,
    "Nothing is written to docker-archive:both.docker.tar: 1 of the 2 images for it could not be made",
  );
  assert.match(stderr, /Error: 3 of 5 targets failed: broken, on, both\n {2}E_TARGETS_FAILED\n$/);
});

test("what was made is answered, and as JSON the failures stand with their codes", () => {
  const { status, stdout } = run("--keep-going", "-o", "digest");
  assert.is(status, 1);
  assert.match(stdout.toString(), /^sha256:[0-9a-f]{64} {2}first\nsha256:[0-9a-f]{64} {2}last\n$/);

  const events = run("--keep-going", "--json").stdout.toString().trim().split("\n");
  const last = JSON.parse(events.at(-1)!) as { code: string; failures: { target: string; code: string }[] };
  assert.is(last.code, "E_TARGETS_FAILED");
  assert.equal(
    last.failures.map(({ target }) => target),
    ["broken", "on", "both"],
  );
  assert.ok(last.failures.every(({ code }) => /^E_[A-Z_]+$/.test(code) && code !== "E_INTERNAL"));
});

test("an output that fails is its target's failure; programs get what was made", async () => {
  const one = (name: string) => image({ name, contents: text("/a", name) });
  const outputs = ["rootfs:/proc/{target}.tar", `docker-archive:${join(cwd, "{target}.tar")}`];
  try {
    await build({ a: one("a"), b: one("b") }, { outputs, keepGoing: true, store: env.IMAGE_DSL_CACHE });
    assert.unreachable();
  } catch (error) {
    assert.instance(error, TargetsFailed);
    const { failures, results } = error as TargetsFailed;
    assert.equal(
      failures.map(({ target }) => target),
      ["a", "b"],
    );
    assert.equal(
      results.map(({ target }) => target),
      ["a", "b"],
    );
    assert.ok(existsSync(join(cwd, "a.tar")) && existsSync(join(cwd, "b.tar")));
  }
});

test.run();
