/** What a package's own tree says of it. */
import { posix } from "node:path";
import { isRecord, lookup, parsedText, readWhole, type FileTree } from "../../../core/index.ts";

type Manifest = Readonly<Record<string, unknown>>;

/** By folder. One package may be asked about by thousands that need it. */
const read = new WeakMap<FileTree, Map<string, Manifest>>();

/** Its package.json, below `folder` of the tree; empty where it has none that can be read. Throws `E_CONTENT_UNREADABLE` for one of more than `npm.manifest`. */
export function packageJsonIn(tree: FileTree, folder = ""): Manifest {
  const byFolder = read.get(tree) ?? new Map<string, Manifest>();
  read.set(tree, byFolder);
  const manifest = byFolder.get(folder) ?? readIn(tree, folder);
  byFolder.set(folder, manifest);
  return manifest;
}

function readIn(tree: FileTree, folder: string): Manifest {
  const entry = lookup(tree, posix.join(folder, "package.json"));
  if (entry?.type !== "file") return {};
  const text = Buffer.from(readWhole(entry, "npm.manifest")).toString("utf8");
  try {
    const manifest: unknown = parsedText(text);
    return isRecord(manifest) ? manifest : {};
  } catch {
    return {};
  }
}
