/** A layer of an image from elsewhere: read from where it lies, or from the store where it was compressed. */
import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { compressionOfFile } from "../compress/detect-file.ts";
import { readRange } from "../compress/read-range.ts";
import type { UnpackInput, UnpackOutput } from "../compress/unpack.ts";
import { ImageDslError } from "../error.ts";
import { runtime } from "../host.ts";
import type { Layer, LayerBlob } from "../image/image.ts";
import { digestFromHex, digestOf, digestOfChunks, hexOf, type Digest } from "../model/digest.ts";
import type { Entry, HostStat } from "../model/entry.ts";
import { onceInBuild } from "../model/once-in-build.ts";
import type { Tasks } from "../model/tasks.ts";
import { openRegular } from "../regular-file.ts";
import { fileFact } from "../store/file-facts.ts";
import type { Store } from "../store/store.ts";
import { decodeEntries, encodeEntries } from "../tar/entry-columns.ts";
import { indexTar } from "../tar/index-tar.ts";
import { hostStatOf, sameStat } from "../tree/content.ts";
import { interruptible } from "../tree/turns.ts";

/** A stretch of a file of the host. */
export interface FilePlace {
  /** Absolute; refused when it is read where it is no regular file. */
  readonly file: string;
  /** Bytes from the file's beginning. */
  readonly offset: number;
  /** Bytes; the file has to have as many behind `offset`. */
  readonly size: number;
}

export interface ReadingContext {
  readonly signal: AbortSignal;
  readonly store: Store;
  readonly tasks: Tasks;
}

const INDEX_KIND = "layer-index-2";

/** A tar that was compared with its digest, and what the host said of its file before that. */
interface CheckedTar extends FilePlace {
  readonly stat: HostStat;
}

/**
 * `blob`: the layer as it was distributed, where it was. Throws `E_HASH_MISMATCH` where it is not what the image's config
 * and manifest say. It is read for that once.
 */
export async function storedLayer(
  place: FilePlace,
  diffID: Digest,
  context: ReadingContext,
  blob?: LayerBlob,
): Promise<Layer> {
  const tar = await plainTar(place, diffID, context, blob?.digest);
  return {
    entries: await entriesOnce(context, `${diffID} ${tar.offset} ${tar.file}`, () => entriesOf(tar, diffID, context)),
    size: tar.size,
    diffID: () => Promise.resolve(diffID),
    knownDiffID: () => diffID,
    ...(blob && { blob }),
    async *open() {
      const handle = await openRegular(tar.file);
      const isAsListed = async (): Promise<boolean> => sameStat(tar.stat, hostStatOf(await handle.stat()));
      // Deno tells when a file was changed in whole seconds, in which much can happen: there the bytes are compared.
      const hash = runtime() === "deno" ? createHash("sha256") : undefined;
      try {
        if (!(await isAsListed())) throw changed(tar);
        for await (const piece of readRange(handle, tar.offset, tar.size)) {
          hash?.update(piece);
          yield piece;
        }
        const isSame = hash === undefined || digestFromHex(hash.digest("hex")) === diffID;
        if (!isSame || !(await isAsListed())) throw changed(tar);
      } finally {
        await handle.close();
      }
    },
  };
}

/** `distributed`: the digest that the manifest says of the bytes in `place`. */
async function plainTar(
  place: FilePlace,
  diffID: Digest,
  { store, tasks, signal }: ReadingContext,
  distributed: Digest | undefined,
): Promise<CheckedTar> {
  const format = await compressionOfFile(place.file, place.offset, place.size);
  if (format === "none") {
    const stat = hostStatOf(statSync(place.file));
    const { file, ...part } = place;
    const found = await fileFact(store, "layer-digests", { file, part }, () =>
      digestOfChunks(interruptible(readAt(place), signal)),
    );
    if (found !== diffID) throw mismatch(place, found as Digest, diffID, "config");
    if (distributed !== undefined && found !== distributed) throw mismatch(place, found, distributed, "manifest");
    return { ...place, stat };
  }
  // Under both digests: that another blob held this tar says nothing of this one.
  const key = distributed === undefined ? diffID : digestOf(`${distributed}\n${diffID}`);
  const file = await store.derive("base-layers", hexOf(key), ".tar", async (output) => {
    const input: UnpackInput = { ...place, format, output };
    const { sha256, inputSha256 } = await tasks.inWorker<UnpackInput, UnpackOutput>("unpack", input);
    if (distributed !== undefined && inputSha256 !== distributed)
      throw mismatch(place, inputSha256, distributed, "manifest");
    if (sha256 !== diffID) throw mismatch(place, sha256, diffID, "config");
    return sha256;
  });
  const stat = hostStatOf(statSync(file));
  return { file, offset: 0, size: stat.size, stat };
}

/** Hundreds of images may be built on one. */
const entriesOnce = onceInBuild<readonly Entry[]>();

/** What the layer's tar holds; its whiteouts are entries among others. */
async function entriesOf(tar: FilePlace, diffID: Digest, { store, signal }: ReadingContext): Promise<readonly Entry[]> {
  const key = hexOf(diffID);
  const origin = { file: tar.file, archive: diffID };
  const known = decodeEntries((await store.readRecord(INDEX_KIND, key)) ?? null, origin);
  const entries = known ?? (await indexTar(interruptible(readAt(tar), signal), origin, { isLayer: true })).entries();
  if (known === undefined) await store.writeRecord(INDEX_KIND, key, encodeEntries(entries));
  return tar.offset === 0 ? entries : entries.map((entry) => shifted(entry, tar.offset));
}

/** The index counts from the layer's first byte. */
function shifted(entry: Entry, by: number): Entry {
  if (entry.type !== "file" || entry.content.kind !== "slice") return entry;
  return { ...entry, content: { ...entry.content, offset: entry.content.offset + by } };
}

/** The bytes of one place in chunks, each a buffer of its own; throws where the file is no regular one or ends before. */
export async function* readAt({ file, offset, size }: FilePlace): AsyncGenerator<Uint8Array> {
  const handle = await openRegular(file);
  try {
    yield* readRange(handle, offset, size);
  } finally {
    await handle.close();
  }
}

function changed({ file }: FilePlace): ImageDslError {
  return new ImageDslError("E_CONTENT_CHANGED", `${file} changed while the image was built on it`, {
    hint: "Build again when nothing writes to it",
  });
}

function mismatch({ file }: FilePlace, found: Digest, expected: Digest, by: "config" | "manifest"): ImageDslError {
  return new ImageDslError(
    "E_HASH_MISMATCH",
    `A layer in ${file} has the sha256 ${hexOf(found)}, but its image's ${by} says ${hexOf(expected)}`,
    { hint: "It is damaged, or was changed after it was made: make it again" },
  );
}
