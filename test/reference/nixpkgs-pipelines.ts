/** What nixpkgs' own code made of some pipelines, and the closure it was given: a site in python, and two tools. */
import { readFileSync } from "node:fs";
import { closureGraph } from "../../core/closure/closure-graph.ts";
import type { ClosureGraph } from "../../core/closure/closure.ts";
import type { LayeringPipeline } from "../../core/model/layering-pipeline.ts";
import { closureNode } from "./closures.ts";

export interface NixpkgsCase {
  readonly name: string;
  readonly pipeline: LayeringPipeline;
  /** Of each layer, the paths in byte order. What `remove_paths` took is in none. */
  readonly layers: readonly (readonly string[])[];
}

interface Fixture {
  readonly graph: readonly { readonly path: string; readonly narSize: number; readonly references: string[] }[];
  readonly pipelines: readonly NixpkgsCase[];
}

const fixture = JSON.parse(
  readFileSync(new URL("../fixtures/layering-pipelines/nixpkgs.json", import.meta.url), "utf8"),
) as Fixture;

export const nixpkgsCases = fixture.pipelines;

/** Nodes are named as the source `nix` names them: without the hash. */
export function storeClosure(): ClosureGraph {
  const nodes = fixture.graph.map(({ path, narSize, references }) =>
    closureNode(path, references, { name: path.slice("/nix/store/".length + 33), size: narSize }),
  );
  return closureGraph(nodes, []);
}
