/** 10,000 tiny nodes: what planning and keeping account of nodes cost, with next to no bytes in them. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { layOut, sizeOf, writeConfig, type BenchInput } from "./input.ts";

const NODES = 10_000;

export const manyNodes: BenchInput = {
  name: "nodes",
  gigabytes: 1,
  isDebian: false,
  hasPeers: false,
  isStatted: false,
  async make(folder, cli) {
    const project = join(folder, "nodes");
    mkdirSync(project);
    const node = "text(`/srv/${index % 100}/${index}`, `node ${index}\\n`)";
    writeConfig(project, `Array.from({ length: ${NODES} }, (_, index) => ${node})`);
    const tree = await layOut(project, cli);
    return { project, tree, title: `${NODES.toLocaleString("en")} tiny nodes with text(), ${await sizeOf(tree)}` };
  },
};
