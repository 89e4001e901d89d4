/**
 * Opening a .deb (deb(5)): an ar archive of `debian-binary`, `control.tar` and `data.tar`. The decompressed data.tar is
 * kept in the store with an index of it, so that a package is decompressed and read through once.
 */
import type { FileHandle } from "node:fs/promises";
import {
  ImageDslError,
  archiveIsHere,
  decompress,
  displayBytes,
  findArchiveIndex,
  hexOf,
  indexTar,
  interruptible,
  keepArchiveIndex,
  onceInBuild,
  placedIn,
  readArMembers,
  readRange,
  readTarFiles,
  type ArMember,
  type BuildContext,
  type CompressionFormat,
  type Digest,
  type FileTree,
  type UnpackInput,
  type UnpackOutput,
  openRegular,
} from "../../../core/index.ts";
import { INDEX_KIND, decodeIndex, encodeIndex, type DebContents } from "./deb-index.ts";

/** A verified .deb in the store. */
export interface DebFile {
  readonly file: string;
  /** What it is known by: its own digest, or one that stands for another checksum. */
  readonly identity: Digest;
  /** Names it in messages: `redis-server 5:7.0.15-1 (amd64)`. */
  readonly name: string;
}

export type DebContext = Pick<BuildContext, "store" | "shared" | "deferral" | "tasks" | "signal">;

/**
 * Control members and tree of a .deb; contents are slices of its decompressed data.tar in the store. Throws
 * `E_ARCHIVE_FORMAT` for what is no .deb, `E_COMPRESSION`, `E_TAR_INVALID`, `E_TAR_LIMIT`.
 */
export function readDeb(deb: DebFile, context: DebContext): Promise<DebContents> {
  return readOnce(context, deb.identity, () => placedIn(deb.name, () => readParts(deb, context)));
}

const readOnce = onceInBuild<DebContents>();

async function readParts(deb: DebFile, context: DebContext): Promise<DebContents> {
  const key = hexOf(deb.identity);
  const tar = await context.store.derive("packages", key, ".tar", (output) => unpackData(deb, output, context));
  const record = (await context.store.readRecord(INDEX_KIND, key)) ?? null;
  archiveIsHere(tar);
  const known = decodeIndex(record, { file: tar, archive: deb.identity });
  if (known) return known;

  const contents = { control: await readControl(deb), tree: await readTree(tar, deb.identity, context.signal) };
  await keepArchiveIndex(context, { kind: INDEX_KIND, key, file: tar }, encodeIndex(contents));
  return contents;
}

/** As another machine found it, of a package that is not here; `bring` brings it. Undefined where it is not known. */
export function findDeferredDeb(
  identity: Digest,
  bring: () => Promise<unknown>,
  context: DebContext,
): Promise<DebContents | undefined> {
  return findOnce(context, identity, async () => {
    const key = hexOf(identity);
    const file = context.store.derivedPath("packages", key, ".tar");
    const index = await findArchiveIndex(context, { kind: INDEX_KIND, key, file }, bring);
    return index === undefined ? undefined : decodeIndex(index, { file, archive: identity });
  });
}

const findOnce = onceInBuild<DebContents | undefined>();

interface DebLayout {
  readonly control: ArMember;
  readonly data: ArMember;
}

/** Members whose names begin with `_` are others' business; all else has its place. */
async function readLayout(file: FileHandle, name: string): Promise<DebLayout> {
  const members = (await readArMembers(file, name)).filter((member) => !member.name.startsWith("_"));
  const [version, control, data] = members;
  if (
    version?.name !== "debian-binary" ||
    !control?.name.startsWith("control.tar") ||
    !data?.name.startsWith("data.tar")
  ) {
    throw invalid(name, "its members are not debian-binary, control.tar and data.tar");
  }
  const text = await readAll(readRange(file, version.offset, Math.min(version.size, 16)));
  if (!/^2\.[0-9]+\n/.test(text.toString("latin1"))) throw invalid(name, "its format is not version 2");
  return { control, data };
}

/** xz takes all of a core, so this is a worker's job. */
async function unpackData(deb: DebFile, output: string, { tasks }: DebContext): Promise<Digest> {
  const { data } = await withFile(deb.file, (file) => readLayout(file, deb.name));
  const { sha256 } = await tasks.inWorker<UnpackInput, UnpackOutput>("unpack", {
    file: deb.file,
    offset: data.offset,
    size: data.size,
    format: formatOf(data, deb.name),
    output,
  });
  return sha256;
}

async function readControl({ file: path, name }: DebFile): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = await withFile(path, async (file) => {
    const { control } = await readLayout(file, name);
    const packed = readRange(file, control.offset, control.size);
    const tar = decompress(packed, formatOf(control, name), "tar.whole");
    return readTarFiles(tar, (path) => {
      // dpkg moves links out of the folder that they lead through: what it would run then is anybody's guess.
      throw invalid(name, `its control.tar has ${displayBytes(path)} as a link or device, not as a file`);
    });
  });
  if (!files.has("control" as never)) throw invalid(name, "its control.tar holds no file named control");
  return new Map([...files].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function readTree(tar: string, archive: Digest, signal: AbortSignal): Promise<FileTree> {
  return withFile(tar, async (file) => {
    const { size } = await file.stat();
    return indexTar(interruptible(readRange(file, 0, size), signal), { file: tar, archive });
  });
}

async function withFile<Result>(path: string, work: (file: FileHandle) => Promise<Result>): Promise<Result> {
  const file = await openRegular(path);
  try {
    return await work(file);
  } finally {
    await file.close();
  }
}

const FORMATS: Readonly<Record<string, CompressionFormat>> = {
  "": "none",
  ".gz": "gz",
  ".bz2": "bz2",
  ".xz": "xz",
  ".zst": "zst",
};

function formatOf(member: ArMember, name: string): CompressionFormat {
  const suffix = /^[a-z]+\.tar(.*)$/.exec(member.name)?.[1] ?? "?";
  const format = FORMATS[suffix];
  if (format === undefined)
    throw invalid(name, `the compression of "${member.name.slice(0, 40)}" is none of xz, zst, gz, bz2`);
  return format;
}

async function readAll(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

function invalid(name: string, what: string): ImageDslError {
  return new ImageDslError("E_ARCHIVE_FORMAT", `Cannot read the package ${name}: ${what}`, {
    hint: "The archive serves a damaged package: report it to whoever runs it",
  });
}
