import * as assert from "uvu/assert";
import { createBuilder } from "../../../core/pipeline/builder.ts";
import type { BuildHooks } from "../../../core/pipeline/hooks.ts";
import type { Plugin } from "../../../core/pipeline/plugin.ts";
import { runBuild } from "../../../core/engine/run-build.ts";
import type { BuildGraph } from "../../../core/graph/build-graph.ts";
import { digestOf } from "../../../core/model/digest.ts";
import { treePath } from "../../../core/model/path.ts";
import { planAuto } from "../../../core/plan/auto.ts";
import { FileTree } from "../../../core/tree/file-tree.ts";
import { inlineFile } from "../../../core/tree/inline-file.ts";
import { suite, tmp } from "../../harness.ts";

const test = suite("engine/image-hook");

function plugin(name: string, tap: (hooks: BuildHooks) => void, more: Partial<Plugin> = {}): Plugin {
  return { name, apply: (builder) => builder.hooks.build.tap(name, ({ hooks }) => tap(hooks)), ...more };
}

/** One file, and an output that writes nothing. */
const base = plugin(
  "base",
  (hooks) => {
    const tree = FileTree.of([inlineFile(treePath("app"), Buffer.from("app"))]);
    hooks.collect.for("thing").tap("base", () => ({
      nodes: [{ id: "app", kind: "thing", name: "app", tree, size: tree.contentSize(), needs: [] }],
      roots: ["app"],
    }));
    hooks.plan.for("auto").tap("base", planAuto);
    hooks.output.for("nowhere").tap("base", () => ({ message: "nothing" }));
  },
  { outputs: [{ transport: "nowhere", usage: "nowhere", bundles: false }] },
);

function graph(): BuildGraph {
  return {
    images: new Map([
      [
        "t",
        {
          kind: "image",
          name: "t",
          tag: null,
          contents: [{ kind: "thing", options: {} }],
          config: { Cmd: ["app"] },
          created: 1,
          mtime: 1,
          maxLayers: 100,
          layering: "auto",
          collisions: "error",
          runs: [],
        },
      ],
    ]),
    byPlatform: new Map(),
    outputs: ["nowhere"],
    platforms: [{ os: "linux", architecture: "amd64" }],
    isHostsPlatform: true,
    narrowed: false,
    directory: tmp(),
  };
}

test("what taps put into an image's fields goes into its bytes, its digest and its reference", async () => {
  const label = (name: string) =>
    plugin(name, (hooks) =>
      hooks.image.tap(name, (image) => ({
        ...image,
        tag: name,
        config: { ...image.config, Labels: { ...image.config.Labels, [name]: "yes" } },
      })),
    );
  const store = tmp();
  const [plain] = await runBuild(createBuilder([base]), graph(), { store });
  const [result] = await runBuild(createBuilder([base, label("one"), label("two")]), graph(), { store });
  const bytes = await result!.image.configBytes();
  const { config } = JSON.parse(Buffer.from(bytes).toString()) as { config: unknown };
  assert.equal(config, { Cmd: ["app"], Labels: { one: "yes", two: "yes" } });
  assert.is(result!.configDigest, digestOf(bytes));
  assert.is.not(result!.configDigest, plain!.configDigest);
  assert.is(result!.reference, "t:two");
});

test.run();
