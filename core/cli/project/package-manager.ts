/** Which package manager a project uses, and where its lock is. */
import type { PackageManifest } from "./package-manifest.ts";
import type { ProjectFiles } from "./project-files.ts";

export interface ManagerFound {
  readonly name: ManagerName;
  /** The lock's file name; undefined where there is none yet. */
  readonly lock: string | undefined;
  /** The command that makes the lock. */
  readonly install: string;
  /** Locks of others, which are not looked at. */
  readonly ignored: readonly string[];
}

const MANAGERS = {
  npm: { locks: ["package-lock.json", "npm-shrinkwrap.json"], install: "npm install" },
  pnpm: { locks: ["pnpm-lock.yaml"], install: "pnpm install" },
  yarn: { locks: ["yarn.lock"], install: "yarn install" },
  bun: { locks: ["bun.lock"], install: "bun install --save-text-lockfile" },
} as const;

export type ManagerName = keyof typeof MANAGERS;

const NAMES = Object.keys(MANAGERS) as readonly ManagerName[];

export const LOCKS: readonly string[] = Object.values(MANAGERS).flatMap(({ locks }) => locks);

/** What package.json names, else whose lock is there, here or further up; else npm. */
export function findManager(files: ProjectFiles, manifest: PackageManifest): ManagerFound {
  const isThere = (lock: string): boolean => files.paths.has(lock) || files.ofWorkspace.has(lock);
  const present = NAMES.flatMap((name) => MANAGERS[name].locks.filter(isThere).map((lock) => ({ name, lock })));
  const said = NAMES.find((name) => manifest.packageManager?.startsWith(`${name}@`));
  // bun's older lock is binary: nobody else reads it.
  const isBuns = isThere("bun.lockb") || /^bun\b/.test(manifest.scripts["start"] ?? "");
  const name = said ?? present[0]?.name ?? (isBuns ? "bun" : "npm");
  const lock = present.find((each) => each.name === name)?.lock;
  const ignored = present.flatMap((each) => (each.lock === lock ? [] : [each.lock]));
  return { name, lock, install: MANAGERS[name].install, ignored };
}
