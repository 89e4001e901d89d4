/**
 * Shared objects of the finished image that cannot be loaded there: a library that they need is nowhere in it, or they
 * are for another machine. Where a library is does not matter: programs have their own ways to be told.
 */
import {
  baseNameOf,
  displayBytes,
  displayPath,
  isNewerGlibc,
  platformText,
  type CheckContext,
  type Entry,
  type FileTree,
  type Finding,
  type GlibcVersion,
  type Platform,
  type TreePath,
} from "../../../core/index.ts";
import { fitsPlatform } from "../architecture.ts";
import { isChosen, isOptional, type Target } from "./chosen.ts";
import { factsOf, isSameKind, sharedObjects, followed, type ElfFacts, type SharedObject } from "./objects.ts";

/** What the host's driver puts into a container that is given a graphics card. */
const OF_THE_HOST = /^lib(?:cuda|nvcuvid|nvidia-[a-z0-9-]+|GLX_nvidia|EGL_nvidia)\.so/;

/** The names that musl's loader answers itself, as it is the C library. */
const MUSL_OWN = /^lib(?:c|pthread|rt|m|dl|util|xnet)\.(?:so|musl-)/;

/** Files named in one sentence; more are counted. */
const NAMED = 3;

export async function loadingFindings({ image, platform, store }: CheckContext): Promise<readonly Finding[]> {
  const objects = await sharedObjects(image.tree, store);
  if (objects.length === 0) return [];
  const target = targetOf(objects, image.tree, platform.architecture);
  const chosen = objects.filter(({ entry }) => isChosen(entry.path, target) && !isOptional(entry));
  const foreign = new Map<string, TreePath[]>();
  const missing = new Map<string, TreePath[]>();
  const tooNew = new Map<string, TreePath[]>();
  const glibc = glibcOf(objects, platform);
  const libraries = libraryIndex(objects, image.tree);
  for (const { entry, facts } of chosen) {
    if (facts.format !== "elf" || !fitsPlatform(facts.architecture, platform)) {
      add(foreign, facts.format === "elf" ? facts.architecture : facts.format, entry.path);
      continue;
    }
    if (glibc !== undefined && isNewerGlibc(facts.glibc.required, glibc))
      add(tooNew, facts.glibc.required.join("."), entry.path);
    for (const name of facts.needed) {
      if (OF_THE_HOST.test(name) || (target.hasMusl && MUSL_OWN.test(name))) continue;
      if (!libraries.has(baseNameOf(name as TreePath), facts)) add(missing, name, entry.path);
    }
  }
  const text = platformText(platform);
  return [
    ...[...foreign].map(([what, paths]): Finding => ({
      code: "W_LIBRARY_PLATFORM",
      files: paths,
      message: `${listed(paths)} ${paths.length === 1 ? "is" : "are"} for ${SYSTEMS[what] ?? what}, but the image is for ${text}`,
      hint: `Install what brings it for ${text}, as by npm ci in a step, or leave it out with a filter`,
    })),
    ...byNeeders(missing).map(({ names, paths }): Finding => ({
      code: "W_LIBRARY_MISSING",
      files: paths,
      message: `${listed(paths)} ${paths.length === 1 ? "needs" : "need"} ${names.map(displayBytes).join(", ")}, which ${names.length === 1 ? "is" : "are"} not in the image`,
      hint: hintFor(names),
    })),
    ...[...tooNew].map(([version, paths]): Finding => ({
      code: "W_LIBRARY_GLIBC",
      files: paths,
      message: `${listed(paths)} ${paths.length === 1 ? "needs" : "need"} glibc ${version}, but the image has glibc ${glibc?.join(".")}`,
      hint: "Take glibc from a newer suite of the distribution, or a version of the package that was built for an older glibc",
    })),
  ];
}

/** Of the image's own C library; undefined where it has none, several, or one that tells no version. */
function glibcOf(objects: readonly SharedObject[], platform: Platform): GlibcVersion | undefined {
  const versions = objects.flatMap(({ entry, facts }) =>
    facts.format === "elf" &&
    facts.architecture === platform.architecture &&
    baseNameOf(entry.path) === "libc.so.6" &&
    isNewerGlibc(facts.glibc.defined, [0, 0])
      ? [facts.glibc.defined]
      : [],
  );
  return versions.length === 1 ? versions[0] : undefined;
}

const SYSTEMS: Readonly<Record<string, string>> = { macos: "macOS", windows: "Windows" };

/** What the same files lack is told together. */
function byNeeders(missing: ReadonlyMap<string, readonly TreePath[]>) {
  const groups = new Map<string, { readonly names: string[]; readonly paths: readonly TreePath[] }>();
  for (const [name, paths] of missing) {
    const key = paths.join("\0");
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { names: [name], paths });
    else group.names.push(name);
  }
  return [...groups.values()];
}

function hintFor(names: readonly string[]): string {
  if (names.some((name) => /^(?:libc\.musl-|ld-musl-)/.test(name)))
    return "It was built for musl (Alpine): install it where glibc is, as by npm ci in a step";
  const [what, path] = names.length === 1 ? [displayBytes(names[0]!), displayBytes(names[0]!)] : ["them", "LIBRARY"];
  return `Add what has ${what} to the image: its package to debian({ packages }), or elf({ files: "/path/of/${path}" }) from this host`;
}

function targetOf(objects: readonly SharedObject[], tree: FileTree, architecture: string): Target {
  const names = objects.map(({ entry }) => baseNameOf(entry.path));
  const isMusl = (name: string): boolean => /^(?:ld-musl-|libc\.musl-)/.test(name);
  return {
    architecture,
    hasGlibc: names.includes("libc.so.6"),
    hasMusl:
      names.some(isMusl) || tree.entries().some(({ type, path }) => type === "symlink" && isMusl(baseNameOf(path))),
  };
}

interface LibraryIndex {
  /** Whether a library of the name, or with it as its soname, is there that the same process can load. */
  has(name: string, like: ElfFacts): boolean;
}

function libraryIndex(objects: readonly SharedObject[], tree: FileTree): LibraryIndex {
  const byName = new Map<string, ElfFacts[]>();
  for (const { entry, facts } of objects) {
    if (facts.format !== "elf") continue;
    add(byName, baseNameOf(entry.path), facts);
    if (facts.soname !== null) add(byName, facts.soname, facts);
  }
  /** Links, and files whose names tell nothing, by their own names: looked through when a library was not found else. */
  let others: Map<string, Entry[]> | undefined;
  return {
    has(name, like) {
      if (byName.get(name)?.some((facts) => isSameKind(facts, like))) return true;
      others ??= othersByName(tree);
      return (others.get(name) ?? []).some((entry) => {
        const file = followed(tree, entry.path);
        const facts = file?.type === "file" ? factsOf(file) : null;
        return facts?.format === "elf" && isSameKind(facts, like);
      });
    },
  };
}

function othersByName(tree: FileTree): Map<string, Entry[]> {
  const byName = new Map<string, Entry[]>();
  for (const entry of tree.entries()) if (entry.type !== "directory") add(byName, baseNameOf(entry.path), entry);
  return byName;
}

function listed(paths: readonly TreePath[]): string {
  const more = paths.length > NAMED ? ` and ${paths.length - NAMED} more` : "";
  return paths.slice(0, NAMED).map(displayPath).join(", ") + more;
}

function add<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
