/** The examples of docs/layering.md, word for word: tsc checks them, test/docs/layering.test.ts compares and runs them. */
import { buildLayeredImage, layering, type PipelineStep } from "image-dsl";

export const applicationLast = [
  layering.subcomponentIn("my-site-*"),
  layering.over("rest", layering.pipe(layering.popularityContest(), layering.limitLayers(20), layering.reverse())),
  layering.flatten(),
  layering.reverse(),
];

export const byHand = [
  layering.group({ python: ["python3-*", "openssl-*", "sqlite-*"], site: ["my-site-*", "*-flask-*"] }),
  layering.over("rest", layering.pipe(layering.popularityContest(), layering.limitLayers(10))),
];

export const noTinyLayers = [layering.popularityContest(), layering.minSize(1_000_000), layering.limitLayers(40)];

// As JSON, what is wrong is red in the editor.
buildLayeredImage({ name: "a", layeringPipeline: applicationLast });
buildLayeredImage({ name: "a", layeringPipeline: "layers.json" });
buildLayeredImage({
  name: "a",
  layeringPipeline: [
    ["split_paths", ["a", { children_of: ["b", { role: "root" }] }]],
    ["over", "main", ["pipe", [["popularity_contest"], ["limit_layers", 2]]]],
  ],
});
// @ts-expect-error no such step
buildLayeredImage({ name: "a", layeringPipeline: [["split_path", ["a"]]] });
// @ts-expect-error a number
buildLayeredImage({ name: "a", layeringPipeline: [["limit_layers", "2"]] });
// @ts-expect-error no such role
export const role: PipelineStep = ["subcomponent_in", [{ role: "top" }]];
// @ts-expect-error a step is wanted
layering.map("flatten");
