/** Which lock a project has: in its own folder, or in the one of the workspace that it is a member of. */
import { existsSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { ImageDslError } from "../../../core/index.ts";
import { lockError } from "./lock-error.ts";
import type { Manifest } from "./manifest.ts";

/** By the lock's name: who writes it, and by which command. The first of one manager outranks its others. */
export const LOCKS = [
  { name: "npm-shrinkwrap.json", manager: "npm" },
  { name: "package-lock.json", manager: "npm" },
  { name: "pnpm-lock.yaml", manager: "pnpm" },
  { name: "yarn.lock", manager: "yarn" },
  { name: "bun.lock", manager: "bun" },
] as const;

export type Manager = (typeof LOCKS)[number]["manager"];

export interface FoundLock {
  /** Absolute. */
  readonly file: string;
  readonly manager: Manager;
  /** The folder that has the lock. */
  readonly root: string;
  /** The project's place below it; "" is the whole. */
  readonly member: string;
}

/** A lock that was read. */
export interface LockText extends Pick<FoundLock, "file" | "root" | "member"> {
  readonly text: string;
}

/** Throws `E_NPM_LOCK` where there is none, or locks of several managers. */
export function findLock(directory: string, { packageManager }: Manifest): FoundLock {
  for (let folder = directory; ; folder = dirname(folder)) {
    const present = LOCKS.filter(({ name }) => existsSync(join(folder, name)));
    const managers = [...new Set(present.map(({ manager }) => manager))];
    const named = managers.find((manager) => packageManager?.startsWith(`${manager}@`));
    if (managers.length > 1 && named === undefined) {
      throw lockError(
        join(folder, present[0]!.name),
        `beside it lies ${present.at(-1)!.name}, and only one of them can be right`,
        "Remove the other one, or name the manager: packageManager in package.json",
      );
    }
    const found = present.find(({ manager }) => manager === (named ?? manager));
    if (found !== undefined) {
      const member = relative(folder, directory).split(sep).join("/");
      return { file: join(folder, found.name), manager: found.manager, root: folder, member };
    }
    if (dirname(folder) === folder) break;
  }
  const isDenos = existsSync(join(directory, "deno.lock"));
  throw new ImageDslError("E_NPM_LOCK", `There is no lock for the project in ${directory}`, {
    hint: isDenos
      ? 'denoApp() goes by its deno.lock where deno.json says "nodeModulesDir": "none"'
      : "npm install --package-lock-only, pnpm or bun install --lockfile-only, or yarn install writes one; commit it",
  });
}
