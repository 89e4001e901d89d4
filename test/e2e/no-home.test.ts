// @runtimes node
// @timeout 240
/** A user that passwd lacks, with an empty environment: what needs no home folder works, the rest says what it needs. */
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { RUNTIMES, javaScriptCommand, type RuntimeName } from "../../scripts/runtimes.ts";
import { requireTool, suite } from "../harness.ts";
import { CLI, openFolder, writeProject, type Ran } from "./support.ts";

const test = suite("e2e/no-home", { timeout: 120_000 });
const folder = openFolder("no-home");
const NOBODY_KNOWS = 12_345;

test.before(() => {
  writeProject(folder.path, {
    "image.config.ts": `
      import { buildLayeredImage, defineConfig, text } from "image-dsl";
      export default defineConfig({ images: { a: buildLayeredImage({
        name: "a", tag: "1", contents: [text("/x", "y")],
        extraCommands: "echo z > z", fakeRootCommands: "chown 7:8 z",
      }) } });
    `,
  });
  chmodSync(folder.path, 0o777);
});
test.after(() => folder.dispose());

function run(runtime: RuntimeName, args: readonly string[], env: readonly string[]): Ran {
  if (process.getuid?.() !== 0) requireTool("root");
  requireTool("setpriv");
  const { program, args: first } = javaScriptCommand(runtime);
  const id = `${NOBODY_KNOWS}`;
  const command = ["setpriv", "--reuid", id, "--regid", id, "--clear-groups", program, ...first, CLI, ...args];
  // Deno keeps its own cache at home.
  const own = [`PATH=${process.env["PATH"]}`, `DENO_DIR=${join(folder.path, "deno")}`];
  const ended = spawnSync("env", ["-i", ...own, ...env, ...command], { cwd: folder.path, maxBuffer: 1 << 26 });
  return { ...ended, stderr: ended.stderr.toString() };
}

for (const runtime of RUNTIMES) {
  test(`${runtime}: with a place for the cache every command works`, () => {
    for (const args of [
      ["doctor"],
      ["build", "-o", "digest"],
      ["plan"],
      ["stream"],
      ["cache", "ls"],
      ["cache", "verify"],
      ["init", "--list"],
      ["init", "static-site", join(folder.path, `site-${runtime}`)],
      ["--help"],
    ]) {
      const { status, stderr } = run(runtime, args, [`IMAGE_DSL_CACHE=${join(folder.path, `cache-${runtime}`)}`]);
      assert.is(status, 0, `${args.join(" ")}: ${stderr}`);
    }
    mkdirSync(join(folder.path, `xdg-${runtime}`), { recursive: true });
    chmodSync(join(folder.path, `xdg-${runtime}`), 0o777);
    const xdg = run(runtime, ["build", "-o", "digest"], [`XDG_CACHE_HOME=${join(folder.path, `xdg-${runtime}`)}`]);
    assert.is(xdg.status, 0, xdg.stderr);
  });

  test(`${runtime}: without one, what needs it says so, and nothing lands in the working directory`, () => {
    const homes = [[], ["HOME="], ["HOME=relative", "XDG_CACHE_HOME=relative"], ["HOME=/nonexistent"]];
    const commands = [["build", "-o", "digest"], ["plan"], ["cache", "ls"], ["build", "-o", "digest"]];
    for (const [index, home] of homes.entries()) {
      const { status, stderr } = run(runtime, commands[index]!, home);
      assert.is(status, 1);
      assert.match(stderr, "There is no place for the cache");
      assert.match(stderr, "Set IMAGE_DSL_CACHE");
      assert.not.match(stderr, /\n\s+at .*:\d+:\d+/);
    }
    assert.is(run(runtime, ["init", "--list"], ["HOME="]).status, 0);
    assert.match(run(runtime, ["doctor"], []).stdout.toString(), /missing\s+store/);
    // Bun keeps something of its own in a relative home.
    for (const name of [".cache", "relative/.cache", "relative/image-dsl", "image-dsl"])
      assert.not(existsSync(join(folder.path, name)), name);
  });
}

test.run();
