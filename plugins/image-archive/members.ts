/** Where the members of an archive's tar are. */
import { createReadStream } from "node:fs";
import {
  ImageDslError,
  encodeText,
  fileFact,
  messageOf,
  resolvePath,
  treePathFromBytes,
  type Entry,
  type Json,
  type Store,
  type TreePath,
} from "../../core/index.ts";

export interface MemberPlace {
  readonly offset: number;
  readonly size: number;
}

export interface Members {
  /** Links are followed. */
  find(path: TreePath): MemberPlace | undefined;
}

/** An archive of 127 layers has some hundreds. */
const MAX_MEMBERS = 100_000;

/** A member's path, then offset and size of a file, or where a link leads. */
type Row = readonly [path: string, offset: number, size: number] | readonly [path: string, target: string];

/** Reads through the archive, once: then it is known by its stat. Throws `E_TAR_INVALID`. */
export async function readMembers(file: string, store: Store): Promise<Members> {
  const rows = (await fileFact(store, "archive-members", { file }, () =>
    listMembers(file),
  )) as unknown as readonly Row[];
  const files = new Map<string, MemberPlace>();
  const links = new Map<string, Entry>();
  for (const row of rows) {
    if (row.length === 3) files.set(row[0], { offset: row[1], size: row[2] });
    else links.set(row[0], linkEntry(row[0] as TreePath, row[1]));
  }
  return { find: (path) => files.get(resolvePath({ get: (at) => links.get(at) }, path)) };
}

async function listMembers(file: string): Promise<Json> {
  const { default: tarStream } = await import("tar-stream");
  const reader = tarStream.extract();
  const source = createReadStream(file, { highWaterMark: 1024 * 1024 });
  source.on("error", (error) => reader.destroy(error));
  source.pipe(reader);
  const rows: Row[] = [];
  try {
    for await (const member of reader) {
      const { name, type, linkname, size = 0, byteOffset } = member.header as typeof member.header & PlacedHeader;
      const path = treePathFromBytes(encodeText(name));
      if (type === "file" || type === "contiguous-file") rows.push([path, byteOffset, size]);
      else if (type === "symlink") rows.push([path, encodeText(linkname ?? "")]);
      // A hard link names its target from the archive's root.
      else if (type === "link") rows.push([path, `/${encodeText(linkname ?? "")}`]);
      if (rows.length > MAX_MEMBERS) {
        throw new ImageDslError("E_TAR_LIMIT", `The archive ${file} has more than ${MAX_MEMBERS} members`);
      }
      member.resume();
    }
  } catch (cause) {
    if (cause instanceof ImageDslError) throw cause;
    throw new ImageDslError("E_TAR_INVALID", `Cannot read the archive ${file}: ${messageOf(cause)}`, { cause });
  } finally {
    source.destroy();
  }
  return rows as unknown as Json;
}

/** Where the content begins; the library's types do not tell of it. */
interface PlacedHeader {
  readonly byteOffset: number;
}

function linkEntry(path: TreePath, target: string): Entry {
  return { type: "symlink", path, target, mode: 0o777, uid: 0, gid: 0, mtime: 1 };
}
