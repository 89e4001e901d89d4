/**
 * What stands for an imported package in a module graph: its version and its lock's integrity, with all it depends on;
 * without a package lock, or where it is linked from outside node_modules, the digest of its files.
 */
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, realpathSync, statSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { digestOf } from "../model/digest.ts";
import { canonicalJson, type Json } from "../model/json.ts";
import { readJson } from "./package-imports.ts";

const FILES_LIMIT = 50_000;

/** `importer` is the importing file, `base` the config's folder. Throws where the package is not installed. */
export async function packageIdentity(specifier: string, importer: string, base: string): Promise<Json> {
  const name = packageName(specifier);
  const lock = findLock(base);
  const seen = new Map<string, Json>();
  const add = (wanted: string, from: string, optional: boolean): void => {
    const directory = findPackage(wanted, from);
    if (directory === undefined) {
      if (optional) return;
      throw new Error(`it imports the package "${wanted}", which is not installed`);
    }
    const place = relative(base, directory).split(sep).join("/");
    if (seen.has(place)) return;
    const manifest = (readJson(join(directory, "package.json")) ?? {}) as Manifest;
    const integrity = lock && integrityOf(lock, directory);
    seen.set(place, {
      name: manifest.name ?? wanted,
      version: manifest.version ?? "",
      ...(integrity === undefined ? { files: filesDigest(realpathSync(directory)) } : { integrity }),
    });
    for (const each of Object.keys(manifest.dependencies ?? {}).toSorted()) add(each, realpathSync(directory), false);
    const optionals = { ...manifest.optionalDependencies, ...manifest.peerDependencies };
    for (const each of Object.keys(optionals).toSorted()) add(each, realpathSync(directory), true);
  };
  add(name, dirname(importer), false);
  // Where packages lie decides which of them is found, so places count as well; the order of finding does not.
  return digestOf(canonicalJson(Object.fromEntries(seen)));
}

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

interface PackageLock {
  readonly directory: string;
  readonly packages: Readonly<Record<string, { readonly integrity?: string; readonly link?: boolean }>>;
}

function packageName(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

function findPackage(name: string, from: string): string | undefined {
  for (let at = from; ; at = dirname(at)) {
    const candidate = join(at, "node_modules", name);
    if (statSync(join(candidate, "package.json"), { throwIfNoEntry: false })?.isFile()) return candidate;
    if (dirname(at) === at) return undefined;
  }
}

/** npm's package-lock.json of the project that the config is part of. Others count as none. */
function findLock(directory: string): PackageLock | undefined {
  for (let at = directory; ; at = dirname(at)) {
    const lock = readJson(join(at, "package-lock.json")) as Partial<PackageLock> | undefined;
    if (lock?.packages) return { directory: at, packages: lock.packages };
    if (dirname(at) === at) return undefined;
  }
}

/** Of an installed package; a link's files lie outside node_modules and are looked at themselves. */
function integrityOf(lock: PackageLock, directory: string): string | undefined {
  if (!realpathSync(directory).split(sep).includes("node_modules")) return undefined;
  return lock.packages[relative(lock.directory, directory).split(sep).join("/")]?.integrity;
}

/** Names and bytes of all files of a package but those of other packages and of version control. */
function filesDigest(root: string): string {
  const hash = createHash("sha256");
  const pending = [root];
  const files: string[] = [];
  while (pending.length > 0) {
    const directory = pending.pop()!;
    for (const each of readdirSync(directory, { withFileTypes: true })) {
      if (each.name === "node_modules" || each.name === ".git") continue;
      const path = join(directory, each.name);
      if (each.isDirectory()) pending.push(path);
      else if (each.isFile()) files.push(path);
      if (files.length > FILES_LIMIT) throw new Error(`the package in "${root}" has more than ${FILES_LIMIT} files`);
    }
  }
  for (const file of files.toSorted()) hash.update(`${relative(root, file)}\0${digestOf(readFileSync(file))}\n`);
  return hash.digest("hex");
}
