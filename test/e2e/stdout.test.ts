// @runtimes node
// @timeout 240
/** What a config's own code prints is on stderr: stdout is for what the command answers. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { RUNTIMES } from "../../scripts/runtimes.ts";
import { requireTool, suite } from "../harness.ts";
import { must, openFolder, runCli, writeProject } from "./support.ts";

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
}

test.run();
