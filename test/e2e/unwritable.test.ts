// @runtimes node
/** Places that may not be written to or read: each is told as what was to be there, before the work where that can be known. */
import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { suite } from "../harness.ts";
import { folderForNobody, openFolder, runCli, writeProject } from "./support.ts";

const test = suite("e2e/unwritable", { timeout: 120_000 });

if (process.getuid?.() !== 0) test.skip("needs root, who may become nobody");
else {
  const folder = openFolder("unwritable");
  test.after(() => folder.dispose());
  const cwd = writeProject(folder.path, {
    "image.config.ts": `import { image, step, text } from "image-dsl";
const work = step({ run: "echo WORKING; touch $out/done" });
export default {
  plain: image({ name: "plain", contents: work }),
  pins: image({ name: "pins", contents: text("/a", ""), user: "app" }),
};\n`,
    "secret.config.ts": "export default {};\n",
  });
  chmodSync(join(cwd, "secret.config.ts"), 0o600);
  mkdirSync(join(cwd, "closed"));
  folderForNobody(join(cwd, "own"));
  const build = (args: readonly string[], cache = "own/cache") =>
    runCli(["build", ...args], { cwd, env: { IMAGE_DSL_CACHE: join(cwd, cache) }, unprivileged: true });

  const CASES: readonly (readonly [
    what: string,
    args: readonly string[],
    code: string,
    said: RegExp,
    cache?: string,
  ])[] = [
    [
      "an archive's folder",
      ["plain", "-o", "docker-archive:closed/a.tar"],
      "E_OUTPUT",
      /write \S*closed\/a\.tar.*EACCES/,
    ],
    ["a layout's folder", ["plain", "-o", "oci:closed/layout"], "E_OUTPUT", /write \S*closed\/layout.*EACCES/],
    ["a tree's folder", ["plain", "-o", "rootfs:closed/a/b"], "E_OUTPUT", /write \S*closed\/a\/b.*EACCES/],
    [
      "the lock's folder",
      ["pins", "-o", "digest"],
      "E_LOCK_WRITE",
      /Cannot write the lock \S*image\.lock\.json: EACCES/,
    ],
    [
      "the cache",
      ["plain", "-o", "digest"],
      "E_STORE",
      /Cannot make the cache folder \S*closed\/cache: EACCES/,
      "closed/cache",
    ],
    ["the config", ["-c", "secret.config.ts"], "E_CONFIG_LOAD", /Cannot read \S*secret\.config\.ts" \(EACCES\)/],
  ];

  for (const [what, args, code, said, cache] of CASES) {
    test(`${what}: told before any work`, () => {
      const { status, stdout, stderr } = build(args, cache);
      assert.is(status, /CONFIG/.test(code) ? 2 : status);
      assert.is.not(status, 0);
      assert.match(stderr, said);
      assert.match(stderr, code);
      assert.not.match(`${stdout.toString()}${stderr}`, /WORKING|fault of image-dsl/);
    });
  }

  test("what needs no place there is built: a digest, and a dry run", () => {
    for (const args of [
      ["plain", "-o", "digest"],
      ["plain", "--dry-run", "-o", "docker-archive:closed/a.tar"],
      ["pins", "--dry-run"],
    ]) {
      const { status, stderr } = build(args);
      assert.is(status, 0, stderr);
    }
  });
}

test.run();
