/** One file of 4 GB without holes: a block of noise, numbered anew each time it is written. */
import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { sizeOf, writeConfig, type BenchInput } from "./input.ts";

const BLOCK = 1 << 20;
const BLOCKS = 4096;
const PAGE = 4096;

export const oneFile: BenchInput = {
  name: "file",
  gigabytes: 6,
  isDebian: false,
  hasPeers: false,
  isStatted: false,
  async make(folder) {
    const project = join(folder, "file");
    const tree = join(project, "data");
    mkdirSync(tree, { recursive: true });
    await writeNoise(join(tree, "blob.bin"));
    writeConfig(project, `[files("data", { dest: "/data" })]`);
    return { project, tree, title: `one large file with files(), ${await sizeOf(tree)}` };
  },
};

async function writeNoise(path: string): Promise<void> {
  const block = noise();
  const file = await open(path, "wx");
  try {
    for (let index = 0; index < BLOCKS; index++) {
      // In each page, so that no two pages of the file are the same.
      for (let page = 0; page < BLOCK; page += PAGE) block.writeUInt32LE(index, page);
      await file.writeFile(block);
    }
  } finally {
    await file.close();
  }
}

/** The same bytes on every host; nothing compresses them. */
function noise(): Buffer {
  const parts = Array.from({ length: BLOCK / 64 }, (_, index) =>
    createHash("sha512").update(`bench ${index}`).digest(),
  );
  return Buffer.concat(parts);
}
