/** Many small files from the host, as a `node_modules` has them. Sizes are made up, but the same in every run. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sizeOf, writeConfig, type BenchInput } from "./input.ts";

const FOLDERS = 1750;

export const manyFiles: BenchInput = {
  name: "files",
  gigabytes: 6,
  isDebian: false,
  hasPeers: true,
  isStatted: true,
  async make(folder) {
    const project = join(folder, "files");
    const tree = join(project, "app");
    for (let index = 0; index < FOLDERS; index++) {
      writeFolder(join(tree, `package-${index % 250}`, `part-${index}`), index);
    }
    writeConfig(project, `[files("app", { dest: "/app" })]`);
    return { project, tree, title: `many small files with files(), ${await sizeOf(tree)}` };
  },
};

/** 14 or 15 files, 25,000 in all. */
function writeFolder(path: string, index: number): void {
  mkdirSync(path, { recursive: true });
  const files = index < 500 ? 15 : 14;
  for (let file = 0; file < files; file++) {
    const size = (index * 7919 + file * 104_729) % 37_000;
    writeFileSync(join(path, `file-${file}.js`), Buffer.alloc(size, `${index}.${file} `));
  }
}
