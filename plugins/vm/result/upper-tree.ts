/** A tree with what lies in an overlay mount's upper directory laid over it (Linux, Documentation/filesystems/overlayfs.rst). */
import {
  displayPath,
  socketLeft,
  withEntries,
  withoutPaths,
  type Entry,
  type FileTree,
  type TreePath,
} from "../../../core/index.ts";

const OVERLAYS_OWN = "trusted.overlay.";
const OPAQUE = "trusted.overlay.opaque";

/** `mtime`: seconds since 1970, of all that the upper directory has. Throws `E_SCRIPT_FAILED` for sockets. */
export function withUpper(before: FileTree, upper: FileTree, mtime: number): FileTree {
  const replaced = new Set<TreePath>();
  const laid: Entry[] = [];
  for (const entry of upper.entries()) {
    if (isSocket(entry)) throw socketLeft(displayPath(entry.path));
    const isMerged = entry.type === "directory" && entry.xattrs?.[OPAQUE] !== "y";
    if (!isMerged || before.get(entry.path)?.type !== "directory") replaced.add(entry.path);
    if (!isWhiteout(entry)) laid.push({ ...withoutOverlays(entry), mtime, origin: "image" });
  }
  return withEntries(withoutPaths(before, replaced), laid);
}

/** No overlay mount lets anybody make such a device. */
function isWhiteout(entry: Entry): boolean {
  return entry.type === "character" && entry.major === 0 && entry.minor === 0;
}

/** As the guest's job marks it. */
function isSocket(entry: Entry): boolean {
  return entry.type === "block" && entry.major === 0 && entry.minor === 0;
}

function withoutOverlays({ xattrs, ...entry }: Entry): Entry {
  const own = Object.entries(xattrs ?? {}).filter(([name]) => !name.startsWith(OVERLAYS_OWN));
  return own.length === 0 ? entry : { ...entry, xattrs: Object.fromEntries(own) };
}
