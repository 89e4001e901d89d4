// @runtimes node
/** Passing over contents gives what reading them gives. */
import { spawnSync } from "node:child_process";
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import * as assert from "uvu/assert";
import { digestOf } from "../../../core/model/digest.ts";
import { indexTar } from "../../../core/tar/index-tar.ts";
import { passingChunks } from "../../../core/tar/passing-chunks.ts";
import { readWhole } from "../../../core/tree/content.ts";
import { encodeText } from "../../../core/model/bytes.ts";
import type { FileTree } from "../../../core/tree/file-tree.ts";
import { requireTool, suite, tmp } from "../../harness.ts";

const test = suite("tar/passing-chunks");

/** About the borders of blocks, and of the pieces that a file is read in. */
const SIZES = [0, 1, 511, 512, 513, 2 ** 20 - 512, 2 ** 20, 2 ** 20 + 1, 3 * 2 ** 20 + 100];
const ARCHIVE = digestOf("");

test("a tar whose contents are passed over gives the same tree, and the same refusal where it is cut off", async () => {
  requireTool("tar");
  const folder = tmp();
  SIZES.forEach((size, index) => writeFileSync(join(folder, `file-${index}`), Buffer.alloc(size, `${index}`)));
  const names = SIZES.map((_, index) => `file-${index}`);
  const property = fc.asyncProperty(fc.shuffledSubarray(names, { minLength: 1 }), fc.nat(), async (chosen, cut) => {
    const file = join(folder, "made.tar");
    spawnSync("tar", ["-b", "1", "-C", folder, "-cf", file, ...chosen]);
    const read = (path: string) => {
      const { length } = readFileSync(path);
      return indexTar(passingChunks(path, length), { file: encodeText(path), archive: ARCHIVE });
    };
    assert.equal(contents(await read(file)), new Map(chosen.toSorted().map((name) => [name, digestIn(folder, name)])));
    truncateSync(file, cut % (readFileSync(file).length - 1023));
    const error = await read(file).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    assert.is((error as { code?: string } | undefined)?.code, "E_TAR_INVALID");
  });
  await fc.assert(property, { numRuns: 30 });
});

test.run();

function contents(tree: FileTree): ReadonlyMap<string, string> {
  const files = tree.entries().flatMap((entry) => (entry.type === "file" ? [entry] : []));
  return new Map(files.map((file) => [file.path, digestOf(readWhole(file))]));
}

function digestIn(folder: string, name: string): string {
  return digestOf(readFileSync(join(folder, name)));
}
