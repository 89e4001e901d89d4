/** Which lock a project has: in its own folder, or in the one of the workspace that it is a member of. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ImageDslError, projectLocks, type PackageManager } from "../../../core/index.ts";
import { lockError } from "./lock-error.ts";
import type { Manifest } from "./manifest.ts";

export interface FoundLock {
  /** Absolute. */
  readonly file: string;
  readonly manager: PackageManager;
  /** The folder that has the lock. */
  readonly root: string;
  /** The project's place below it; "" is the whole. */
  readonly member: string;
}

/** A lock that was read. */
export interface LockText extends Pick<FoundLock, "file" | "root" | "member"> {
  readonly text: string;
}

/** Throws `E_NPM_LOCK` where there is none, or locks of several managers; `E_NPM_PROJECT` as `projectLocks` does. */
export function findLock(directory: string, { packageManager }: Manifest): FoundLock {
  const { root, member, locks, others } = projectLocks(directory);
  const named = locks.find(({ manager }) => packageManager?.startsWith(`${manager}@`));
  const found = named ?? locks[0];
  if (found === undefined) throw noLock(directory, others);
  const other = locks.find(({ manager }) => manager !== found.manager);
  if (named !== undefined || other === undefined) {
    return { file: join(root, found.name), manager: found.manager, root, member };
  }
  throw lockError(
    join(root, found.name),
    `beside it lies ${other.name}, and only one of them can be right`,
    "Remove the other one, or name the manager: packageManager in package.json",
  );
}

/** `others`: locks further up. */
function noLock(directory: string, others: readonly string[]): ImageDslError {
  const isDenos = existsSync(join(directory, "deno.lock"));
  const [other] = others;
  const what = `There is no lock for the project in ${directory}`;
  return new ImageDslError(
    "E_NPM_LOCK",
    other === undefined ? what : `${what}: ${other} is of a workspace that does not list it, or of none`,
    {
      hint: isDenos
        ? 'denoApp() goes by its deno.lock where deno.json says "nodeModulesDir": "none"'
        : "npm install --package-lock-only, pnpm or bun install --lockfile-only, or yarn install writes one; commit it",
    },
  );
}
