// @runtimes node
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { planByPipeline, type LayeringPipeline } from "../../core/index.ts";
import { suite } from "../harness.ts";
import { storeClosure } from "../reference/nixpkgs-pipelines.ts";
import { nodesOf } from "../reference/plans.ts";
import { applicationLast, byHand, noTinyLayers } from "../types/layering.ts";

const test = suite("docs/layering");
const project = join(import.meta.dirname, "../..");
const page = readFileSync(join(project, "docs/layering.md"), "utf8");

function examples(language: string): string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "gms"))].map(([, example]) => example!);
}

/** The layers by their nodes' names, of the closure of a site in python. */
function layersOf(pipeline: LayeringPipeline): string[][] {
  const graph = storeClosure();
  const plan = planByPipeline(graph, { layers: 126, pipeline });
  return nodesOf(plan).map((ids) => ids.map((id) => graph.nodes.get(id)!.name));
}

/** Modules of their own are another test's (docs/blocks). */
test("every pipeline in TypeScript stands word for word in a file that tsc checks", () => {
  const checked = readFileSync(join(project, "test/types/layering.ts"), "utf8").replaceAll("export const", "const");
  const pipelines = examples("ts").filter((example) => !example.startsWith("import "));
  assert.is(pipelines.length, 3);
  for (const example of pipelines) assert.ok(checked.includes(example), example);
});

test("every example does what the page says of it", () => {
  const last = layersOf(applicationLast);
  assert.equal([last[0], last[1], last.at(-1)], [["libunistring-1.1"], ["xgcc-13.3.0-libgcc"], ["my-site-1.0"]]);
  assert.is(last.length, 21);

  assert.equal(layersOf(byHand).slice(0, 2), [
    ["openssl-3.3.2", "python3-3.12.6", "sqlite-3.46.1"],
    ["my-site-1.0", "python3.12-flask-3.0.3"],
  ]);

  const graph = storeClosure();
  const plan = planByPipeline(graph, { layers: 126, pipeline: noTinyLayers });
  assert.ok(plan.groups.length > 10 && plan.groups.every(({ size }) => size >= 1_000_000));

  const [shared, limited] = examples("json").map((example) => layersOf(JSON.parse(example) as LayeringPipeline));
  assert.equal(shared![0], ["libunistring-1.1"]);
  assert.is(shared!.slice(0, 5).flat().includes("python3-3.12.6"), true);
  assert.is(shared!.slice(0, 5).flat().includes("my-site-1.0"), false);
  assert.ok(limited!.length >= 3 && limited!.length <= 12);
  assert.is(examples("json").length, 2);
});

test.run();
