/** Small files that the program makes itself. */
import type { EntryMeta, FileEntry } from "../model/entry.ts";
import type { TreePath } from "../model/path.ts";

/** A file with its bytes in memory. Of what `meta` leaves out: 0644, 0:0 and epoch + 1, as everywhere. */
export function inlineFile(path: TreePath, bytes: Uint8Array, meta: Partial<EntryMeta> = {}): FileEntry {
  const content = { kind: "inline", bytes } as const;
  return { mode: 0o644, uid: 0, gid: 0, mtime: 1, ...meta, type: "file", path, size: bytes.length, content };
}
