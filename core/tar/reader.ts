/**
 * Reading tar streams from anywhere: ustar, pax, GNU long names and base-256 numbers, old v7. Strict and bounded;
 * nothing touches the disk. Gives members as they stand in the archive; `index-tar.ts` makes a tree of them.
 */
import { ImageDslError, withDetails } from "../error.ts";
import { requireWithin } from "../limits/limits.ts";
import { displayShort } from "../model/bytes.ts";
import { ByteQueue } from "./byte-queue.ts";
import { BLOCK, paddedSize } from "./header.ts";
import { decodePax, type PaxRecords } from "./pax.ts";
import { extensionOf, takeGlobal, type Extension } from "./pax-fields.ts";
import { beforeNul, invalid, parseHeader, type RawHeader } from "./raw-header.ts";

/** Real archives have some hundred bytes of headers for a member. */
const OF_EACH_HEADER = 4096;

export interface TarReading {
  /**
   * It is the layer of an image, whose digest says what belongs to it: as runtimes take it, it may end without an end
   * mark, and behind one may stand anything.
   */
  readonly isLayer?: boolean;
}

export type TarMemberType = "file" | "hardlink" | "symlink" | "character" | "block" | "directory" | "fifo";

/** One member. Names are byte strings as found: not yet checked to stay inside a tree. */
export interface TarMember {
  readonly type: TarMemberType;
  readonly name: string;
  readonly linkName: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly uname: string;
  readonly gname: string;
  readonly mtime: number;
  /** Bytes of content; 0 for all but files. */
  readonly size: number;
  /** Where the content starts in the (decompressed) archive. */
  readonly offset: number;
  readonly major: number;
  readonly minor: number;
  readonly xattrs: Readonly<Record<string, string>> | undefined;
}

/** Reads all headers and skips all content. Throws `E_TAR_INVALID` and `E_TAR_LIMIT`. */
export async function* readTar(
  chunks: AsyncIterable<Uint8Array>,
  { isLayer = false }: TarReading = {},
): AsyncGenerator<TarMember> {
  const queue = new ByteQueue(chunks);
  const archive: Archive = {
    queue,
    isLayer,
    global: new Map(),
    headers: 0,
    extensions: 0,
    offset: 0,
    after: undefined,
  };
  try {
    for (let member = await readMember(archive); member !== undefined; member = await readMember(archive)) {
      yield member;
      archive.offset = queue.position;
      archive.after = member.name;
      await queue.skip(paddedSize(member.size));
    }
  } catch (error) {
    throw placed(error, archive);
  } finally {
    await queue.end();
  }
}

/** How far the reading came, and what holds for all that follows. */
interface Archive {
  readonly queue: ByteQueue;
  readonly isLayer: boolean;
  readonly global: PaxRecords;
  /** Of members, and of what extends them. */
  headers: number;
  /** Bytes of the latter. */
  extensions: number;
  /** Where the header or content starts that is being read. */
  offset: number;
  /** The member before it. */
  after: string | undefined;
}

function placed(error: unknown, { offset, after }: Archive): unknown {
  if (!(error instanceof ImageDslError) || !error.code.startsWith("E_TAR_")) return error;
  const behind = after === undefined ? "" : `, behind "${displayShort(after)}"`;
  return withDetails(error, {}, `${error.message} (at byte ${offset}${behind})`);
}

/** The next one with what extends it; undefined at the end. */
async function readMember(archive: Archive): Promise<TarMember | undefined> {
  const { queue, global } = archive;
  let local: PaxRecords | undefined;
  let longName: string | undefined;
  let longLink: string | undefined;
  for (;;) {
    archive.offset = queue.position;
    const block = await queue.take(BLOCK);
    if (block === undefined || isZero(block)) {
      if (archive.isLayer) await expectLayerEnd(queue, block);
      else await expectEnd(queue, block);
      if ((local?.size ?? 0) > 0 || longName !== undefined || longLink !== undefined)
        throw invalid("ends after an extension header");
      return undefined;
    }
    const header = parseHeader(block);
    requireWithin("tar.entries", ++archive.headers, "The archive");
    if (header.flag === "x" || header.flag === "g" || header.flag === "L" || header.flag === "K") {
      requireWithin("tar.header", header.size, "An extension header of the archive");
      archive.extensions += header.size;
      requireWithin("tar.headers", archive.extensions - archive.headers * OF_EACH_HEADER, "The archive");
      const text = await readText(queue, header.size);
      if (header.flag === "x") local = decodePax(text);
      else if (header.flag === "g") takeGlobal(decodePax(text), global);
      else if (header.flag === "L") longName = beforeNul(text);
      else longLink = beforeNul(text);
      continue;
    }
    return makeMember(header, extensionOf(local, global), longName, longLink, queue.position);
  }
}

function makeMember(
  header: RawHeader,
  pax: Extension,
  longName: string | undefined,
  longLink: string | undefined,
  offset: number,
): TarMember {
  const name = pax.text("path") ?? longName ?? header.name;
  const type = typeOf(header.flag, name);
  if (pax.text("GNU.sparse.major") !== undefined || pax.text("GNU.sparse.map") !== undefined) {
    throw invalid(`holds the sparse file "${displayShort(name)}"; make the archive without --sparse`);
  }
  const size = pax.number("size") ?? header.size;
  return {
    type,
    name,
    linkName: pax.text("linkpath") ?? longLink ?? header.linkName,
    mode: header.mode,
    uid: pax.number("uid") ?? header.uid,
    gid: pax.number("gid") ?? header.gid,
    uname: pax.text("uname") ?? header.uname,
    gname: pax.text("gname") ?? header.gname,
    mtime: pax.time("mtime") ?? header.mtime,
    // POSIX: a hard link may carry content in pax archives; no known writer does, and its size must then be ignored.
    size: type === "file" ? size : 0,
    offset,
    major: header.major,
    minor: header.minor,
    xattrs: pax.xattrs,
  };
}

function typeOf(flag: string, name: string): TarMemberType {
  switch (flag) {
    case "0":
    case "7":
      // Old v7 archives mark directories by a trailing slash only.
      return name.endsWith("/") ? "directory" : "file";
    case "1":
      return "hardlink";
    case "2":
      return "symlink";
    case "3":
      return "character";
    case "4":
      return "block";
    case "5":
      return "directory";
    case "6":
      return "fifo";
    default:
      throw invalid(`holds "${displayShort(name)}" of the unsupported type "${displayShort(flag)}"`);
  }
}

async function readText(queue: ByteQueue, size: number): Promise<string> {
  const bytes = await queue.take(paddedSize(size));
  if (bytes === undefined) throw invalid("is cut off");
  return bytes.toString("latin1", 0, size);
}

/** Every writer ends with blocks of zeros; without them, what was cut off between two members would look whole. */
async function expectEnd(queue: ByteQueue, first: Buffer | undefined): Promise<void> {
  if (first === undefined) throw invalid("is cut off: its end mark is missing");
  for (let block = await queue.take(BLOCK); block !== undefined; block = await queue.take(BLOCK)) {
    if (!isZero(block)) throw invalid("goes on after its end mark");
  }
}

/** Two blocks of zeros are the mark; one is enough where nothing follows. */
async function expectLayerEnd(queue: ByteQueue, first: Buffer | undefined): Promise<void> {
  const second = first && (await queue.take(BLOCK));
  if (second !== undefined && !isZero(second)) throw invalid("goes on after a block of zeros");
}

function isZero(block: Buffer): boolean {
  for (let i = 0; i < block.length; i++) if (block[i] !== 0) return false;
  return true;
}
