/**
 * Collects `app-files`: what is listed, or what git would track, and what is taken always. Packages that a framework put beside its server are
 * a node of their own: they change less often than what it made of the sources.
 */
import { statSync } from "node:fs";
import { dirname, join, posix, relative } from "node:path";
import {
  FileTree,
  ImageDslError,
  displayBytes,
  encodeText,
  isUnder,
  parentOf,
  treePath,
  type ClosureNode,
  type CollectContext,
  type Collected,
  type Entry,
  type Source,
  type TreePath,
  type Volatility,
} from "../../../core/index.ts";
import { patternsOf } from "./patterns.ts";
import type { AppFilesOptions } from "./source.ts";

/**
 * What no app reads: the config of its image, what package managers keep beside a project, and what only git and Docker read. A lock
 * would have each new version of a package change the app's own layer too.
 */
const NEVER = [
  "image.config.{ts,mts,js,mjs,json}",
  "**/{.npmrc,.yarnrc,.yarnrc.yml}",
  "{.yarn,.pnp.*}",
  "**/.gitignore",
  ".dockerignore",
  "Dockerfile",
  "{package-lock,npm-shrinkwrap}.json",
  "pnpm-lock.yaml",
  "{yarn,bun,deno}.lock",
  "bun.lockb",
];

export interface AppFilesContext extends CollectContext {
  /** What was said of ignore files, whichever the target. */
  readonly told: Set<string>;
}

/** What an ignore file leaves out: its name, and the uppermost paths. */
type LeftOut = readonly [file: string, paths: readonly TreePath[]];

/** Throws `E_FILES` where something is not there. */
export async function collectAppFiles(options: AppFilesOptions, context: AppFilesContext): Promise<Collected> {
  const { dest, patterns, entry, never = [] } = options;
  const left: LeftOut[] = [];
  const sources = patterns?.length === 0 ? [] : listedSources(options, context, left);
  const listed = (await Promise.all(sources.map((source) => entriesOf(source, context)))).flat();
  const isListed = entry === undefined || listed.some(({ path }) => path === treePath(posix.join(dest, entry)));
  const holding = foldersHolding(listed);
  const always = [...options.always, ...(isListed ? [] : [builtPlace(dest, entry, holding)])];
  const named = await Promise.all(
    always.map((path) => entriesOf(namedSource(options, path, holding, context), context)),
  );
  tellLeftOut(options, left, [...always, ...never], context);
  const entries = new Map([...listed, ...named.flat()].map((each) => [each.path, each]));
  const kept = withoutEmptyFolders([...entries.values()]);
  const packages = kept.filter(isPackaged);
  const nodes = [
    ...(packages.length === 0 ? [] : [node(`node_modules of ${dest}`, packages, "made")]),
    node(
      dest,
      kept.filter((each) => !isPackaged(each)),
      "project",
    ),
  ];
  return { nodes, roots: nodes.map(({ id }) => id) };
}

/** Less what comes along all the same, by its name or out of the build. */
function tellLeftOut(
  { dir }: AppFilesOptions,
  left: readonly LeftOut[],
  named: readonly string[],
  { directory, emit, told }: AppFilesContext,
): void {
  const coming = named.map(treePath);
  for (const [file, paths] of left) {
    const out = paths.filter((path) => !coming.some((each) => isUnder(path, each) || isUnder(each, path)));
    const message = `The app in "${relative(directory, dir) || "."}" leaves out what ${file} lists`;
    if (out.length === 0 || told.has(message)) continue;
    told.add(message);
    emit({ type: "note", message, detail: out.toSorted().map(displayBytes) });
  }
}

function isPackaged({ path }: Entry): boolean {
  return path.split("/").includes("node_modules");
}

function node(name: string, entries: readonly Entry[], volatility: Volatility): ClosureNode {
  const tree = FileTree.of(entries);
  return { id: `app-files:${name}`, kind: "app-files", name, tree, size: tree.contentSize(), needs: [], volatility };
}

function listedSources(
  { dir, dest, patterns, built = [], never = [] }: AppFilesOptions,
  { directory, config }: CollectContext,
  left: LeftOut[],
): readonly Source[] {
  const listed = patterns && patternsOf(patterns);
  const isWanted = (text: string): boolean => {
    const path = encodeText(text) as TreePath;
    return listed === undefined || listed.takes(path) || (listed.mayHold(path) && isFolder(join(dir, text)));
  };
  const filter = (path: string): boolean => join(dir, path) !== config?.file && !never.includes(path) && isWanted(path);
  const from = relative(directory, dir) || ".";
  const leftOut = (...each: LeftOut): void => void left.push(each);
  if (listed === undefined) {
    const exclude = [...NEVER, "**/node_modules"];
    return [{ kind: "files", options: { from, dest, ignore: ["docker", "git"], filter, exclude, leftOut } }];
  }
  // The project's own come by its lock. Others are part of the folder that is listed, as npm packs it: frameworks put them beside a server.
  const own = { from, dest, exclude: [...NEVER, "node_modules"], leftOut };
  const isBuilt = (path: string): boolean => built.includes(path.split("/")[0]!);
  return [
    { kind: "files", options: { ...own, filter: (path: string) => !isBuilt(path) && filter(path) } },
    { kind: "files", options: { ...own, filter: (path: string) => isBuilt(path) && filter(path), ignore: false } },
  ];
}

/**
 * What was built with the entry: the topmost folder on the way there that no list has anything of. Where sources lie in each of them (compilers may write
 * beside these) it is the topmost one.
 */
function builtPlace(dest: string, entry: string, holding: ReadonlySet<TreePath>): string {
  const names = entry.split("/");
  const folders = names.slice(1).map((_, index) => names.slice(0, index + 1).join("/"));
  return folders.find((folder) => !holding.has(treePath(posix.join(dest, folder)))) ?? names[0]!;
}

/** By its name, which no ignore file hides. Where sources lie in it, what is installed there is not part of it. */
function namedSource(
  { dir, dest }: AppFilesOptions,
  path: string,
  holding: ReadonlySet<TreePath>,
  { directory }: CollectContext,
): Source {
  const exclude = holding.has(treePath(posix.join(dest, path))) ? ["**/node_modules"] : [];
  const place = join(dir, path);
  const stat = statSync(place, { throwIfNoEntry: false });
  if (stat === undefined) {
    throw new ImageDslError("E_FILES", `There is no "${path}" in ${dir}, which the app is to have`, {
      hint: 'Make it first, or have it made: build: "npm run build"',
    });
  }
  const into = posix.join(dest, stat.isDirectory() ? path : dirname(path));
  return { kind: "files", options: { from: relative(directory, place), dest: into, exclude } };
}

async function entriesOf(source: Source, { collect }: CollectContext): Promise<readonly Entry[]> {
  const { nodes } = await collect(source);
  return nodes.flatMap(({ tree }) => tree.entries());
}

/** A clone has none: git keeps files. */
function withoutEmptyFolders(entries: readonly Entry[]): readonly Entry[] {
  const holding = foldersHolding(entries);
  return entries.filter(({ type, path }) => type !== "directory" || holding.has(path));
}

/** Those with a file in them or below. */
function foldersHolding(entries: readonly Entry[]): ReadonlySet<TreePath> {
  const holding = new Set<TreePath>();
  for (const { type, path } of entries) {
    if (type === "directory") continue;
    for (let above = parentOf(path); !holding.has(above); above = parentOf(above)) {
      holding.add(above);
      if (above === "") break;
    }
  }
  return holding;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
