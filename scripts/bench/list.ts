/** All benches, in the order of their documents. */
import type { Bench } from "./bench.ts";
import { inputBench } from "./input-bench.ts";
import { INPUTS } from "./inputs/list.ts";
import { nodeApp } from "./node-app/node-app.ts";
import { npmCi } from "./node-app/npm-ci.ts";
import { watch } from "./node-app/watch.ts";
import { firstPush } from "./shipping/first-push.ts";
import { load } from "./shipping/load.ts";
import { oneLine } from "./shipping/one-line.ts";
import { push } from "./shipping/push.ts";
import { data } from "./vm/data.ts";
import { nixpkgs } from "./vm/nixpkgs.ts";
import { start } from "./vm/start.ts";
import { trees } from "./vm/trees.ts";

/** What one run measures, and the document that tells of it. */
export interface Suite {
  readonly document: string;
  readonly benches: readonly Bench[];
}

export const SUITES: Readonly<Record<string, Suite>> = {
  images: {
    document: "docs/benchmarks.md",
    benches: [...INPUTS.map(inputBench), push, firstPush, load, oneLine, nodeApp, npmCi, watch],
  },
  vm: { document: "docs/vm.md", benches: [start, data, trees, nixpkgs] },
};
