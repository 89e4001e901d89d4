// @runtimes node
// @timeout 240
/** What a config's own code prints is on stderr: stdout is for what the command answers. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { RUNTIMES, javaScriptCommand } from "../../scripts/runtimes.ts";
import { requireTool, suite } from "../harness.ts";
import { CLI, must, openFolder, run, runCli, writeProject } from "./support.ts";

const test = suite("e2e/stdout", { timeout: 120_000 });
const folder = openFolder("stdout");

test.before(() => {
  writeProject(folder.path, {
    "image.config.ts": `
      import { buildLayeredImage, defineConfig, text } from "image-dsl";
      import { note } from "./note.ts";
      console.log("said by log");
      console.info("said by %s", "info");
      console.debug("said by debug");
      console.dir({ said: "by dir" });
      console.table([{ said: "by table" }]);
      process.stdout.write("said by write\\n");
      note();
      const plugin = { name: "loud", apply(builder: any) {
        console.log("said by a plugin");
        builder.hooks.build.tap("loud", (build: any) => build.hooks.closure.tap("loud", (graph: any) => {
          console.log("said by a tap");
          return graph;
        }));
      } };
      export default defineConfig({
        plugins: [plugin],
        images: async ({ $ }) => {
          console.log("said by images");
          console.log("said by " + (await $\`echo a command\`).stdout);
          return { a: buildLayeredImage({
            name: "a", tag: "1", contents: [text("/x", "y")],
            extraCommands: async ({ $ }) => {
              await $\`echo z > z\`;
              console.log("said by a script");
              process.stdout.write("written by a script\\n");
            },
            fakeRootCommands: "echo said by bash",
          }) };
        },
      });
    `,
    "note.ts": `export const note = () => console.log("said by a module");`,
  });
});
test.after(() => folder.dispose());

const SAID =
  "said by log|said by info|said by debug|by dir|by table|said by write|said by a module|said by a plugin|said by a tap|" +
  "said by images|said by a command|said by a script|written by a script";

for (const runtime of RUNTIMES) {
  test(`${runtime}: stream writes a whole archive, build -o digest and --json their answer alone`, () => {
    requireTool("tar", "bash");
    const env = { IMAGE_DSL_CACHE: join(folder.path, `cache-${runtime}`) };
    const stream = runCli(["stream"], { cwd: folder.path, runtime, env });
    assert.is(stream.status, 0, stream.stderr);
    for (const said of SAID.split("|")) assert.match(stream.stderr, said, runtime);
    const archive = join(folder.path, `${runtime}.tar`);
    writeFileSync(archive, stream.stdout);
    const members = must(["tar", "-tf", archive], { cwd: folder.path }).toString().trim().split("\n");
    assert.is(members.at(-1), "manifest.json");
    assert.not(stream.stdout.includes("said by"));

    const options = { cwd: folder.path, runtime, env } as const;
    assert.match(runCli(["build", "--no-cache", "-o", "digest"], options).stdout.toString(), /^sha256:[0-9a-f]{64}\n$/);
    const events = runCli(["build", "--json", "-o", "digest"], options).stdout.toString().trim().split("\n");
    for (const event of events) assert.type(JSON.parse(event), "object");
    const plan = runCli(["plan", "--json"], options).stdout.toString();
    assert.type(JSON.parse(plan), "object");
  });

  test(`${runtime}: where stdout is full, what would have been said is a failure`, () => {
    const env = { IMAGE_DSL_CACHE: join(folder.path, `cache-${runtime}`) };
    const { program, args } = javaScriptCommand(runtime);
    for (const line of ["build", "build --json", "build --quiet", "build -o digest", "plan", "stream"]) {
      const words = [program, ...args, CLI, ...line.split(" ")];
      const { status, stderr } = run(["sh", "-c", '"$@" > /dev/full', "sh", ...words], { cwd: folder.path, env });
      assert.is(status, 1, `${line}: ${stderr}`);
      if (line !== "build --json") assert.match(stderr, /Error: No space is left for what stdout is written to\n/);
      assert.not.match(stderr, /^ +at /m, "a stack");
    }
    const lost = run(["sh", "-c", '"$@" 2> /dev/full', "sh", program, ...args, CLI, "build", "--quiet"], {
      cwd: folder.path,
      env,
    });
    assert.is(lost.status, 0, "what is said beside the answer may be lost");
    assert.match(lost.stdout.toString(), /^sha256:/);
  });
}

test("digests of several targets stand beside their names; alone, or quietly, they are bare", () => {
  const several = openFolder("digests");
  try {
    const cwd = writeProject(several.path, {
      "image.config.ts": `import { image, text } from "image-dsl";
        export default {
          one: image({ name: "team/one", tag: "1", contents: text("/a", "1", { mode: 0o755 }), cmd: ["/a"] }),
          two: image({ name: "two", tag: "1", contents: text("/a", "2") }),
        };`,
    });
    const env = { IMAGE_DSL_CACHE: join(folder.path, "cache-several") };
    const said = (...words: string[]) => runCli(["build", "-o", "digest", ...words], { cwd, env }).stdout.toString();
    const [one, two] = [said("one"), said("two")].map((line) => line.trim());
    assert.match(one!, /^sha256:[0-9a-f]{64}$/);
    assert.is(said(), `${one}  one\n${two}  two\n`);
    assert.is(said("--quiet"), `${one}\n${two}\n`);
    const [archive, nothingToRun] = runCli(["build"], { cwd, env }).stdout.toString().trim().split("\n");
    const load = "load it with: docker load -i one.docker.tar";
    assert.is(archive, `✓ team/one:1: wrote one.docker.tar; ${load}; run it with: docker run --rm team/one:1`);
    assert.is(nothingToRun, "✓ two:1: wrote two.docker.tar; load it with: docker load -i two.docker.tar");
  } finally {
    several.dispose();
  }
});

test.run();
