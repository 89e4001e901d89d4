/**
 * Layers as they travel: contents become parts of blobs. Of an archive of which most is wanted (a package, what a script wrote), the blob is the
 * decompressed archive itself, which the store has and other layers want as well; a large file of the host, such as a runtime, is one itself, for the
 * same reason; everything else is gathered into one blob. So a task has few blobs, however many files there are.
 */
import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import type { LayerRecipe } from "../../image/image.ts";
import { decodeText } from "../../model/bytes.ts";
import { digestFromHex, digestOfChunks, type Digest } from "../../model/digest.ts";
import type { ContentHandle, Entry, FileEntry } from "../../model/entry.ts";
import type { WorkInput } from "../../model/work.ts";
import { streamRegular } from "../../regular-file.ts";
import { fileFact } from "../../store/file-facts.ts";
import type { Store } from "../../store/store.ts";
import { openContent } from "../../tree/content.ts";
import { hashContents, streamContents } from "../../tree/content-chunks.ts";
import { inTurns, interruptible } from "../../tree/turns.ts";
import type { PortableLayer } from "./layer-task.ts";

const CHUNK = 1024 * 1024;
/** Of an archive less of which is wanted, the rest would travel for nothing. */
const MOST = 0.5;
/** What is smaller is gathered. */
const LARGE = 1024 * 1024;

export interface PortableLayers {
  readonly layers: readonly PortableLayer[];
  readonly inputs: readonly WorkInput[];
}

export interface PortablePlaces {
  readonly store: Pick<Store, "readRecord" | "writeRecord">;
  readonly signal: AbortSignal;
}

/** Reads what is not of an archive. Throws `E_CONTENT_CHANGED` and `E_CONTENT_UNREADABLE`. */
export async function portableLayers(recipes: readonly LayerRecipe[], places: PortablePlaces): Promise<PortableLayers> {
  const files = recipes.flatMap(({ entries }) => entries.filter(hasBytes));
  const wholes = new Map<string, WorkInput>();
  for (const [file, path] of wantedArchives(files)) wholes.set(file, await archiveInput(path, places));
  for (const { file, path, entry } of largeFiles(files)) wholes.set(file, await fileInput(entry, path, places));
  const wholeOf = ({ content }: FileEntry): WorkInput | undefined =>
    content.kind === "inline" ? undefined : wholes.get(content.file);
  const loose = files.filter((file) => wholeOf(file) === undefined);
  const gathered = loose.length === 0 ? undefined : await gatheredInput(loose, places.signal);

  let offset = 0;
  function travelling(entry: Entry): Entry {
    if (entry.type !== "file") return entry;
    if (!hasBytes(entry)) return sliced(entry, NO_BYTES);
    const whole = wholeOf(entry);
    if (whole !== undefined) {
      return sliced(entry, partOf(whole, entry.content.kind === "slice" ? entry.content.offset : 0));
    }
    const start = offset;
    offset += entry.size;
    return sliced(entry, partOf(gathered!, start));
  }

  const inputs = [...wholes.values(), ...(gathered ? [gathered] : [])];
  return {
    layers: recipes.map(({ entries }) => ({ entries: entries.map(travelling) })),
    inputs: [...new Map(inputs.map((input) => [input.blob.digest, input])).values()],
  };
}

type Slice = ContentHandle & { kind: "slice" };

const NO_BYTES: Slice = { kind: "slice", file: "", archive: "" as Digest, offset: 0 };

function sliced(entry: FileEntry, content: Slice): FileEntry {
  return { ...entry, content };
}

function partOf({ blob }: WorkInput, offset: number): Slice {
  return { kind: "slice", file: "", archive: blob.digest, offset };
}

function hasBytes(entry: Entry): entry is FileEntry {
  return entry.type === "file" && entry.size > 0;
}

/** With their paths; one whose path is no text is gathered like files. */
function* wantedArchives(files: readonly FileEntry[]): Generator<readonly [file: string, path: string]> {
  const wanted = new Map<string, number>();
  for (const { content, size } of files) {
    if (content.kind === "slice") wanted.set(content.file, (wanted.get(content.file) ?? 0) + size);
  }
  for (const [file, bytes] of wanted) {
    const path = decodeText(file);
    if (path !== undefined && bytes >= MOST * statSync(path).size) yield [file, path];
  }
}

function* largeFiles(
  files: readonly FileEntry[],
): Generator<{ readonly file: string; readonly path: string; readonly entry: FileEntry }> {
  for (const entry of files) {
    const { content, size } = entry;
    const path = content.kind === "host" && size >= LARGE ? decodeText(content.file) : undefined;
    if (content.kind === "host" && path !== undefined) yield { file: content.file, path, entry };
  }
}

/** What the store has was looked at when the build took it; its digest is kept by its stat. */
async function archiveInput(path: string, { store, signal }: PortablePlaces): Promise<WorkInput> {
  const open = (): AsyncIterable<Uint8Array> => interruptible(streamRegular(path, CHUNK), signal);
  const digest = (await fileFact(store, "file-digests", { file: path }, () => digestOfChunks(open()))) as Digest;
  return { blob: { digest, size: statSync(path).size }, open };
}

/** Its digest is kept by its stat. Throws `E_CONTENT_CHANGED` where that is another one than when it was listed. */
async function fileInput(entry: FileEntry, path: string, { store, signal }: PortablePlaces): Promise<WorkInput> {
  const make = (): Promise<Digest> => digestOfFiles([entry], signal);
  const digest = (await fileFact(store, "file-digests", { file: path }, make)) as Digest;
  const reader = openContent(entry);
  try {
    reader.finish();
  } finally {
    reader.close();
  }
  return filesInput([entry], digest, signal);
}

async function gatheredInput(files: readonly FileEntry[], signal: AbortSignal): Promise<WorkInput> {
  return filesInput(files, await digestOfFiles(files, signal), signal);
}

async function digestOfFiles(files: readonly FileEntry[], signal: AbortSignal): Promise<Digest> {
  const hash = createHash("sha256");
  await inTurns(hashContents(files, hash), signal);
  return digestFromHex(hash.digest("hex"));
}

/** Read for its digest, and again when it is sent: what changed between is refused where it arrives. */
function filesInput(files: readonly FileEntry[], digest: Digest, signal: AbortSignal): WorkInput {
  return {
    blob: { digest, size: files.reduce((sum, file) => sum + file.size, 0) },
    async *open() {
      // Who sends reads ahead, and what `streamContents` gives does not stay.
      for await (const chunk of streamContents(files, signal)) yield Buffer.from(chunk);
    },
  };
}
