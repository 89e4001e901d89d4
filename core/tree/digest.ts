/** A tree's digest: equal for trees that a script could not tell apart. Origins do not count. */
import { createHash } from "node:crypto";
import type { ContentHandle, Entry } from "../model/entry.ts";
import { digestFromHex, digestOf, type Digest } from "../model/digest.ts";
import { canonicalJson, type Json } from "../model/json.ts";
import type { FileTree } from "./file-tree.ts";

/**
 * sha256 over every entry with the identity of its content. A host file's identity is its stat record, so the digest
 * is true on this machine only and must reach no output.
 */
export function treeDigest(tree: FileTree): Digest {
  const hash = createHash("sha256");
  for (const entry of tree.entries()) hash.update(`${canonicalJson(entryIdentity(entry))}\n`);
  return digestFromHex(hash.digest("hex"));
}

function entryIdentity(entry: Entry): Json {
  const { path, type, mode, uid, gid, uname, gname, mtime, xattrs } = entry;
  const meta = { path, type, mode, uid, gid, uname, gname, mtime, xattrs };
  switch (entry.type) {
    case "file":
      return { ...meta, size: entry.size, content: contentIdentity(entry.content) };
    case "symlink":
    case "hardlink":
      return { ...meta, target: entry.target };
    case "character":
    case "block":
      return { ...meta, major: entry.major, minor: entry.minor };
    case "directory":
    case "fifo":
      return meta;
  }
}

/** What tells one content from another without reading it. */
export function contentIdentity(content: ContentHandle): Json {
  switch (content.kind) {
    case "inline":
      return { sha256: digestOf(content.bytes) };
    case "host":
      return { file: content.file, stat: { ...content.stat } };
    case "slice":
      return { archive: content.archive, offset: content.offset };
  }
}
