/** From an image's arguments to its layers: as a program and a config file ask for them. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { ImageDslError } from "../../../core/error.ts";
import {
  buildLayeredImage,
  layering,
  plan,
  streamLayeredImage,
  text,
  type LayeredImageOptions,
  type PipelineStep,
} from "../../../plugins/index.ts";
import { layeringPipelinePlugin } from "../../../plugins/layering-pipeline/index.ts";
import { suite, tmp } from "../../harness.ts";
import { closureOf } from "../../reference/closures.ts";
import { nodesOf, planWith } from "../../reference/plans.ts";

const test = suite("plugins/layering-pipeline");

const contents = [text("/a", "a"), text("/b", "bb"), text("/c", "ccc"), text("/d", "dddd")];

async function layersOf(options: Partial<LayeredImageOptions>, directory = tmp()): Promise<string[]> {
  const image = buildLayeredImage({ name: "a", contents, ...options });
  const [planned] = await plan(image, { directory, store: tmp() });
  return planned!.plan.groups.map(({ reason }) => reason);
}

async function problemOf(options: Partial<LayeredImageOptions>, directory?: string): Promise<ImageDslError> {
  try {
    await layersOf(options, directory);
  } catch (error) {
    if (error instanceof ImageDslError) return error;
    throw error;
  }
  throw new Error(`${JSON.stringify(options)} was taken`);
}

test("steps in JSON, through buildLayeredImage", async () => {
  const layeringPipeline: readonly PipelineStep[] = [
    ["split_paths", ["/b"]],
    ["over", "rest", ["split_every", 2]],
  ];
  assert.equal(await layersOf({ layeringPipeline }), [
    "split_paths main: /b (2 B)",
    "split_paths rest, split_every 2, part 1: /a and /c (4 B)",
    "split_paths rest, split_every 2, part 2: /d (4 B)",
  ]);
});

test("steps as functions are the same JSON", () => {
  const { popularityContest, limitLayers, splitPaths, childrenOf, over, pipe } = layering;
  const steps = [
    splitPaths(["app", childrenOf("python3")]),
    over("main", pipe(layering.subcomponentIn("app"), over("rest", popularityContest()))),
    over("rest", pipe(layering.subcomponentOut(["libc*"]), layering.flatten(), layering.reverse())),
    layering.flatten(),
    limitLayers(20),
    layering.map(layering.removePaths({ role: "leaf" })),
    layering.map(layering.splitEvery(5)),
    layering.minSize(100_000),
    layering.map(layering.group({ runtime: ["lib*"], app: "app" })),
  ];
  assert.equal(JSON.parse(JSON.stringify(steps)), [
    ["split_paths", ["app", { children_of: "python3" }]],
    [
      "over",
      "main",
      [
        "pipe",
        [
          ["subcomponent_in", "app"],
          ["over", "rest", ["popularity_contest"]],
        ],
      ],
    ],
    ["over", "rest", ["pipe", [["subcomponent_out", ["libc*"]], ["flatten"], ["reverse"]]]],
    ["flatten"],
    ["limit_layers", 20],
    ["map", ["remove_paths", { role: "leaf" }]],
    ["map", ["split_every", 5]],
    ["min_size", 100_000],
    [
      "map",
      [
        "group",
        [
          { name: "runtime", paths: ["lib*"] },
          { name: "app", paths: "app" },
        ],
      ],
    ],
  ]);
});

test("a JSON file with the steps, from the config's folder; also for what another image is built on", async () => {
  const directory = tmp();
  mkdirSync(join(directory, "layers"));
  writeFileSync(join(directory, "layers/by-two.json"), `[["split_every", 2]]`);
  const layeringPipeline = "layers/by-two.json";
  const expected = ["split_every 2, part 1: /a and /b (3 B)", "split_every 2, part 2: /c and /d (7 B)"];
  assert.equal(await layersOf({ layeringPipeline }, directory), expected);

  const fromImage = streamLayeredImage({ name: "base", contents, layeringPipeline });
  const both = { name: "both", fromImage, contents: text("/e", "e"), layeringPipeline };
  const [planned] = await plan(buildLayeredImage(both), { directory, store: tmp() });
  assert.equal(
    planned!.plan.groups.map(({ reason }) => reason),
    ["split_every 2, part 1: /e (1 B)"],
  );
});

test("a file that is not there, no JSON, or no pipeline", async () => {
  const directory = tmp();
  assert.is((await problemOf({ layeringPipeline: "none.json" }, directory)).code, "E_CONFIG_LOAD");
  writeFileSync(join(directory, "half.json"), `[["flatten"]`);
  assert.is((await problemOf({ layeringPipeline: "half.json" }, directory)).code, "E_CONFIG_LOAD");
  writeFileSync(join(directory, "wrong.json"), `[["map", ["split_every", "3"]], "reverse"]`);
  const wrong = await problemOf({ layeringPipeline: "wrong.json" }, directory);
  assert.is(wrong.code, "E_CONFIG_INVALID");
  assert.is(wrong.place?.file, join(directory, "wrong.json"));
  assert.match(
    wrong.message,
    /\n {2}\[0\]\[1\]\[1\]: expected a whole number of at least 1, found the text "3"\n {2}\[1\]:/,
  );
});

test("the config check tells every wrong step, with its place among the arguments", async () => {
  const error = await problemOf({
    layeringPipeline: [
      ["limit_layer", 3],
      ["map", ["reverse", 1]],
    ] as never,
    tag: "a b",
  });
  assert.is(error.code, "E_CONFIG_INVALID");
  assert.match(error.message, /images\.layeringPipeline\[0\]\[0\]: .* did you mean "limit_layers"\?/);
  assert.match(error.message, /images\.layeringPipeline\[1\]\[1\]\[1\]: is too much: reverse takes no arguments/);
  assert.match(error.message, /images\.tag: expected a tag/);
  const kinds = await problemOf({
    layeringPipeline: [
      ["split_paths", "/a"],
      ["limit_layers", 3],
    ],
  });
  assert.match(kinds.message, /images\.layeringPipeline\[1\]: limit_layers cannot take parts by name/);
  // Only a path stands for a file.
  assert.match((await problemOf({ layeringPipeline: [["from_file", "x"]] as never })).message, /no known step/);
  assert.match((await problemOf({ layeringPipeline: "" })).message, /expected a list of steps/);
});

test("layering and layeringPipeline: one of them", async () => {
  assert.match((await problemOf({ layering: "auto", layeringPipeline: [] })).message, /leave one of them out/);
  assert.match((await problemOf({ layering: "pipeline" })).message, /there is no layeringPipeline/);
  assert.equal(await layersOf({ layeringPipeline: null, layering: "auto" }), await layersOf({}));
});

test("maxLayers does not limit a pipeline unless it is given; 127 always does", async () => {
  const many = Array.from({ length: 127 }, (_, index) => text(`/file-${index}`, "x"));
  const layeringPipeline: readonly PipelineStep[] = [["split_every", 1]];
  assert.is((await layersOf({ contents: many.slice(0, 126), layeringPipeline })).length, 126);
  for (const maxLayers of [undefined, 500]) {
    const error = await problemOf({ contents: many, layeringPipeline, maxLayers });
    assert.is(error.code, "E_LAYERS");
    assert.match(error.message, /makes 127 layers, but only 126 are left for the closure/);
  }
  assert.match((await problemOf({ layeringPipeline, maxLayers: 4 })).hint!, /"limit_layers", 3\]/);
});

test('plans for "pipeline" alone', () => {
  const graph = closureOf({ app: ["lib"], lib: [] });
  const limits = { layers: 2, pipeline: [["popularity_contest"]] } as const;
  assert.equal(nodesOf(planWith(layeringPipelinePlugin, "pipeline", graph, limits)!), [["lib"], ["app"]]);
  assert.is(planWith(layeringPipelinePlugin, "auto", graph, limits), undefined);
});

test.run();
