// @runtimes node,deno,bun
// @timeout 240
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { spawn } from "node:child_process";
import * as assert from "uvu/assert";
import { runtime } from "../../core/host.ts";
import { javaScriptCommand } from "../../scripts/runtimes.ts";
import { suite } from "../harness.ts";
import { IS_THOROUGH } from "../sampled.ts";
import { cpuOfEndedChildren } from "./cpu-time.ts";
import { CLI, namesIn, openFolder } from "./support.ts";

const test = suite("e2e/million-files", { timeout: 120_000 });

/** A second is promised. Of processor time, which is the same however much else the machine has to do. Milliseconds. */
const BOUND = 2000;

/** A million files that take no disk; and the build interrupts itself where `at` says. */
const CONFIG = `import { buildImage, buildLayeredImage, defineConfig } from "image-dsl";
import { FileTree, defineSource, inlineFile, treePath } from "image-dsl/plugin";
import { writeFileSync } from "node:fs";

const anything = { "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } };
const many = defineSource("many", anything);
const nothing = new Uint8Array(0);

function filesOf(name) {
  const entries = [];
  for (let folder = 1000; folder < 2000; folder++) {
    for (let file = 100; file < 600; file++) entries.push(inlineFile(treePath(\`/\${name}/\${folder}/\${file}\`), nothing));
  }
  return FileTree.of(entries);
}

function interruptAt(at) {
  const interrupt = (here) => {
    if (here !== at) return;
    const { user, system } = process.cpuUsage();
    writeFileSync("interrupted", String((user + system) / 1000));
    process.kill(process.pid, "SIGINT");
  };
  return {
    name: "many",
    sources: [many],
    apply(builder) {
      builder.hooks.build.tap("many", ({ hooks }) => {
        hooks.collect.for("many").tap("many", ({ options: { name } }) => {
          const tree = filesOf(name);
          return { nodes: [{ id: name, kind: "many", name, tree, size: 0, needs: [] }], roots: [name] };
        });
        hooks.event.tap("many", ({ type, stage, state }) => type === "stage" && interrupt(\`\${stage} \${state}\`));
        hooks.check.tap({ name: "many", stage: 5000 }, (findings) => (interrupt("checked"), findings));
      });
    },
  };
}

export default defineConfig({
  plugins: [interruptAt(process.env.INTERRUPT_AT)],
  images: {
    layered: buildLayeredImage({ name: "layered", contents: [many({ name: "a" }), many({ name: "b" })] }),
    single: buildImage({ name: "single", copyToRoot: [many({ name: "a" }), many({ name: "b" })] }),
    scripted: buildLayeredImage({ name: "scripted", contents: many({ name: "a" }), extraCommands: "touch x" }),
  },
});
`;

let folder: { path: string; dispose(): void };

test.before(() => {
  folder = openFolder("million-files");
  mkdirSync(join(folder.path, "project"));
  writeFileSync(join(folder.path, "project/image.config.mjs"), CONFIG);
});
test.after(() => folder.dispose());

const PLACES = [
  ["while they are merged", "merge started", "layered", "plan"],
  ["while their layers are planned", "plan started", "layered", "layer"],
  ["while they are laid out for a script", "command started", "scripted", "layer"],
  ["while their layer is made", "layer started", "single", "image"],
  ["while the image is validated", "image done", "layered", "output"],
  ["while the layers are read", "checked", "layered", "output"],
  ["while the root file system is written", "checked", "single", "output", "rootfs:root"],
] as const;

const ON = ["node", "deno", "bun"];

/** Every stage on one of the runtimes; on every one where all is asked for. */
const places = PLACES.filter((_, index) => IS_THOROUGH || index % ON.length === ON.indexOf(runtime()));

for (const [where, at, target, never, output = "digest"] of places) {
  test(`Ctrl-C ends a build of a million files ${where}`, async () => {
    const { status, events, took } = await interrupted(target, at, output);
    assert.is(status, 130, events.join("\n"));
    assert.not.ok(
      events.some((event) => event.includes(`"${never}"`)),
      events.join("\n"),
    );
    assert.ok(took < BOUND, `${took} ms`);
    assert.equal(namesIn(join(folder.path, "project")), ["image.config.mjs"]);
    assert.equal(namesIn(join(folder.path, "cache/tmp")), []);
  });
}

test.run();

interface Ended {
  readonly status: number | null;
  /** As JSON. */
  readonly events: readonly string[];
  /** Milliseconds of processor time from the signal to the end. */
  readonly took: number;
}

async function interrupted(target: string, at: string, output: string): Promise<Ended> {
  const { program, args } = javaScriptCommand(runtime());
  const before = cpuOfEndedChildren();
  const child = spawn(program, [...args, CLI, "build", target, "--json", "-o", output], {
    cwd: join(folder.path, "project"),
    env: { ...process.env, IMAGE_DSL_CACHE: join(folder.path, "cache"), INTERRUPT_AT: at },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  const status = await new Promise<number | null>((resolve) => child.on("close", resolve));
  const mark = join(folder.path, "project/interrupted");
  assert.ok(existsSync(mark), said);
  const atSignal = Number(readFileSync(mark, "utf8"));
  rmSync(mark);
  return { status, events: said.trimEnd().split("\n"), took: cpuOfEndedChildren() - before - atSignal };
}
