/** What a script could not see, and what becomes of it. */
import { lstatSync } from "node:fs";
import { ImageDslError } from "../error.ts";
import type { Entry } from "../model/entry.ts";
import { displayPath, isUnder, type TreePath } from "../model/path.ts";
import { inodeKey } from "./file-identity.ts";
import type { FileTree } from "./file-tree.ts";
import { placeOf, type LaidEntry, type LaidTree } from "./materialize.ts";

export interface UnseenOptions {
  readonly before: FileTree;
  readonly laid: LaidTree;
  readonly leaveOut?: readonly TreePath[];
}

type Known = ReadonlyMap<string, LaidEntry>;

/**
 * What was not laid out and is still there: all but what lay in a directory that the script removed. Throws
 * `E_SCRIPT_FAILED` where the script made something in such a place, or moved a directory that holds one.
 */
export function unseenEntries(
  entries: ReadonlyMap<TreePath, Entry>,
  known: Known,
  options: UnseenOptions,
): readonly Entry[] {
  const { before, laid, leaveOut = [] } = options;
  const left = before
    .entries()
    .filter(({ path }) => !laid.entries.has(path) || leaveOut.some((top) => isUnder(path, top)));
  if (left.length === 0) return [];
  const moved = movedDirectories(entries, known, options);
  return left.filter(({ path }) => {
    if (entries.has(path)) throw conflict(path, "made");
    const gone = goneParent(path, entries, before, leaveOut);
    if (gone !== undefined && moved.has(gone)) throw conflict(path, "moved the directory of");
    return gone === undefined;
  });
}

/** The uppermost directory above `path` that is none any more. */
function goneParent(
  path: TreePath,
  entries: ReadonlyMap<TreePath, Entry>,
  before: FileTree,
  leaveOut: readonly TreePath[],
): TreePath | undefined {
  for (let slash = path.indexOf("/"); slash >= 0; slash = path.indexOf("/", slash + 1)) {
    const parent = path.slice(0, slash) as TreePath;
    if (leaveOut.some((top) => isUnder(parent, top))) return undefined;
    if (before.get(parent)?.type === "directory" && entries.get(parent)?.type !== "directory") return parent;
  }
  return undefined;
}

function movedDirectories(
  entries: ReadonlyMap<TreePath, Entry>,
  known: Known,
  { laid }: UnseenOptions,
): ReadonlySet<TreePath> {
  const moved = new Set<TreePath>();
  for (const entry of entries.values()) {
    if (entry.type !== "directory") continue;
    const stat = lstatSync(placeOf(laid.directory, entry.path), { bigint: true });
    const was = known.get(inodeKey(stat));
    // The same inode made at another time is another directory.
    if (was?.entry.type !== "directory" || was.birthtimeNs !== stat.birthtimeNs) continue;
    if (was.entry.path !== entry.path) moved.add(was.entry.path);
  }
  return moved;
}

function conflict(path: TreePath, action: string): ImageDslError {
  return new ImageDslError(
    "E_SCRIPT_FAILED",
    `The script ${action} ${displayPath(path)}, which the image has but the script did not see`,
    {
      hint: "Name it in the script's `needs`; device nodes and fifos are seen by fakeRootCommands only",
    },
  );
}
