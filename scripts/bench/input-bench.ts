/** The bench of an input: image-dsl over it, cold and warm, beside a pipe and other builders. */
import { join } from "node:path";
import type { Bench } from "./bench.ts";
import type { BenchInput } from "./inputs/input.ts";
import { peerRows } from "./peers.ts";
import { ownRows } from "./rows.ts";
import { inputTable } from "./table.ts";

export function inputBench(input: BenchInput): Bench {
  return {
    name: input.name,
    gigabytes: input.gigabytes,
    async make(folder, cli) {
      const { project, tree, title } = await input.make(folder, cli);
      const places = { cli, project, tree, folder: join(folder, "output") };
      const rows = [...ownRows(input, places), ...(input.hasPeers ? await peerRows(places) : [])];
      return { title, rows, table: inputTable };
    },
  };
}
