/** Layers to be made in several places: of every kind of entry and of content; and what this machine makes of them. */
import { statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Codec } from "../../../../core/compress/codec.ts";
import { compressStream } from "../../../../core/compress/compress-stream.ts";
import type { LayerRecipe } from "../../../../core/image/image.ts";
import { hashedTar } from "../../../../core/image/layer.ts";
import { encodeText } from "../../../../core/model/bytes.ts";
import { digestOf, digestOfChunks, type Digest } from "../../../../core/model/digest.ts";
import type { ContentHandle, Entry, EntryMeta } from "../../../../core/model/entry.ts";
import { treePath, type TreePath } from "../../../../core/model/path.ts";
import { taskPool } from "../../../../core/tasks/task-pool.ts";
import { hostStatOf } from "../../../../core/tree/content.ts";

const WORKER = new URL("../source-worker.mjs", import.meta.url);

/** Their files lie in `folder`. */
export function recipesIn(folder: string, mtime: number): readonly LayerRecipe[] {
  const file = (name: string, bytes: Uint8Array): string => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    utimesSync(path, mtime, mtime);
    return encodeText(path);
  };
  const noise = Buffer.alloc(5_000_000);
  for (let at = 0; at < noise.length; at++) noise[at] = (at * at) >> (at % 7);
  const most = file("most.tar", noise);
  const little = file("little.tar", noise.subarray(1_000));
  const host = (name: string, bytes: Uint8Array): ContentHandle => {
    const path = file(name, bytes);
    return { kind: "host", file: path, stat: hostStatOf(statSync(join(folder, name))) };
  };
  const meta = (path: string): EntryMeta => ({ path: treePath(path), mode: 0o644, uid: 7, gid: 0, mtime: 5 });
  const sliceOf = (path: string, archive: string, offset: number, size: number): Entry => ({
    ...meta(path),
    type: "file",
    size,
    content: { kind: "slice", file: archive, archive: digestOf("compressed"), offset },
  });
  const first: Entry[] = [
    { ...meta("d"), type: "directory", mode: 0o1755 },
    { ...meta("d/caf\u00c3\u00a9"), path: "d/\u00ff" as TreePath, type: "symlink", target: "../\u00fe" },
    { ...meta("d/dev"), type: "character", major: 1, minor: 3 },
    { ...meta("d/empty"), type: "file", size: 0, content: { kind: "inline", bytes: new Uint8Array(0) } },
    { ...meta("d/fifo"), type: "fifo", uname: "somebody", xattrs: { "user.a": "\u0001" } },
    sliceOf("d/large", most, 17, 3_000_000),
    { ...meta("d/text"), type: "file", size: 5, content: { kind: "inline", bytes: Buffer.from("text\n") } },
    { ...meta("d/text2"), type: "hardlink", target: treePath("d/text") },
    { ...meta("e"), type: "file", size: 12, content: host("own", Buffer.from("of the host\n")) },
    { ...meta("runtime"), type: "file", size: 2_000_000, content: host("runtime", noise.subarray(0, 2_000_000)) },
  ];
  return [{ entries: first }, { entries: [sliceOf("f", most, 3, 99), sliceOf("g", little, 5, 99)] }, { entries: [] }];
}

/** What is made at home. */
export async function madeHere(recipe: LayerRecipe, codec: Codec): Promise<{ diffID: Digest; digest: Digest }> {
  const { signal } = new AbortController();
  const tasks = taskPool({ jobs: 2, signal, worker: WORKER });
  try {
    let diffID: Digest | undefined;
    async function* tar(): AsyncGenerator<Uint8Array> {
      diffID = yield* hashedTar(recipe, signal);
    }
    const digest = await digestOfChunks(compressStream(tar(), codec, { tasks, signal }));
    return { diffID: diffID!, digest };
  } finally {
    await tasks.close();
  }
}
