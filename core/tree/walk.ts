/** Listing a host directory as tree entries. Names are sorted by bytes: directory order reaches no output. */
import { lstatSync, readdirSync, readlinkSync, type Stats } from "node:fs";
import { ImageDslError, messageOf, systemCodeOf } from "../error.ts";
import { growHeap, runtime } from "../host.ts";
import { displayBytes, displayShort, isAscii } from "../model/bytes.ts";
import { SYMLINK_MODE, type Entry, type EntryMeta, type HostPath } from "../model/entry.ts";
import { UNHEARD_READS, type HostReads } from "../model/host-reads.ts";
import { ROOT, joinPath, type TreePath } from "../model/path.ts";
import { hostStatOf } from "./content.ts";
import { hostPath, toFsPath } from "./host.ts";
import { atOnce, type Pausing } from "./turns.ts";

/** From here on entries take more room than all else, and Node would let as much again lie about as garbage. */
const MANY_ENTRIES = 50_000;

const PAUSE_AFTER = 256;

export interface WalkOptions {
  /** Where the directory's content lands; default the root. */
  readonly dest?: TreePath;
  /** Given the path below the directory; false leaves the entry out, with what is below it. */
  readonly keep?: (path: TreePath) => boolean;
  /** `git`: 0755 for what is executable or a directory, else 0644. `keep`: as on the host. */
  readonly modes: "git" | "keep";
  /** Is told of the folders and links that are read. */
  readonly reads?: HostReads;
}

/** Everything below `directory`, owner 0:0, mtime epoch + 1, in order. Throws `E_FILES` for sockets, devices and what cannot be read. */
export function walk(directory: HostPath, options: WalkOptions): Entry[] {
  return atOnce(listAll(directory, options));
}

/** As `walk`, with pauses. */
export function* listAll(directory: HostPath, options: WalkOptions): Pausing<Entry[]> {
  const entries: Entry[] = [];
  const { dest = ROOT, keep, modes, reads = UNHEARD_READS } = options;
  // What lies in a directory comes right behind it: that is a tree's order.
  function* list(host: HostPath, place: TreePath, below: TreePath): Pausing<void> {
    reads.folder(host, keep && ((name) => keep(joinPath(below, name))));
    const { names, areAscii } = namesIn(host);
    for (const name of names) {
      if (keep && !keep(joinPath(below, name))) continue;
      const file = `${host}/${name}`;
      const entry = hostEntry(file, inOnePiece(place, name), modes, areAscii);
      if (entries.push(entry) === MANY_ENTRIES) growHeap("slow");
      // Not after each one: every folder above takes part in a pause.
      if (entries.length % PAUSE_AFTER === 0) yield;
      if (entry.type === "symlink") reads.path(file);
      if (entry.type === "directory") yield* list(file, entry.path, joinPath(below, name));
    }
  }
  yield* list(directory, dest, ROOT);
  return entries;
}

/** As `joinPath`. What `+` puts together stays in its parts until it is looked into, which for very many takes room. */
function inOnePiece(parent: TreePath, child: string): TreePath {
  return (parent === ROOT ? child : [parent, child].join("/")) as TreePath;
}

/** One host file, link or directory as an entry at `path`. `isPlain`: `file` is known to be ASCII. */
export function hostEntry(file: HostPath, path: TreePath, modes: "git" | "keep", isPlain = false): Entry {
  const stat = reading(file, () => lstatSync(isPlain ? file : toFsPath(file)));
  const mode = modeOf(stat, modes);
  if (stat.isFile()) {
    const content = { kind: "host", file, stat: hostStatOf(stat) } as const;
    return { path, mode, uid: 0, gid: 0, mtime: 1, type: "file", size: content.stat.size, content };
  }
  const meta: EntryMeta = { path, mode, uid: 0, gid: 0, mtime: 1 };
  if (stat.isDirectory()) return { ...meta, type: "directory" };
  if (stat.isSymbolicLink()) return { ...meta, mode: SYMLINK_MODE, type: "symlink", target: linkTarget(file) };
  if (stat.isFIFO()) return { ...meta, type: "fifo" };
  throw new ImageDslError(
    "E_FILES",
    `${displayBytes(file)} is a ${stat.isSocket() ? "socket" : "device"}, which cannot be put into an image`,
    {
      hint: "Leave it out with a filter",
    },
  );
}

function modeOf(stat: Stats, modes: "git" | "keep"): number {
  const mode = stat.mode & 0o7777;
  if (modes === "keep") return mode;
  return stat.isDirectory() || (mode & 0o100) !== 0 ? 0o755 : 0o644;
}

interface Names {
  readonly names: readonly string[];
  /** They and the directory's path, nearly always: then each is its bytes. */
  readonly areAscii: boolean;
}

function namesIn(directory: HostPath): Names {
  const path = toFsPath(directory);
  const names = reading(directory, () => readdirSync(path));
  if (isAscii(names.join("/"))) return { names: names.sort(), areAscii: isAscii(directory) };
  const unclear = names.find((name) => name.includes("\uFFFD"));
  if (unclear === undefined) return { names: inByteOrder(names), areAscii: false };
  if (runtime() !== "node") {
    throw new ImageDslError(
      "E_FILES",
      `${displayBytes(directory)} holds the name "${unclear}", which is not UTF-8 and cannot be read by ${runtime()}`,
      { hint: "Run image-dsl with Node for this folder, or rename the file" },
    );
  }
  const bytes = reading(directory, () => readdirSync(path, { encoding: "buffer" }));
  return { names: inByteOrder(bytes), areAscii: false };
}

/** Without a function, `sort` goes by characters, and in byte strings these are the bytes. */
function inByteOrder(names: readonly (string | Buffer)[]): string[] {
  return names.map(hostPath).sort();
}

function linkTarget(file: HostPath): string {
  const path = toFsPath(file);
  // Buffers go wrong under Deno and Bun; a target that is not UTF-8 is Node's alone there.
  if (runtime() === "node") return reading(file, () => readlinkSync(path, { encoding: "buffer" })).toString("latin1");
  return hostPath(reading(file, () => readlinkSync(path)));
}

/** Bytes of a path that a message still shows. */
const SHOWN = 200;

function reading<Result>(file: HostPath, work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    // The system's own message repeats the path.
    const why = file.length > SHOWN ? (systemCodeOf(cause) ?? "it is too deep") : messageOf(cause);
    throw new ImageDslError("E_FILES", `Cannot read ${displayShort(file)}: ${why}`, { cause });
  }
}
