/** What `init` looks at in a folder: names, and the few small files that it reads. */
import { readFileSync, readdirSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import { isRecord } from "../../model/json.ts";
import { memberTest, workspaceGlobs } from "../../tree/workspace-members.ts";
import { pnpmGlobs } from "./pnpm-globs.ts";

/** A folder as it was found; tests make them up. */
export interface ProjectFiles {
  /** Paths of files below it, with slashes. */
  readonly paths: ReadonlySet<string>;
  /**
   * Files in the folders above it, up to the repository's root: a workspace has its lock there. By name, the way from there to here; of
   * several of one name, from the highest.
   */
  readonly above: ReadonlyMap<string, string>;
  /** Names of the files beside the package.json of the workspace that this folder is a member of; empty without one. */
  readonly ofWorkspace: ReadonlySet<string>;
  /** A file's text; undefined where there is none that can be read. */
  text(path: string): string | undefined;
}

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
    ofWorkspace: new Set(filesOfWorkspace(directory, dirname(directory))),
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

/** Managers look through all folders above for one that lists theirs; what lies in others is not the project's. */
function filesOfWorkspace(directory: string, above: string): readonly string[] {
  const manifest = parsedOrNothing(textIn(above, "package.json"));
  const globs = [...workspaceGlobs(manifest["workspaces"]), ...pnpmGlobs(textIn(above, "pnpm-workspace.yaml"))];
  const member = relative(above, directory).split(sep).join("/");
  if (memberTest(globs)(member)) return entriesOf(above).flatMap((entry) => (entry.isFile() ? [entry.name] : []));
  return dirname(above) === above ? [] : filesOfWorkspace(directory, dirname(above));
}

function textIn(directory: string, name: string): string {
  try {
    return readFileSync(join(directory, name)).subarray(0, MOST_BYTES).toString();
  } catch {
    return "";
  }
}

/** A folder above is somebody else's business: what cannot be read there lists nobody. */
function parsedOrNothing(json: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(json);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

function entriesOf(directory: string) {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
}
