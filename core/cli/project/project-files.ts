/** What `init` looks at in a folder: names, and the few small files that it reads. */
import { readFileSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { LOCK_NAMES, projectLocks, type LockName, type ProjectLocks } from "../../project/project-locks.ts";

/** A folder as it was found; tests make them up. */
export interface ProjectFiles {
  /** Paths of files below it, with slashes. */
  readonly paths: ReadonlySet<string>;
  /** Files in the folders above it, up to the repository's root. By name, the way from there to here; of several of one name, from the highest. */
  readonly above: ReadonlyMap<string, string>;
  /** Its locks, `BINARY_LOCK` among them, and its place below the folder that has them: a member's are the workspace's. */
  readonly locked: Pick<ProjectLocks, "member" | "locks">;
  /** A file's text; undefined where there is none that can be read. */
  text(path: string): string | undefined;
}

/** Bun's older one, which nobody else reads. */
export const BINARY_LOCK: LockName = { name: "bun.lockb", manager: "bun" };

/** What `init` without a template's name is about. */
export function isProject({ paths }: ProjectFiles): boolean {
  return ["package.json", "deno.json", "deno.jsonc"].some((name) => paths.has(name));
}

/** Workspaces have their members two folders down (`apps/web`), and these their sources one further. */
const DEPTH = 5;
/** Enough for what people write; what a build made is not looked at. */
const MOST_PATHS = 20_000;
const MOST_BYTES = 1024 * 1024;
const SKIPPED = /^(?:node_modules|\..*|dist|build|coverage|vendor)$/;

export function readProjectFiles(directory: string): ProjectFiles {
  const paths = new Set<string>();
  collectPaths(directory, "", 1, paths);
  return {
    paths,
    above: new Map(filesAbove(directory, basename(directory))),
    locked: projectLocks(directory, [...LOCK_NAMES, BINARY_LOCK]),
    text: (path) =>
      paths.has(path) ? readFileSync(join(directory, path)).subarray(0, MOST_BYTES).toString() : undefined,
  };
}

function collectPaths(directory: string, below: string, depth: number, paths: Set<string>): void {
  // A folder that may not be read has nothing to say.
  for (const entry of entriesOf(join(directory, below))) {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (paths.size >= MOST_PATHS) return;
    if (entry.isFile()) paths.add(path);
    if (entry.isDirectory() && depth < DEPTH && !SKIPPED.test(entry.name)) {
      collectPaths(directory, path, depth + 1, paths);
    }
  }
}

function filesAbove(directory: string, way: string): readonly (readonly [string, string])[] {
  const parent = dirname(directory);
  if (parent === directory || entriesOf(directory).some((entry) => entry.name === ".git")) return [];
  const own = entriesOf(parent).flatMap((entry) => (entry.isFile() ? [[entry.name, way] as const] : []));
  return [...own, ...filesAbove(parent, `${basename(parent)}/${way}`)];
}

function entriesOf(directory: string) {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
}
