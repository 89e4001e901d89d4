// @runtimes node
/** Inputs of a step whose plugin says by the hook `identity` that they are the same, as the built CLI finds them again. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { must, runCli, writeProject } from "../../e2e/support.ts";
import { requireTool, suite, tmp } from "../../harness.ts";

const test = suite("step/known-inputs", { timeout: 120_000 });

test.before(() => void requireTool("bwrap", "bash"));

/** A source that writes down when it is collected. Its files hold `${content}`; it says that they are `${identity}`, or with "" nothing. */
const CONFIG = `import { appendFileSync, readFileSync } from "node:fs";
import { buildLayeredImage, defineConfig, files, step } from "image-dsl";
import { FileTree, defineSource, inlineFile, treePath } from "image-dsl/plugin";

const { content, identity, warns } = JSON.parse(readFileSync("said.json", "utf8"));
const slow = defineSource("slow", { "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } });
const plugin = {
  name: "slow",
  sources: [slow],
  apply: (builder) => builder.hooks.build.tap("slow", ({ hooks }) => {
    hooks.identity.for("slow").tapPromise("slow", async () => identity || undefined);
    hooks.collect.for("slow").tapPromise("slow", async (_source, { emit }) => {
      appendFileSync("collected", content + "\\n");
      if (warns) emit({ type: "warning", code: "W_NPM_UNBUILT", message: "Something is odd", hint: "Mend it" });
      const file = (name, text) => inlineFile(treePath(name), Buffer.from(text), { mode: 0o644, mtime: 1 });
      const tree = FileTree.of(Array.from({ length: 1200 }, (_, n) => file("file-" + n, content)));
      return { nodes: [{ id: "slow", kind: "slow", name: "slow", tree, size: tree.contentSize(), needs: [] }], roots: ["slow"] };
    });
  }),
};
export default defineConfig({ plugins: [plugin], images: { app: buildLayeredImage({ name: "app",
  contents: step({ inputs: { line: files("line"), slow: slow({}) }, run: "cat $inputs_line/line $inputs_slow/file-7 > $out/made" }) }) } });
`;

interface Said {
  readonly content: string;
  readonly identity: string;
  readonly warns?: boolean;
}

function project() {
  const cwd = writeProject(tmp(), { "image.config.mjs": CONFIG, line: "", "said.json": "{}", collected: "" });
  const cache = tmp();
  let lines = 0;
  const write = (said: Said): void => {
    writeFileSync(join(cwd, "said.json"), JSON.stringify(said));
    writeFileSync(join(cwd, "line"), `line ${++lines} `);
  };
  const options = { cwd, env: { IMAGE_DSL_CACHE: cache } };
  return {
    /** After another line was changed: what the step made of it, and how often the source was collected in all. */
    build(said: Said): { readonly made: string; readonly collected: number; readonly stderr: string } {
      write(said);
      const { status, stderr } = runCli(["build", "-o", "rootfs:root.tar"], options);
      assert.is(status, 0, stderr);
      const made = must(["tar", "xOf", "root.tar", "made"], { cwd }).toString();
      const collected = readFileSync(join(cwd, "collected"), "utf8").split("\n").length - 1;
      return { made, collected, stderr };
    },
    /** Where what was laid out is gone from the store. */
    fails(said: Said): string {
      write(said);
      rmSync(join(cache, "laid-out"), { recursive: true });
      const { status, stderr } = runCli(["build", "-o", "rootfs:root.tar"], options);
      assert.is(status, 2, stderr);
      return stderr;
    },
  };
}

test("a tree of which nothing changed is not made again for a script that is given it", () => {
  const { build } = project();
  const first = build({ content: "a", identity: "1" });
  assert.is(first.made, "line 1 a");
  const again = build({ content: "a", identity: "1" });
  assert.is(again.made, "line 2 a");
  assert.is(again.collected, first.collected);
  const changed = build({ content: "b", identity: "2" });
  assert.is(changed.made, "line 3 b");
  assert.is(changed.collected, first.collected + 1);
  assert.is(build({ content: "a", identity: "1" }).made, "line 4 a");
});

test("what nothing is said of is made each time; so is what was warned of, and the warning is told each time", () => {
  const { build } = project();
  build({ content: "a", identity: "" });
  assert.is(build({ content: "c", identity: "" }).made, "line 2 c");
  for (const _ of [1, 2]) assert.match(build({ content: "d", identity: "4", warns: true }).stderr, "Something is odd");
});

test("a tree that is another one than its plugin says is an error", () => {
  const { build, fails } = project();
  build({ content: "a", identity: "1" });
  assert.match(fails({ content: "b", identity: "1" }), /identity of a source of the kind "slow".*E_PLUGIN/s);
});

test.run();
