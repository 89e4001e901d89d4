import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import * as v from "valibot";
import { createBuilder } from "../../../core/pipeline/builder.ts";
import type { BuildHooks } from "../../../core/pipeline/hooks.ts";
import type { Plugin } from "../../../core/pipeline/plugin.ts";
import type { BuildOptions } from "../../../core/engine/build-options.ts";
import { planBuild, runBuild } from "../../../core/engine/run-build.ts";
import type { ImageDslError } from "../../../core/error.ts";
import type { BuildGraph } from "../../../core/graph/build-graph.ts";
import { flattenLayers } from "../../../core/image/flatten.ts";
import type { BuildEvent } from "../../../core/model/event.ts";
import type { Entry } from "../../../core/model/entry.ts";
import type { ImageSpec } from "../../../core/model/image-spec.ts";
import { displayPath, treePath } from "../../../core/model/path.ts";
import { planAuto } from "../../../core/plan/auto.ts";
import { FileTree } from "../../../core/tree/file-tree.ts";
import { withEntries, withoutPaths } from "../../../core/tree/overlay.ts";
import { suite, tmp } from "../../harness.ts";

const test = suite("engine/pipeline");

const spec: ImageSpec = {
  kind: "image",
  name: "t",
  tag: null,
  contents: [{ kind: "thing", options: {} }],
  config: {},
  created: 1,
  mtime: 1,
  maxLayers: 100,
  layering: "auto",
  collisions: "error",
  runs: [],
};

function graphOf(images: Record<string, Partial<ImageSpec>> = { t: {} }): BuildGraph {
  return {
    images: new Map(Object.entries(images).map(([target, more]) => [target, { ...spec, name: target, ...more }])),
    byPlatform: new Map(),
    outputs: ["nowhere"],
    platforms: [{ os: "linux", architecture: "amd64" }],
    isHostsPlatform: true,
    narrowed: false,
    directory: tmp(),
  };
}

function file(path: string, body = path): Entry {
  const bytes = Buffer.from(body);
  const content = { kind: "inline", bytes } as const;
  return { type: "file", path: treePath(path), mode: 0o644, uid: 0, gid: 0, mtime: 9, size: bytes.length, content };
}

function plugin(name: string, tap: (hooks: BuildHooks) => void, more: Partial<Plugin> = {}): Plugin {
  return { name, apply: (builder) => builder.hooks.build.tap(name, ({ hooks }) => tap(hooks)), ...more };
}

/** A source with two nodes, a planner, and an output that writes nothing. */
const base = plugin(
  "base",
  (hooks) => {
    const node = (id: string, entries: Entry[], needs: string[] = []) => {
      const tree = FileTree.of(entries);
      return { id, kind: "thing", name: id, tree, size: tree.contentSize(), needs };
    };
    hooks.collect.for("thing").tap("base", () => ({
      nodes: [node("app", [file("usr/app")], ["lib"]), node("lib", [file("usr/lib")])],
      roots: ["app"],
    }));
    hooks.plan.for("auto").tap("base", planAuto);
    hooks.output.for("nowhere").tap("base", () => ({ message: "nothing" }));
  },
  { outputs: [{ transport: "nowhere", usage: "nowhere", bundles: false }] },
);

async function failure(work: Promise<unknown>): Promise<ImageDslError> {
  return (await work.then(
    () => assert.unreachable("nothing failed"),
    (error: unknown) => error,
  )) as ImageDslError;
}

function build(plugins: Plugin[], graph = graphOf(), options: BuildOptions = {}) {
  return runBuild(createBuilder([base, ...plugins]), graph, { store: tmp(), ...options });
}

function paths(layers: Parameters<typeof flattenLayers>[0]): string[] {
  return flattenLayers(layers)
    .entries()
    .map(({ path }) => displayPath(path));
}

test("what the merge hook adds tops the layers, and every entry gets the image's time", async () => {
  const [result] = await build([
    plugin("extra", (hooks) => hooks.merge.tap("extra", (tree) => withEntries(tree, [file("etc/made")]))),
  ]);
  const { layers } = result!.image;
  assert.equal(
    layers.map(({ entries }) => entries.at(-1)!.path),
    ["usr/lib", "usr/app", "etc/made"],
  );
  assert.ok(layers.every(({ entries }) => entries.every(({ mtime }) => mtime === 1)));
});

test("scripts' changes and deletions are in the top layer; the layers overlaid are the tree", async () => {
  const script = plugin("script", (hooks) =>
    hooks.run
      .for("host")
      .tap("script", (_run, tree) => withEntries(withoutPaths(tree, [treePath("usr/lib")]), [file("usr/app", "new")])),
  );
  const runs = [{ stage: "command", runner: "host", name: "extraCommands", script: "" }] as const;
  const [result] = await build([script], graphOf({ t: { runs } }));
  const top = result!.image.layers.at(-1)!.entries.map(({ path }) => path);
  assert.equal(top, ["usr", "usr/.wh.lib", "usr/app"]);
  assert.equal(paths(result!.image.layers), ["/usr", "/usr/app"]);
});

test("taps run in the order of their stage, whatever the order of the plugins", async () => {
  const order: string[] = [];
  const tapping = (name: string, stage: number) =>
    plugin(name, (hooks) =>
      hooks.merge.tap({ name, stage }, (tree) => {
        order.push(name);
        return tree;
      }),
    );
  await build([tapping("after", 1000), tapping("normal", 0), tapping("before", -1000)]);
  assert.equal(order, ["before", "normal", "after"]);
});

test("the entry hook has the last word on each entry", async () => {
  const [result] = await build([
    plugin("owner", (hooks) => hooks.entry.tap("owner", (entry) => ({ ...entry, uid: 7 }))),
  ]);
  assert.ok(result!.image.layers.every(({ entries }) => entries.every(({ uid }) => uid === 7)));
});

test("an error names the plugin and the hook, sync or not; the program's own errors stay as they are", async () => {
  const thrown = await failure(
    build([
      plugin("bad", (hooks) =>
        hooks.closure.tap("bad", () => {
          throw new TypeError("oops");
        }),
      ),
    ]),
  );
  assert.equal([thrown.code, thrown.exitStatus], ["E_HOOK", 1]);
  assert.match(thrown.message, /"bad".*closure.*oops/);
  const rejected = await failure(
    build(
      [
        plugin("late", (hooks) =>
          hooks.collect.for("other").tapPromise("late", async () => Promise.reject(new Error("later"))),
        ),
      ],
      graphOf({ t: { contents: [{ kind: "other", options: {} }] } }),
    ),
  );
  assert.match(rejected.message, /"late".*collect for "other".*later/);
});

test("what the config or a script's output names is collected too, and scripts run once", async () => {
  const other = (name: string) => ({ kind: "other", options: { name } });
  let ran = 0;
  const naming = plugin("naming", (hooks) => {
    hooks.collect.for("other").tapPromise("naming", async ({ options }) => {
      const { name } = options as { name: string };
      const tree = FileTree.of([file(`named/${name}`)]);
      return { nodes: [{ id: name, kind: "other", name, tree, size: tree.contentSize(), needs: [] }], roots: [name] };
    });
    hooks.references.tap("naming", (sources, { spec: { config }, entries, closure }) => {
      const named = [config.User, ...entries.map(({ path }) => /^names\/(.*)$/.exec(path)?.[1])];
      const missing = named.filter((name) => name !== undefined && !closure.nodes.has(name));
      return [...sources, ...missing.map((name) => other(name!))];
    });
    hooks.run.for("test").tapPromise("naming", async (_, tree) => {
      ran++;
      return withEntries(tree, [file("names/by-script")]);
    });
  });
  const runs = [{ stage: "command", runner: "test", name: "script", script: "" }] as const;
  const [result] = await build([naming], graphOf({ t: { runs, config: { User: "by-config" } } }));
  const paths = result!.image.tree.entries().map(({ path }) => displayPath(path));
  for (const path of ["/named/by-config", "/named/by-script", "/names/by-script"])
    assert.ok(paths.includes(path), path);
  assert.is(ran, 1);
});

test("an image is built once, be it a target, a base of two others, or both", async () => {
  const below: ImageSpec = { ...spec, name: "below" };
  const over = { base: { image: below, inherit: "env" }, contents: [] } as const;
  let merged = 0;
  const counting = plugin("counting", (hooks) =>
    hooks.merge.tap("counting", (tree, { spec: { name } }) => {
      if (name === "below") merged++;
      return tree;
    }),
  );
  const graph = graphOf({ one: over, two: over });
  const results = await build([counting], { ...graph, images: new Map([...graph.images, ["below", below]]) });
  assert.is(merged, 1);
  assert.equal(
    results.map(({ target, image }) => [target, image.layers.length]),
    [
      ["one", 2],
      ["two", 2],
      ["below", 2],
    ],
  );
});

test("a source that is no image cannot be built on", async () => {
  const unknown = { base: { image: { kind: "thing", options: {} }, inherit: "all" } } as const;
  const error = await failure(build([], graphOf({ t: unknown })));
  assert.is(error.code, "E_CONFIG_INVALID");
  assert.match(error.message, /"thing" cannot be built on/);
});

test("a source, a strategy, a runner and an output that nobody brings are each said", async () => {
  const unknown = await failure(build([], graphOf({ t: { contents: [{ kind: "nix", options: {} }] } })));
  assert.match(unknown.message, /"nix"/);
  assert.match((await failure(build([], graphOf({ t: { layering: "magic" } })))).message, /"magic"/);
  const runs = [{ stage: "command", runner: "vm", name: "runAsRoot", script: "" }] as const;
  assert.match((await failure(build([], graphOf({ t: { runs } })))).message, /"vm".*runAsRoot/);
  assert.is((await failure(build([], graphOf(), { outputs: ["oci:x"] }))).code, "E_OUTPUT_INVALID");
});

test("a plugin that plans badly, or an image that breaks a rule, is caught", async () => {
  const half = plugin("half", (hooks) =>
    hooks.planned.tap("half", (plan) => ({ ...plan, groups: plan.groups.slice(1) })),
  );
  assert.is((await failure(build([half]))).code, "E_LAYERS");
  const broken = plugin("broken", (hooks) =>
    hooks.image.tap("broken", (image) => ({ ...image, layers: image.layers.slice(1) })),
  );
  assert.is((await failure(build([broken]))).code, "E_IMAGE_INVALID");
});

test("two plugins cannot bring the same thing, nor do without what they need", () => {
  assert.throws(
    () => createBuilder([base, { ...base, name: "twin" }]),
    (error: ImageDslError) => /"base" and "twin".*"nowhere"/.test(error.message),
  );
  assert.throws(
    () => createBuilder([plugin("needy", () => {}, { requires: ["debian"] })]),
    (error: ImageDslError) => error.code === "E_PLUGIN_INVALID",
  );
});

test("events tell the stages in order; plan writes nothing", async () => {
  const events: BuildEvent[] = [];
  await build([], graphOf(), { onEvent: (event) => events.push(event) });
  const stages = events.flatMap((event) => (event.type === "stage" && event.state === "done" ? [event.stage] : []));
  assert.equal(stages, ["collect", "merge", "plan", "command", "layer", "image"]);
  assert.equal([events[0]!.type, events.at(-1)!.type], ["build-started", "build-done"]);
  const [planned] = await planBuild(createBuilder([base]), graphOf(), { store: tmp() });
  assert.equal(
    planned!.plan.groups.map(({ nodes }) => nodes),
    [["lib"], ["app"]],
  );
});

test("an aborted build stops, and says so by its error", async () => {
  const controller = new AbortController();
  const stopping = plugin("stopping", (hooks) =>
    hooks.merge.tap("stopping", (tree) => {
      controller.abort();
      return tree;
    }),
  );
  const error = await failure(build([stopping], graphOf(), { signal: controller.signal }));
  assert.is((error as Error).name, "AbortError");
});

test("a build that is overtaken finds first what it seeks for the lock, and the next one takes that", async () => {
  const answers = v.custom<string>(() => true);
  let asked = 0;
  let isFound = false;
  let overtake = new AbortController();
  const pinning = plugin("pinning", (hooks) => {
    hooks.collect.for("pinned").tapPromise("pinning", async (_, { lock, signal }) => {
      if (lock.read("pinned", "t", "what", answers) === undefined) {
        asked++;
        overtake.abort(new Error("overtaken"));
        await new Promise((resolve) => setTimeout(resolve, 50));
        isFound = !signal.aborted;
        lock.write("pinned", "t", "what", "it");
      }
      return { nodes: [], roots: [] };
    });
  });
  const graph = graphOf({
    t: {
      contents: [
        { kind: "pinned", options: {} },
        { kind: "thing", options: {} },
      ],
    },
  });
  const builder = createBuilder([base, pinning]);
  const found = new Map();
  const options = () => ({ store: tmp(), overtaken: { signal: overtake.signal, found } });
  assert.is((await failure(runBuild(builder, graph, options()))).message, "overtaken");
  assert.ok(isFound, "what was sought was found before the end");
  assert.equal(readdirSync(graph.directory), [], "an image that nobody made pins nothing");
  overtake = new AbortController();
  await runBuild(builder, graph, options());
  assert.is(asked, 1);
  assert.match(readFileSync(join(graph.directory, "image.lock.json"), "utf8"), '"answer": "it"');
});

test("a build that seeks nothing ends as soon as it is overtaken", async () => {
  const overtake = new AbortController();
  const slow = plugin("slow", (hooks) =>
    hooks.collect.for("slow").tapPromise("slow", async (_, { signal }) => {
      overtake.abort(new Error("overtaken"));
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      throw signal.reason;
    }),
  );
  const graph = graphOf({ t: { contents: [{ kind: "slow", options: {} }] } });
  const overtaken = { signal: overtake.signal, found: new Map() };
  const error = await failure(runBuild(createBuilder([base, slow]), graph, { store: tmp(), overtaken }));
  assert.is(error.message, "overtaken");
});

test.run();
