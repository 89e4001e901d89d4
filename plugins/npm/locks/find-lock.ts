/** Which lock a project has: in its own folder, or in the one of the workspace that it is a member of. */
import { existsSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { ImageDslError, memberTest, workspaceGlobs } from "../../../core/index.ts";
import { lockError } from "./lock-error.ts";
import { readManifest, type Manifest } from "./manifest.ts";

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
export async function findLock(directory: string, { packageManager }: Manifest): Promise<FoundLock> {
  const others: string[] = [];
  for (let folder = directory; ; folder = dirname(folder)) {
    const member = relative(folder, directory).split(sep).join("/");
    const there = LOCKS.filter(({ name }) => existsSync(join(folder, name)));
    const present = member === "" || there.length === 0 ? there : await ofWorkspace(there, folder, member);
    others.push(...there.flatMap((lock) => (present.includes(lock) ? [] : [join(folder, lock.name)])));
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
    if (found !== undefined) return { file: join(folder, found.name), manager: found.manager, root: folder, member };
    if (dirname(folder) === folder) throw noLock(directory, others);
  }
}

/** Those of a folder further up that are the member's too: managers go by what that folder lists as its workspace, else they do not look there. */
async function ofWorkspace<Lock extends { readonly manager: Manager }>(
  locks: readonly Lock[],
  folder: string,
  member: string,
): Promise<readonly Lock[]> {
  const manifest = await readManifest(join(folder, "package.json")).catch(() => undefined);
  const isMember = memberTest(workspaceGlobs(manifest?.workspaces))(member);
  const isOfPnpm = existsSync(join(folder, "pnpm-workspace.yaml"));
  return locks.filter(({ manager }) => (manager === "pnpm" ? isOfPnpm : isMember));
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
