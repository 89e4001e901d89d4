/**
 * dpkg's own records for images that have dpkg: `/var/lib/dpkg/status`, the package's control files and lists in
 * `info/`, the triggers' index. With them `dpkg -l`, `dpkg -V` and apt know what is there. Scanners read this instead
 * of `status.d/` then, so that one goes.
 */
import { createHash } from "node:crypto";
import {
  type Entry,
  FileTree,
  type TreePath,
  directoryEntry,
  lookup,
  parentOf,
  readWhole,
  treePath,
  treePathFromBytes,
  withEntries,
  withoutPaths,
} from "../../../core/index.ts";
import { controlText } from "./control-member.ts";
import { fieldOf, statusParagraph } from "./dpkg-stanza.ts";
import { SKELETON_PACKAGES } from "./skeleton.ts";
import type { ScriptPackage } from "./world.ts";

const DPKG = treePath("usr/bin/dpkg");
const STATUS = treePath("var/lib/dpkg/status");
const FOR_SCANNERS = treePath("var/lib/dpkg/status.d");
const INFO = "var/lib/dpkg/info";
const TRIGGERS = "var/lib/dpkg/triggers";
const SCRIPTS = new Set(["preinst", "postinst", "prerm", "postrm", "config"]);

/**
 * `unpacked`: the tree before the scripts ran. `waiting`: the packages are not configured yet, and these configuration files of theirs not
 * in place. New entries have the origin `image`.
 */
export function withDpkgDatabase(
  tree: FileTree,
  unpacked: FileTree,
  packages: readonly ScriptPackage[],
  waiting?: ReadonlySet<TreePath>,
): FileTree {
  if (tree.get(DPKG)?.type !== "file") return tree;
  const ours = stoodFor(packages);
  const sorted = [...packages, ...ours].sort(
    (a, b) => compare(a.name, b.name) || compare(a.architecture, b.architecture),
  );
  const files = new Map<string, MadeFile>([
    [STATUS, { text: statusText(tree, unpacked, sorted, waiting && { waiting, but: ours }) }],
    ["var/lib/dpkg/available", { text: "" }],
    [`${INFO}/format`, { text: "1\n" }],
    ...sorted.flatMap((item) => [...controlFiles(item), listFile(item, unpacked)]),
    ...triggerFiles(sorted, tree),
  ]);
  const made = [...files].map(([path, file]) => fileEntry(treePathFromBytes(path), file));
  const directories = missingDirectories(tree, [...files.keys(), "var/lib/dpkg/updates/."]);
  return withEntries(withoutPaths(tree, [FOR_SCANNERS]), [...directories, ...made]);
}

/** What packages depend on and the skeleton has without a package: to dpkg it is one without files. */
function stoodFor(packages: readonly ScriptPackage[]): readonly ScriptPackage[] {
  const depended = packages.map((item) => {
    const control = controlText(item, "control") ?? "";
    return `${fieldOf(control, "Depends")}, ${fieldOf(control, "Pre-Depends")}`;
  });
  const names = SKELETON_PACKAGES.filter(
    (name) =>
      packages.every((item) => item.name !== name) && depended.some((text) => text.split(/[\s,|(:]+/).includes(name)),
  );
  return names.map((name) => {
    const control = `Package: ${name}
Priority: optional
Section: oldlibs
Maintainer: image-dsl <image-dsl@localhost>
Architecture: all
Multi-Arch: foreign
Version: 0
Description: part of the image's skeleton
`;
    const members = { control, md5sums: "" };
    const files = Object.entries(members).map(([file, text]) => [file, Buffer.from(text, "latin1")] as const);
    return { id: name, name, version: "0", architecture: "all", control: new Map(files), tree: FileTree.empty };
  });
}

interface MadeFile {
  /** A byte string. */
  readonly text: string;
  readonly mode?: number;
}

type Made = readonly [path: string, file: MadeFile];

/** Packages that are there without our doing (a base image's) stay in the list. */
function statusText(
  tree: FileTree,
  unpacked: FileTree,
  packages: readonly ScriptPackage[],
  open: { readonly waiting: ReadonlySet<TreePath>; readonly but: readonly ScriptPackage[] } | undefined,
): string {
  const stanzas = new Map<string, string>();
  for (const stanza of textIn(tree, STATUS)
    .split(/\n{2,}/)
    .filter((text) => text.trim() !== "")) {
    stanzas.set(`${fieldOf(stanza, "Package")} ${fieldOf(stanza, "Architecture")}`, `${stanza.trimEnd()}\n`);
  }
  for (const item of packages) {
    const control = controlText(item, "control") ?? "";
    const state = open === undefined || open.but.includes(item) ? "installed" : "unpacked";
    const files = conffiles(item, unpacked, open?.waiting);
    stanzas.set(`${item.name} ${item.architecture}`, statusParagraph(control, files, state));
  }
  return [...stanzas.keys()]
    .sort()
    .map((key) => `${stanzas.get(key)}\n`)
    .join("");
}

/** Each with the MD5 sum of what the package ships, or dpkg's word for one that is not in place. */
function conffiles(
  item: ScriptPackage,
  unpacked: FileTree,
  waiting: ReadonlySet<TreePath> = new Set(),
): readonly string[] {
  const lines = (controlText(item, "conffiles") ?? "").split("\n").map((line) => line.trim());
  return lines.flatMap((path) => {
    if (!path.startsWith("/")) return [];
    const entry = lookup(item.tree ?? unpacked, path);
    if (entry?.type !== "file") return [];
    if (waiting.has(treePathFromBytes(path))) return [`${path} newconffile`];
    return [`${path} ${createHash("md5").update(readWhole(entry)).digest("hex")}`];
  });
}

function controlFiles(item: ScriptPackage): readonly Made[] {
  return [...item.control]
    .filter(([name]) => name !== "control" && /^[\w-]+$/.test(name))
    .map(([name, bytes]) => {
      const text = Buffer.from(bytes).toString("latin1");
      return [`${INFO}/${infoName(item)}.${name}`, { text, ...(SCRIPTS.has(name) && { mode: 0o755 }) }];
    });
}

/** What the package holds now: a file that another package took over is that one's. */
function listFile(item: ScriptPackage, unpacked: FileTree): Made {
  const entries = item.tree?.entries() ?? unpacked.entries().filter(({ origin }) => origin === item.id);
  const kept = entries.filter((entry) => {
    if (entry.type === "directory") return true;
    const origin = placed(unpacked, entry.path)?.origin;
    return origin === undefined || origin === item.id;
  });
  // dpkg-deb packs links last, so that what they lead to is there.
  const links = kept.filter(({ type }) => type === "symlink");
  const paths = ["/.", ...[...kept.filter(({ type }) => type !== "symlink"), ...links].map(({ path }) => `/${path}`)];
  return [`${INFO}/${infoName(item)}.list`, { text: paths.map((path) => `${path}\n`).join("") }];
}

/** The entry that a package's path became in the merged tree, where /lib is a link. */
function placed(tree: FileTree, path: TreePath): Entry | undefined {
  const direct = tree.get(path);
  if (direct) return direct;
  const parent = lookup(tree, `/${parentOf(path)}`);
  return parent && tree.get(treePathFromBytes(`${parent.path}/${path.slice(path.lastIndexOf("/") + 1)}`));
}

/** Who is interested in which paths, and in which names (deb-triggers(5)); what a base image's packages are, stays. */
function triggerFiles(packages: readonly ScriptPackage[], tree: FileTree): readonly Made[] {
  const byPath: string[] = [];
  const byName = new Map<string, string[]>();
  for (const item of packages) {
    for (const line of (controlText(item, "triggers") ?? "").split("\n")) {
      const [, how, name] = /^\s*interest(-await|-noawait)?\s+([^\s#]+)/.exec(line) ?? [];
      if (name === undefined) continue;
      const interested = `${infoName(item)}${how === "-noawait" ? "/noawait" : ""}`;
      if (name.startsWith("/")) byPath.push(`${name} ${interested}\n`);
      else if (/^[\w+.:-]+$/.test(name) && !/^\.|^(File|Unincorp|Lock)$/.test(name))
        byName.set(name, [...(byName.get(name) ?? []), `${interested}\n`]);
    }
  }
  const withThere = (path: string, lines: readonly string[]): Made => {
    const there = textIn(tree, path).match(/^.+\n/gm) ?? [];
    return [path, { text: [...new Set([...there, ...lines])].join("") }];
  };
  return [
    withThere(`${TRIGGERS}/File`, byPath),
    [`${TRIGGERS}/Unincorp`, { text: "" }],
    ...[...byName].map(([name, lines]) => withThere(`${TRIGGERS}/${name}`, lines)),
  ];
}

/** Names and paths that packages are interested in, by dpkg's records. */
export function triggersIn(tree: FileTree): readonly string[] {
  const names = tree.under(treePath(TRIGGERS)).flatMap(({ path, type }) => {
    const name = path.slice(TRIGGERS.length + 1);
    return type === "file" && !/^(File|Unincorp|Lock)$/.test(name) ? [name] : [];
  });
  const paths = textIn(tree, `${TRIGGERS}/File`)
    .split("\n")
    .flatMap((line) => (line === "" ? [] : [line.slice(0, line.lastIndexOf(" "))]));
  return [...names, ...paths];
}

/** A byte string; empty where there is no such file. */
function textIn(tree: FileTree, path: string): string {
  const entry = tree.get(treePathFromBytes(path));
  return entry?.type === "file" ? Buffer.from(readWhole(entry)).toString("latin1") : "";
}

/** Packages that may be there for several architectures at once have theirs in the name. */
export function infoName(item: ScriptPackage): string {
  const isSame = fieldOf(controlText(item, "control") ?? "", "Multi-Arch") === "same";
  return isSame ? `${item.name}:${item.architecture}` : item.name;
}

function missingDirectories(tree: FileTree, files: readonly string[]): readonly Entry[] {
  const missing = new Set<TreePath>();
  for (const file of files) {
    let path = parentOf(file as TreePath);
    for (; path !== "" && !tree.has(path); path = parentOf(path)) missing.add(path);
  }
  return [...missing].map((path) => directoryEntry(path, { origin: "image" }));
}

function fileEntry(path: TreePath, { text, mode = 0o644 }: MadeFile): Entry {
  const bytes = Buffer.from(text, "latin1");
  const content = { kind: "inline", bytes } as const;
  return { type: "file", path, mode, uid: 0, gid: 0, mtime: 1, origin: "image", size: bytes.length, content };
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
