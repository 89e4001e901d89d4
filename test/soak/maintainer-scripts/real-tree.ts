/** What a root on disk holds, as plain data that can be kept: each path's type, bytes, mode, owner and link. */
import { lstatSync, readFileSync, readdirSync, readlinkSync, type Stats } from "node:fs";
import { comparableDigest } from "./known-differences.ts";

export interface RealEntry {
  readonly kind: "file" | "directory" | "symlink" | "fifo" | "device";
  /** `MODE UID:GID`, a link's without the mode. */
  readonly meta: string;
  /** A file's digest, or where a link leads to. */
  readonly value?: string;
}

/** By path, without a slash at the start, as a byte string. */
export type RealTree = Readonly<Record<string, RealEntry>>;

/** Files that most roots share are read once for all of them. */
export function realTreeReader(): (root: string) => RealTree {
  const digests = new Map<string, string>();

  function digestOf(path: string, file: Buffer, stat: Stats): string {
    // A file of the layer below keeps its inode and its times in every overlay.
    const key = `${path} ${stat.ino} ${stat.ctimeMs} ${stat.mtimeMs} ${stat.size}`;
    const known = digests.get(key) ?? comparableDigest(path, readFileSync(file));
    digests.set(key, known);
    return known;
  }

  return (root) => {
    const found: Record<string, RealEntry> = {};
    const pending = [""];
    for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
      for (const name of readdirSync(Buffer.from(`${root}/${folder}`, "latin1"), { encoding: "latin1" })) {
        const path = folder === "" ? name : `${folder}/${name}`;
        if (/^(proc|sys|dev)\//.test(path)) continue;
        const file = Buffer.from(`${root}/${path}`, "latin1");
        const stat = lstatSync(file);
        const kind = kindOf(stat);
        found[path] = {
          kind,
          meta: metaText(kind, stat),
          ...(kind === "file" && { value: digestOf(path, file, stat) }),
          ...(kind === "symlink" && { value: readlinkSync(file, "latin1") }),
        };
        if (kind === "directory") pending.push(path);
      }
    }
    return found;
  };
}

export function metaText(
  kind: RealEntry["kind"],
  { mode, uid, gid }: { readonly mode: number; readonly uid: number; readonly gid: number },
): string {
  return kind === "symlink" ? `${uid}:${gid}` : `${(mode & 0o7777).toString(8)} ${uid}:${gid}`;
}

function kindOf(stat: Stats): RealEntry["kind"] {
  if (stat.isDirectory()) return "directory";
  if (stat.isSymbolicLink()) return "symlink";
  return stat.isFile() ? "file" : stat.isFIFO() ? "fifo" : "device";
}
