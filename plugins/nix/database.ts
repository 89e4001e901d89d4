/** The Nix database of an image: what its store holds, so that Nix in a container takes it as its own. */
import {
  BASE,
  ImageDslError,
  directoryEntry,
  displayPath,
  encodeText,
  inlineFile,
  joinPath,
  parentOf,
  readWhole,
  resolvePath,
  treePath,
  withEntries,
  type Entry,
  type FileTree,
  type TreePath,
} from "../../core/index.ts";
import { readBaseDatabase } from "./base-database.ts";
import type { PathInfo } from "./closure.ts";
import { SCHEMA_VERSION, databaseObjects, type ValidPath } from "./database-schema.ts";
import { parseDerivation } from "./derivation.ts";
import { writeDatabase } from "./sqlite/write.ts";
import { parseStorePath } from "./store-path.ts";

/** Fixed: a clock must not reach the image. */
const REGISTERED = 1;

const DEFAULT_STORE = "/nix/store";

/**
 * `tree` with `infos` registered beside what a base has registered, and `roots` kept from Nix's garbage collector.
 * Throws `E_NIX_DATABASE` where something else lies inside a store path, and for a base's database that is damaged.
 */
export function withDatabase(tree: FileTree, infos: readonly PathInfo[], roots: readonly string[]): FileTree {
  const store = infos[0] === undefined ? DEFAULT_STORE : parseStorePath(infos[0].path).store;
  const state = resolvePath(tree, `${encodeText(store)}/../var/nix`);
  const directory = joinPath(state, "db");
  for (const { path } of infos) refuseForeign(tree, path);
  const paths = new Map(readBaseDatabase(tree, directory).map((each) => [each.path, each]));
  for (const info of infos) paths.set(info.path, registered(tree, info));
  for (const { path, references } of infos) {
    const absent = references.find((reference) => !paths.has(reference));
    if (absent === undefined) continue;
    const message = `Cannot register "${path}": it refers to "${absent}", which the image lacks`;
    throw new ImageDslError("E_NIX_DATABASE", message, { hint: "See what took it out of the closure" });
  }
  const sorted = [...paths.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  return withEntries(tree, [
    ...stateDirectories(tree, state, `${store}/../var/nix`),
    inlineFile(joinPath(directory, "db.sqlite"), writeDatabase(databaseObjects(sorted))),
    inlineFile(joinPath(directory, "schema"), Buffer.from(SCHEMA_VERSION)),
    ...roots.map((root) => link(joinPath(state, `gcroots/docker/${root.slice(store.length + 1)}`), root)),
  ]);
}

function registered(tree: FileTree, { path, narHash, narSize, references }: PathInfo): ValidPath {
  return {
    path,
    hash: `sha256:${narHash}`,
    registrationTime: REGISTERED,
    // Who built it, and where, differs between stores that hold the same.
    deriver: null,
    narSize,
    ultimate: null,
    sigs: null,
    ca: null,
    references,
    outputs: path.endsWith(".drv") ? outputsOf(tree, path) : [],
  };
}

/** Those whose path is known. */
function outputsOf(tree: FileTree, path: string): ValidPath["outputs"] {
  const entry = tree.get(treePath(path));
  if (entry?.type !== "file") return [];
  const text = Buffer.from(readWhole(entry)).toString("utf8");
  return parseDerivation(text, path).outputs.filter(([, output]) => output !== "");
}

/** Nix would find that the path is not what its hash says. */
function refuseForeign(tree: FileTree, path: string): void {
  const place = treePath(path);
  for (const entry of tree.under(place)) {
    if (entry.origin === path || entry.origin === BASE) continue;
    throw new ImageDslError(
      "E_NIX_DATABASE",
      `Cannot register "${path}": ${displayPath(entry.path)} of ${entry.origin ?? "a plugin"} lies inside it, and its hash does not know that`,
      { hint: "Put that elsewhere: a link of the image may lead there" },
    );
  }
}

/** What Nix expects to be there once it finds a database; what is listed already stays as it is. */
function stateDirectories(tree: FileTree, state: TreePath, stated: string): Entry[] {
  const names = [
    "",
    "db",
    "gcroots",
    "gcroots/docker",
    "gcroots/per-user",
    "profiles",
    "profiles/per-user",
    "temproots",
  ];
  const directories = [parentOf(state), ...names.map((name) => joinPath(state, name))].map((path) =>
    directoryEntry(path),
  );
  const profiles = link(joinPath(state, "gcroots/profiles"), `/${treePathText(stated)}/profiles`);
  return [...directories, profiles].filter(({ path }) => {
    const present = tree.get(path);
    return present === undefined || (present.type === "directory" && present.implicit);
  });
}

/** The path of the state as Nix names it, `..` worked out. */
function treePathText(path: string): string {
  return resolvePath(new Map(), path);
}

function link(path: TreePath, target: string): Entry {
  return { path, type: "symlink", mode: 0o777, uid: 0, gid: 0, mtime: 1, target: encodeText(target) };
}
