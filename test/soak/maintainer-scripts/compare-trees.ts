/** A tree on paper against a root on disk: types, bytes, modes, owners, links. */
import { createHash } from "node:crypto";
import { lstatSync, readFileSync, readdirSync, readlinkSync, type Stats } from "node:fs";
import { displayBytes, readWhole, type FileEntry, type FileTree, type TreePath } from "../../../core/index.ts";
import { isKnown } from "./known-differences.ts";

const LARGEST = 1 << 30;

/** What most packages share is read once for all comparisons. */
export function treeComparison(): (root: string, tree: FileTree) => readonly string[] {
  const realDigests = new Map<string, string>();
  const paperDigests = new Map<string, string>();

  function sameBytes(path: string, file: Buffer, stat: Stats, entry: FileEntry): boolean {
    if (path === "etc/shadow") return withoutDays(readWhole(entry)) === withoutDays(readFileSync(file));
    return stat.size === entry.size && paperDigest(entry) === realDigest(file, stat);
  }

  function realDigest(file: Buffer, stat: Stats): string {
    // A file of the layer below keeps its inode and its times in every overlay.
    const key = `${stat.ino} ${stat.ctimeMs} ${stat.mtimeMs} ${stat.size}`;
    const known = realDigests.get(key) ?? digest(readFileSync(file));
    realDigests.set(key, known);
    return known;
  }

  function paperDigest(entry: FileEntry): string {
    const { content, size } = entry;
    if (content.kind !== "slice") return digest(readWhole(entry));
    const key = `${content.archive} ${content.offset} ${size}`;
    const known = paperDigests.get(key) ?? digest(readWhole(entry, LARGEST));
    paperDigests.set(key, known);
    return known;
  }

  function difference(root: string, path: string, stat: Stats | undefined, tree: FileTree): string | undefined {
    const entry = tree.get(path as TreePath);
    if (!stat || !entry) return stat ? `only real (${kindOf(stat)})` : `only on paper (${entry!.type})`;
    const paperKind = entry.type === "hardlink" ? "file" : entry.type;
    if (paperKind !== kindOf(stat)) return `${entry.type} on paper, really a ${kindOf(stat)}`;
    const file = Buffer.from(`${root}/${path}`, "latin1");
    if (entry.type === "symlink") {
      const target = readlinkSync(file, "latin1");
      return target === entry.target && stat.uid === entry.uid && stat.gid === entry.gid
        ? undefined
        : `-> ${entry.target} ${entry.uid}:${entry.gid} on paper, really -> ${target} ${stat.uid}:${stat.gid}`;
    }
    const [paper, real] = [entry, stat].map(({ mode, uid, gid }) => `${(mode & 0o7777).toString(8)} ${uid}:${gid}`);
    if (paper !== real) return `${paper} on paper, really ${real}`;
    const content = entry.type === "hardlink" ? tree.get(entry.target) : entry;
    if (content?.type !== "file") return undefined;
    return sameBytes(path, file, stat, content) ? undefined : "other bytes";
  }

  return (root, tree) => {
    const real = walk(root);
    const paths = new Set<string>([...real.keys(), ...tree.entries().map(({ path }) => path)]);
    return [...paths].sort().flatMap((path) => {
      const problem = isKnown(path) ? undefined : difference(root, path, real.get(path), tree);
      return problem === undefined ? [] : [`${displayBytes(path)}: ${problem}`];
    });
  };
}

/** The day of a password's last change is the day of the installation; in an image it is empty. */
function withoutDays(shadow: Uint8Array): string {
  return Buffer.from(shadow)
    .toString("latin1")
    .replaceAll(/^([^:]*:[^:]*):\d*:/gm, "$1::");
}

function digest(bytes: Uint8Array): string {
  return createHash("sha1").update(bytes).digest("base64");
}

function kindOf(stat: Stats): string {
  if (stat.isDirectory()) return "directory";
  if (stat.isSymbolicLink()) return "symlink";
  return stat.isFile() ? "file" : stat.isFIFO() ? "fifo" : "device";
}

function walk(root: string): ReadonlyMap<string, Stats> {
  const found = new Map<string, Stats>();
  const pending = [""];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    for (const name of readdirSync(Buffer.from(`${root}/${folder}`, "latin1"), { encoding: "latin1" })) {
      const path = folder === "" ? name : `${folder}/${name}`;
      if (/^(proc|sys|dev)\//.test(path)) continue;
      const stat = lstatSync(Buffer.from(`${root}/${path}`, "latin1"));
      found.set(path, stat);
      if (stat.isDirectory()) pending.push(path);
    }
  }
  return found;
}
