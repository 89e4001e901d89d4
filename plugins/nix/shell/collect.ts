/** What a derivation is built with as a closure, and the shell's files around it. */
import {
  FileTree,
  ImageDslError,
  directoryEntry,
  joinPath,
  lookup,
  messageOf,
  parentOf,
  resolvePath,
  treePath,
  withEntries,
  type Collected,
  type CollectContext,
  type Entry,
  type TreePath,
  readRegularSync,
} from "../../../core/index.ts";
import { queryClosure } from "../closure.ts";
import { nodeOf } from "../collect.ts";
import { parseDerivation } from "../derivation.ts";
import { realise, resolveDerivation } from "../resolve.ts";
import { parseStorePath } from "../store-path.ts";
import { BUILD_DIRECTORY, shellEnvironment, type ShellEnvironment } from "./environment.ts";
import type { NixShellOptions } from "./source.ts";

export interface NixShell extends ShellEnvironment {
  readonly options: NixShellOptions;
  /** Of the derivation. */
  readonly name: string;
  readonly store: string;
  readonly collected: Collected;
}

/** Throws `E_NIX_BUILD`, `E_NIX_STORE` and `E_NIX_SHELL`. */
export async function collectNixShell(options: NixShellOptions, context: CollectContext): Promise<NixShell> {
  const path = await resolveDerivation(options.drv, context.platform, context);
  const { name, store } = parseStorePath(path);
  const derivation = parseDerivation(readDerivation(path), path);
  const environment = shellEnvironment(derivation, store, options);
  const inputs = derivation.inputDerivations.map(([input, outputs]) => `${input}!${outputs.join(",")}`);
  const roots = [...new Set([...(await realise(inputs, context)), ...derivation.inputSources])];
  const infos = roots.length === 0 ? [] : [...(await queryClosure(roots, context)).values()];
  return {
    ...environment,
    options,
    name: derivation.env.get("name") ?? name.replace(/\.drv$/, ""),
    store,
    collected: { nodes: infos.map(nodeOf), roots, image: FileTree.of(environment.files) },
  };
}

function readDerivation(path: string): string {
  try {
    return readRegularSync(path, "nix.derivation").toString("utf8");
  } catch (cause) {
    throw new ImageDslError("E_NIX_STORE", `Cannot read the derivation "${path}": ${messageOf(cause)}`, { cause });
  }
}

/**
 * `tree` with what the shell's user may write to, and the two programs that scripts take for granted. It is a Nix of one
 * user: the store is the user's, so that the derivation can be built.
 */
export function withShell(tree: FileTree, { options, store, shell, collected }: NixShell): FileTree {
  const { uid, gid, homeDirectory } = options;
  const state = resolvePath(tree, `${store}/../var/nix`);
  const storeAt = treePath(store);
  const own = [parentOf(storeAt), storeAt, parentOf(state), state, "etc/nix", treePath(BUILD_DIRECTORY)];
  // A home of another user's is left alone.
  const home = lookup(tree, homeDirectory) === undefined ? [resolvePath(tree, homeDirectory)] : [];
  const env = collected.nodes.map(({ id }) => `${id}/bin/env`).find((path) => lookup(tree, path) !== undefined);
  return withEntries(tree, [
    ...[...own, ...home].filter((path) => path !== "").map((path) => directoryEntry(path as TreePath, { uid, gid })),
    ...linkWhereNone(tree, "/bin/sh", shell),
    ...(env === undefined ? [] : linkWhereNone(tree, "/usr/bin/env", env)),
  ]);
}

function linkWhereNone(tree: FileTree, path: string, target: string): Entry[] {
  if (path === target || lookup(tree, path) !== undefined) return [];
  const slash = path.lastIndexOf("/");
  const place = joinPath(resolvePath(tree, path.slice(0, slash)), path.slice(slash + 1));
  return [{ path: place, type: "symlink", mode: 0o777, uid: 0, gid: 0, mtime: 1, target }];
}
