/** Where the members of an archive's tar are. */
import {
  fileFact,
  interruptible,
  readTar,
  requireWithin,
  resolvePath,
  streamRegular,
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

/** A member's path, then offset and size of a file, or where a link leads. */
type Row = readonly [path: string, offset: number, size: number] | readonly [path: string, target: string];

/** Reads through the archive, once: then it is known by its stat. Throws `E_TAR_INVALID`. */
export async function readMembers(file: string, store: Store, signal: AbortSignal): Promise<Members> {
  const rows = (await fileFact(store, "archive-members", { file }, () =>
    listMembers(file, signal),
  )) as unknown as readonly Row[];
  const files = new Map<string, MemberPlace>();
  const links = new Map<string, Entry>();
  for (const row of rows) {
    if (row.length === 3) files.set(row[0], { offset: row[1], size: row[2] });
    else links.set(row[0], linkEntry(row[0] as TreePath, row[1]));
  }
  return { find: (path) => files.get(resolvePath({ get: (at) => links.get(at) }, path)) };
}

async function listMembers(file: string, signal: AbortSignal): Promise<Json> {
  const rows: Row[] = [];
  // It may end as its layers may: docker, podman and skopeo read it no further than its end mark.
  const chunks = interruptible(streamRegular(file, 1024 * 1024), signal);
  for await (const { type, name, linkName, offset, size } of readTar(chunks, { isLayer: true })) {
    const path = treePathFromBytes(name);
    if (type === "file") rows.push([path, offset, size]);
    else if (type === "symlink") rows.push([path, linkName]);
    // A hard link names its target from the archive's root.
    else if (type === "hardlink") rows.push([path, `/${linkName}`]);
    requireWithin("oci.members", rows.length, "The archive");
  }
  return rows as unknown as Json;
}

function linkEntry(path: TreePath, target: string): Entry {
  return { type: "symlink", path, target, mode: 0o777, uid: 0, gid: 0, mtime: 1 };
}
