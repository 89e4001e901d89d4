/** `npm ci` as the referee of `npm()`: the same project, installed by both. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { writeFiles, type ProjectFiles } from "./npm-projects.ts";
import { must } from "./support.ts";
import { differences, listTree, type ListedEntry } from "./tree-listing.ts";

/** Writes the project and lets npm write its lock. */
export function makeProject(directory: string, files: ProjectFiles): void {
  writeFiles(directory, files);
  must(["npm", "install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: directory });
}

/** What `npm ci` installs for production. */
export function installedByNpm(directory: string, cpu: string): ReadonlyMap<string, ListedEntry> {
  rmSync(join(directory, "node_modules"), { recursive: true, force: true });
  const flags = [
    "--omit=dev",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--os=linux",
    `--cpu=${cpu}`,
    "--libc=glibc",
  ];
  must(["npm", "ci", ...flags], { cwd: directory, umask: "022" });
  const found = listTree(join(directory, "node_modules"));
  rmSync(join(directory, "node_modules"), { recursive: true });
  return found;
}

export function assertSameTree(ours: string, npms: ReadonlyMap<string, ListedEntry>): void {
  const found = treeDifferences(ours, npms);
  assert.equal(found.slice(0, 20), [], `${found.length} differences`);
}

/** In names, kinds, modes, links and bytes. npm's own note of what it installed is not in the image. */
export function treeDifferences(ours: string, npms: ReadonlyMap<string, ListedEntry>): readonly string[] {
  return differences(withoutTimes(listTree(ours)), withoutTimes(npms));
}

function withoutTimes(tree: ReadonlyMap<string, ListedEntry>): ReadonlyMap<string, ListedEntry> {
  const kept = [...tree].filter(([path]) => path !== ".package-lock.json");
  return new Map(kept.map(([path, entry]) => [path, { ...entry, mtime: 0 }]));
}
