/** What a tar or a directory holds, as a referee sees it (list-tree.py), by path. */
import { join } from "node:path";
import { PYTHON, requireTool } from "../harness.ts";
import { must } from "./support.ts";

export interface ListedEntry {
  readonly path: string;
  readonly type: string;
  readonly mode?: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number;
  readonly target?: string;
  readonly sha256?: string;
  /** All names of one file, when it is a file: hard links. */
  readonly names?: readonly string[];
}

export function listTree(path: string): ReadonlyMap<string, ListedEntry> {
  requireTool("python3");
  const lines = must([PYTHON, join(import.meta.dirname, "list-tree.py"), path], { cwd: "/" })
    .toString()
    .trim();
  const entries = lines.split("\n").map((line) => JSON.parse(line) as ListedEntry);
  // Our tars say nothing of the root itself, so its metadata are those of whoever unpacks.
  return new Map(entries.filter(({ path }) => path !== ".").map((entry) => [entry.path, entry]));
}

/** One line for each difference, so that a failed comparison of thousands of entries can be read. */
export function differences(
  left: ReadonlyMap<string, ListedEntry>,
  right: ReadonlyMap<string, ListedEntry>,
): readonly string[] {
  const paths = [...new Set([...left.keys(), ...right.keys()])].sort();
  return paths.flatMap((path) => {
    const [one, other] = [JSON.stringify(left.get(path)), JSON.stringify(right.get(path))];
    return one === other ? [] : [`${path}: ${one} against ${other}`];
  });
}
