/** Which package manager a project uses, and which its lock is. */
import type { PackageManager } from "../../project/project-locks.ts";
import type { PackageManifest } from "./package-manifest.ts";
import { BINARY_LOCK, type ProjectFiles } from "./project-files.ts";

export interface ManagerFound {
  readonly name: PackageManager;
  /** The lock's file name; undefined where there is none yet. */
  readonly lock: string | undefined;
  /** The command that makes the lock. */
  readonly install: string;
  /** Locks of others, which are not looked at. */
  readonly ignored: readonly string[];
}

const INSTALL: Readonly<Record<PackageManager, string>> = {
  npm: "npm install",
  pnpm: "pnpm install",
  yarn: "yarn install",
  bun: "bun install --save-text-lockfile",
};

/** What package.json names, else whose lock is there, here or further up; else npm. */
export function findManager({ locked }: ProjectFiles, manifest: PackageManifest): ManagerFound {
  const present = locked.locks.filter((lock) => lock !== BINARY_LOCK);
  const said = Object.keys(INSTALL).find((name) => manifest.packageManager?.startsWith(`${name}@`));
  const isBuns = locked.locks.includes(BINARY_LOCK) || /^bun\b/.test(manifest.scripts["start"] ?? "");
  const name = (said as PackageManager | undefined) ?? present[0]?.manager ?? (isBuns ? "bun" : "npm");
  const lock = present.find(({ manager }) => manager === name)?.name;
  const ignored = present.flatMap((each) => (each.name === lock ? [] : [each.name]));
  return { name, lock, install: INSTALL[name], ignored };
}
