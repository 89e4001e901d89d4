/** So many files that what each entry takes in memory is what counts. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sizeOf, writeConfig, type BenchInput } from "./input.ts";

const FOLDERS = 2500;
const FILES = 100;

export const manyEntries: BenchInput = {
  name: "entries",
  gigabytes: 2,
  isDebian: false,
  hasPeers: false,
  isStatted: false,
  async make(folder) {
    const project = join(folder, "entries");
    const tree = join(project, "app");
    for (let index = 0; index < FOLDERS; index++) {
      const path = join(tree, `part-${index % 50}`, `folder-${index}`);
      mkdirSync(path, { recursive: true });
      for (let file = 0; file < FILES; file++) writeFileSync(join(path, `file-${file}.txt`), `${index} ${file}\n`);
    }
    writeConfig(project, `[files("app", { dest: "/app" })]`);
    return { project, tree, title: `very many tiny files with files(), ${await sizeOf(tree)}` };
  },
};
