/** What a project asks Yarn 1 for (install.js: fetchRequestFromCwd), its workspaces included. */
import { join, posix } from "node:path";
import { satisfies, validRange } from "semver";
import { glob } from "tinyglobby";
import { withoutEndSlashes, workspaceGlobs } from "../../../../core/index.ts";
import { isInnerPath } from "../../names.ts";
import { lockError, outsideProject, refuseSameName } from "../lock-error.ts";
import type { Manifest } from "../manifest.ts";
import type { ClassicFound, ClassicRequest, ClassicSource } from "./graph.ts";
import { REGENERATE, splitPattern, type ClassicEntry, type ClassicLock } from "./lock-file.ts";

export interface ClassicProject {
  readonly file: string;
  readonly lock: ClassicLock;
  readonly manifest: Manifest;
  /** By name. */
  readonly workspaces: ReadonlyMap<string, ClassicWorkspace>;
  readonly omitsDev: boolean;
}

export interface ClassicWorkspace {
  /** From the root. */
  readonly folder: string;
  readonly manifest: Manifest;
}

/** Those that have a name and a version; Yarn 1 leaves out the others. Throws `E_NPM_LOCK`, `E_NPM_PROJECT`. */
export async function classicWorkspaces(
  file: string,
  root: string,
  manifest: Manifest,
  manifestOf: (directory: string) => Promise<Manifest>,
): Promise<ReadonlyMap<string, ClassicWorkspace>> {
  const found = new Map<string, ClassicWorkspace>();
  const names = new Map<string, string>();
  for (const pattern of workspaceGlobs(manifest.workspaces)) {
    if (LEADING_OUT.test(pattern)) throw outsideProject(file, "A workspace", pattern, "workspaces");
    const files = await glob(posix.join(pattern, "package.json"), { cwd: root, ignore: ["**/node_modules/**"] });
    for (const folder of files.map((each) => posix.dirname(each)).toSorted()) {
      const own = await manifestOf(join(root, folder));
      if (own.name === undefined || own.version === undefined) continue;
      names.set(folder, own.name);
      found.set(own.name, { folder, manifest: own });
    }
  }
  refuseSameName(file, names);
  return found;
}

/** An absolute path, or `..`, be it in braces: all of this machine would be gone through. */
const LEADING_OUT = /(?:^|[{,(|])\/|(?:^|[/{,(|])\.\.(?:[/},)|]|$)/;

/** Stands for the workspace as a whole, as Yarn's "workspace-aggregator" does. */
const WHOLE = "workspace-aggregator";

export interface ProjectRequests {
  readonly requests: readonly ClassicRequest[];
  /** Patterns of what is asked for and not installed. */
  readonly ignored: ReadonlySet<string>;
  readonly find: (pattern: string) => ClassicFound;
}

export function projectRequests(project: ClassicProject): ProjectRequests {
  const { manifest, workspaces, omitsDev } = project;
  const { dependencies, devDependencies, optionalDependencies } = ownLists(manifest);
  const isWorkspace = workspaces.size > 0;
  const versions = Object.fromEntries(Array.from(workspaces, ([name, each]) => [name, each.manifest.version!]));
  const own = { ...dependencies, ...devDependencies, ...optionalDependencies };
  const implied = Object.entries({ ...dependencies, ...versions }).filter(([name]) => !Object.hasOwn(own, name));
  const dev = requestsOf(devDependencies);
  const requests = [
    ...requestsOf(dependencies),
    ...dev,
    ...requestsOf(optionalDependencies, true),
    ...(isWorkspace ? requestsOf({ [WHOLE]: "1.0.0" }) : []),
    ...(isWorkspace ? requestsOf(Object.fromEntries(implied)) : []),
  ];
  const needed = new Map<ClassicEntry, Readonly<Record<string, string>>>();
  return { requests, ignored: new Set(omitsDev ? dev.map(({ pattern }) => pattern) : []), find };

  function find(pattern: string): ClassicFound {
    const [name, range] = splitPattern(pattern);
    if (name === WHOLE) {
      const all = { ...dependencies, ...versions, ...(omitsDev ? {} : devDependencies) };
      return { version: "1.0.0", source: { kind: "whole" }, dependencies: all, optionalDependencies };
    }
    const workspace = workspaces.get(name);
    if (workspace !== undefined && satisfies(workspace.manifest.version!, range)) {
      const lists = ownLists(workspace.manifest);
      return {
        version: workspace.manifest.version!,
        source: { kind: "workspace", folder: workspace.folder },
        dependencies: { ...lists.dependencies, ...(omitsDev ? {} : lists.devDependencies) },
        optionalDependencies: lists.optionalDependencies,
      };
    }
    return lockedFor(pattern);
  }

  function lockedFor(pattern: string): ClassicFound {
    const { file, lock } = project;
    const [, range] = splitPattern(pattern);
    const entry = lock.get(pattern);
    if (entry === undefined) throw lockError(file, `it has no "${pattern}", which is asked for`, REGENERATE);
    const { version, optionalDependencies } = entry;
    if (validRange(range) !== null && !satisfies(version, range))
      throw lockError(file, `it has ${version} for "${pattern}"`, REGENERATE, pattern);
    // An entry may have very many patterns.
    const dependencies = needed.get(entry) ?? without(entry.dependencies, optionalDependencies);
    needed.set(entry, dependencies);
    return { version, source: sourceOf(file, pattern, entry), dependencies, optionalDependencies };
  }
}

/** What `file:` and `link:` name lies beside the lock, whoever asks for it. */
function sourceOf(file: string, pattern: string, entry: ClassicEntry): ClassicSource {
  const [name, range] = splitPattern(pattern);
  const [, protocol, path] = /^(file:|link:|(?=\.{1,2}\/))(.+)$/.exec(range) ?? [];
  if (path === undefined || (protocol !== "link:" && entry.resolved !== undefined))
    return { kind: "locked", entry, range };
  const folder = withoutEndSlashes(posix.normalize(path));
  if (!isInnerPath(folder)) throw outsideProject(file, name, range, pattern);
  return protocol === "link:" ? { kind: "link", folder } : { kind: "copy", folder, entry };
}

/** Each name once: what is optional is listed there alone, what is needed is not there for development. */
function ownLists({ dependencies = {}, devDependencies = {}, optionalDependencies = {} }: Manifest) {
  return {
    optionalDependencies,
    dependencies: without(dependencies, optionalDependencies),
    devDependencies: without(devDependencies, dependencies, optionalDependencies),
  };
}

function without(list: Readonly<Record<string, string>>, ...others: readonly object[]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(list).filter(([name]) => !others.some((other) => Object.hasOwn(other, name))),
  );
}

function requestsOf(list: Readonly<Record<string, string>>, isOptional = false): readonly ClassicRequest[] {
  return Object.entries(list).map(([name, range]) => ({
    pattern: `${name}@${range}`,
    isOptional,
    isMarked: isOptional,
  }));
}
