// @runtimes node
// @timeout 400
/** Several machines make the parts of one config, and together what one makes alone. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { requireTool, suite, tmp } from "../harness.ts";
import { buildInShards, openShardsProject } from "./killed-shards.ts";
import { runCli, writeProject } from "./support.ts";

const test = suite("e2e/shards", { timeout: 180_000 });

const NAMES = ["api", "web", "mail", "cron", "docs", "auth", "jobs"];
const cwd = writeProject(tmp(), {
  "image.config.mjs": `import { image, text } from "image-dsl";
    export default Object.fromEntries(${JSON.stringify(NAMES)}.map((name) =>
      [name, image({ name, tag: "1", contents: [text("/shared", "x".repeat(100)), text("/own", name)] })]));`,
});
const run = (args: readonly string[], env: Record<string, string> = {}) =>
  runCli(["build", ...args], { cwd, env: { IMAGE_DSL_CACHE: tmp(), ...env } });
const digests = (stdout: Buffer | string): string[] => stdout.toString().trim().split("\n").toSorted();

test("each target is made by one shard, with the digest that a build of all gives", () => {
  const whole = digests(run(["-o", "digest"]).stdout);
  const parts = [1, 2, 3].map((index) => {
    const { status, stdout, stderr } = run(["-o", "digest", "--shard", `${index}/3`]);
    assert.is(status, 0, stderr);
    return digests(stdout);
  });
  assert.equal(parts.flat().toSorted(), whole);
  assert.ok(parts.every((part) => part.length <= 3));
  const auto = run(["-o", "digest", "--shard", "auto/3"], { JOB_COMPLETION_INDEX: "1" });
  assert.equal(digests(auto.stdout), parts[1]);
});

test("the last one makes what a lost shard has not, and says how much that was", () => {
  const env = { IMAGE_DSL_CACHE: tmp() };
  const shard = (which: string) => run(["--shard", which], env);
  const [, second] = [shard("1/2"), NAMES.filter((name) => !existsSync(join(cwd, `${name}.docker.tar`)))];
  assert.ok(second.length > 0 && second.length < NAMES.length);
  const merged = shard("merge");
  assert.is(merged.status, 0, merged.stderr);
  assert.ok(NAMES.every((name) => existsSync(join(cwd, `${name}.docker.tar`))));
  assert.match(
    merged.stderr + merged.stdout.toString(),
    new RegExp(`7 targets, and of their \\d+ layers \\d+ were made here`),
  );
});

test("an output that several shards would write is refused, and a shard pins nothing", () => {
  const { status, stderr } = run(["-o", "oci-archive:all.tar", "--shard", "1/2"]);
  assert.is(status, 2);
  assert.match(
    stderr,
    /"oci-archive:all\.tar" would hold images of several targets[\s\S]*\{target\}[\s\S]*E_OUTPUT_INVALID/,
  );
  assert.is(existsSync(join(cwd, "all.tar")), false);

  const pinning = writeProject(tmp(), {
    "image.config.mjs": `import { debian, image } from "image-dsl";
      export default { a: image({ name: "a", contents: debian({ suite: "bookworm", packages: ["hello"] }) }) };`,
  });
  const refused = runCli(["build", "--shard", "1/1"], { cwd: pinning, env: { IMAGE_DSL_CACHE: tmp() } });
  assert.match(refused.stderr, "E_LOCK_FROZEN");
});

test("two of four shards are killed and started again on machines that have only the registry: what was finished is not made anew", async () => {
  requireTool("bwrap");
  const project = await openShardsProject(8);
  const built = await buildInShards(project, [
    { shard: 2, moment: 0.3 },
    { shard: 3, moment: 0.6 },
  ]);
  assert.ok(built.isSame && built.results > 0);
  assert.is(built.madeByMerge, 0);
  assert.equal(built.redone, []);
  assert.equal(built.warnings, []);
});

test.run();
