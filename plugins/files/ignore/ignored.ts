/** What ignore files leave out of one folder that is taken: which files those are, and what they say of the paths in it. */
import { dirname, join, relative } from "node:path";
import {
  ROOT,
  hostPath,
  joinPath,
  parentOf,
  toFsPath,
  treePath,
  type CollectContext,
  type TreePath,
} from "../../../core/index.ts";
import { dockerIgnore } from "./docker-ignore.ts";
import { GIT_IGNORE, gitIgnore } from "./git-ignore.ts";
import { statOf, type IgnoreRules } from "./ignore-rules.ts";

export type IgnoreKind = "docker" | "git";

export interface Ignored {
  /** Of a path from the folder: whether it stays out. Of those that are asked about, the uppermost are `met`. */
  has(path: TreePath): boolean;
  /** Folders that are there for what is taken again in them alone. */
  readonly passages: ReadonlySet<TreePath>;
  readonly met: ReadonlySet<TreePath>;
  /** The file or files, as messages call them. */
  readonly file: string;
  /** Git keeps no empty folders. */
  readonly kind: IgnoreKind;
}

/** `directory`: the config's. */
type IgnoreContext = Pick<CollectContext, "directory" | "reads">;

/** `taken`: absolute. One for each kind that has something to say. */
export function ignoredIn(
  taken: string,
  context: IgnoreContext,
  kinds: IgnoreKind | readonly IgnoreKind[] | false = "docker",
): readonly Ignored[] {
  if (kinds === false) return [];
  const { directory, reads } = context;
  return [kinds].flat().flatMap((kind) => {
    const place = kind === "git" ? gitRoot(taken, directory) : dockerRoot(taken, context);
    if (place === undefined) return [];
    const prefix = treePath(relative(place, taken));
    const rules = kind === "git" ? gitIgnore(place, prefix, reads) : dockerIgnore(join(place, DOCKER), prefix);
    const file = kind === "git" ? GIT_IGNORE : displayed(join(place, DOCKER), directory);
    return { ...asked(rules, taken, prefix), file, kind };
  });
}

const DOCKER = ".dockerignore";

function asked(rules: IgnoreRules, taken: string, prefix: TreePath): Omit<Ignored, "file" | "kind"> {
  const passages = new Set<TreePath>();
  const met = new Set<TreePath>();
  const has = (path: TreePath): boolean => {
    const whole = joinPath(prefix, path);
    const isFolder = (): boolean => isDirectory(taken, path);
    if (!rules.excludes(whole, isFolder)) return false;
    if (rules.mayHold(whole) && isFolder()) {
      passages.add(path);
      return false;
    }
    let above = parentOf(path);
    while (above !== ROOT && !met.has(above)) above = parentOf(above);
    if (above === ROOT) met.add(path);
    return true;
  };
  return { has, passages, met };
}

function isDirectory(taken: string, path: TreePath): boolean {
  return statOf(toFsPath(`${hostPath(taken)}/${path}`))?.isDirectory() ?? false;
}

/** That of the folder itself comes first. */
function dockerRoot(taken: string, { directory, reads }: IgnoreContext): string | undefined {
  return [taken, ...(isWithin(taken, directory) ? [directory] : [])].find((folder) => {
    const file = join(folder, DOCKER);
    reads.path(hostPath(file));
    return statOf(file) !== undefined;
  });
}

/** The repository's, else as far up as the config goes. */
function gitRoot(taken: string, directory: string): string {
  for (let folder = taken; ; folder = dirname(folder)) {
    if (statOf(join(folder, ".git")) !== undefined) return folder;
    if (folder === dirname(folder)) return isWithin(taken, directory) ? directory : taken;
  }
}

function isWithin(path: string, directory: string): boolean {
  return !/^\.\.(\/|$)/.test(relative(directory, path));
}

function displayed(file: string, directory: string): string {
  return isWithin(file, directory) ? relative(directory, file) : file;
}
