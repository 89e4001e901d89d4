/**
 * Which locks have a project's packages: those in its own folder, else those of the nearest folder above it whose workspace it is a
 * member of. Each manager asks in its own way: pnpm the nearest pnpm-workspace.yaml, the others the `workspaces` of a package.json.
 */
import { existsSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { ImageDslError, messageOf, systemCodeOf } from "../error.ts";
import { isRecord, withoutMark } from "../model/json.ts";
import { readRegularSync } from "../regular-file.ts";
import { PNPM_WORKSPACE, pnpmGlobs } from "./pnpm-globs.ts";
import { memberTest, workspaceGlobs } from "./workspace-members.ts";

/** Whoever writes a lock that is read here. */
export type PackageManager = "npm" | "pnpm" | "yarn" | "bun";

/** A lock's file name, and who writes it. */
export interface LockName {
  /** Of the file. */
  readonly name: string;
  /** Who writes it. */
  readonly manager: PackageManager;
}

/** All that are read. Of one manager the first outranks its others. */
export const LOCK_NAMES: readonly LockName[] = [
  { name: "npm-shrinkwrap.json", manager: "npm" },
  { name: "package-lock.json", manager: "npm" },
  { name: "pnpm-lock.yaml", manager: "pnpm" },
  { name: "yarn.lock", manager: "yarn" },
  { name: "bun.lock", manager: "bun" },
];

/** What `projectLocks` finds. */
export interface ProjectLocks {
  /** The folder that has them; of a project without, its own. */
  readonly root: string;
  /** The project's place below it; "" is the whole. */
  readonly member: string;
  /** Of several managers where several have one there. */
  readonly locks: readonly LockName[];
  /** Paths of the locks on the way there, which are others'. */
  readonly others: readonly string[];
}

/** `directory` is absolute. Throws `E_NPM_PROJECT` where a lock lies beside a list of members that cannot be read. */
export function projectLocks(directory: string, known: readonly LockName[] = LOCK_NAMES): ProjectLocks {
  const others: string[] = [];
  let isBelowPnpms = false;
  for (let root = directory; ; root = dirname(root)) {
    const member = relative(root, directory).split(sep).join("/");
    const there = known.filter(({ name }) => existsSync(join(root, name)));
    const isPnpms: boolean = !isBelowPnpms && existsSync(join(root, PNPM_WORKSPACE));
    const locks = there.filter(({ manager }) => {
      if (member === "") return true;
      return manager === "pnpm" ? isPnpms && isListed(member, root, BY_PNPM) : isListed(member, root, BY_OTHERS);
    });
    if (locks.length > 0) return { root, member, locks, others };
    others.push(...there.map(({ name }) => join(root, name)));
    if (dirname(root) === root) return { root: directory, member: "", locks: [], others };
    isBelowPnpms ||= isPnpms;
  }
}

/** Where a workspace's members are listed. */
interface MemberList {
  readonly file: string;
  globsOf(text: string): readonly string[];
}

const BY_PNPM: MemberList = { file: PNPM_WORKSPACE, globsOf: pnpmGlobs };
const BY_OTHERS: MemberList = {
  file: "package.json",
  globsOf: (text) => workspaceGlobs(workspacesIn(JSON.parse(text))),
};

function workspacesIn(manifest: unknown): unknown {
  return isRecord(manifest) ? manifest["workspaces"] : undefined;
}

function isListed(member: string, root: string, { file: name, globsOf }: MemberList): boolean {
  const file = join(root, name);
  try {
    const text = withoutMark(readRegularSync(file, "npm.manifest").toString("utf8"));
    return memberTest(globsOf(text))(member);
  } catch (cause) {
    if (systemCodeOf(cause) === "ENOENT") return false;
    throw new ImageDslError(
      "E_NPM_PROJECT",
      `Cannot tell which folders are members of a workspace: ${file}: ${messageOf(cause)}`,
      {
        hint: "Mend it, or take the lock beside it away where nobody uses it",
        place: { file },
        cause,
      },
    );
  }
}
