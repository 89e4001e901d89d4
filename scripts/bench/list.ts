/** All benches, in the order of the document. */
import type { Bench } from "./bench.ts";
import { inputBench } from "./input-bench.ts";
import { INPUTS } from "./inputs/list.ts";
import { firstPush } from "./shipping/first-push.ts";
import { load } from "./shipping/load.ts";
import { push } from "./shipping/push.ts";

export const BENCHES: readonly Bench[] = [...INPUTS.map(inputBench), push, firstPush, load];
