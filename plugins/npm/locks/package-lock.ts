/** `package-lock.json` and `npm-shrinkwrap.json`, versions 2 and 3 (docs.npmjs: package-lock.json): the keys of `packages` are the tree. */
import * as v from "valibot";
import { memberTest, parsedText, recordOf, workspaceGlobs } from "../../../core/index.ts";
import type { InstallPlan, Selection } from "../model.ts";
import { isInnerPath, nameOfPlace } from "../names.ts";
import { leadsOut, lockError, refuseTooMany } from "./lock-error.ts";
import type { LockText } from "./find-lock.ts";
import { gitAddress, gitOrigin } from "./git-origin.ts";
import type { Manifest } from "./manifest.ts";
import { linkTarget, planOfTree, type PlacedEntry } from "./placed-tree.ts";
import { list, texts } from "./schemas.ts";

const entrySchema = v.object({
  name: v.optional(v.string()),
  version: v.optional(v.string()),
  resolved: v.optional(v.union([v.string(), v.boolean()])),
  integrity: v.optional(v.string()),
  link: v.optional(v.boolean()),
  inBundle: v.optional(v.boolean()),
  bin: v.optional(v.union([v.string(), texts])),
  os: v.optional(list),
  cpu: v.optional(list),
  libc: v.optional(list),
  dependencies: v.optional(texts),
  devDependencies: v.optional(texts),
  optionalDependencies: v.optional(texts),
  peerDependencies: v.optional(texts),
  peerDependenciesMeta: v.optional(recordOf(v.string(), v.object({ optional: v.optional(v.boolean()) }))),
  workspaces: v.optional(v.union([v.array(v.string()), v.object({ packages: v.array(v.string()) })])),
});

type LockEntry = v.InferOutput<typeof entrySchema> & Pick<PlacedEntry, "git">;

const REGENERATE = "npm install --package-lock-only writes it anew";

export interface PackageLockText extends LockText {
  /** Of the member, or of the whole project. */
  readonly manifest: Manifest;
  readonly signal: AbortSignal;
}

/** Throws `E_NPM_LOCK`. */
export async function readPackageLock(
  { file, root, member, text, manifest, signal }: PackageLockText,
  selection: Selection,
): Promise<InstallPlan> {
  const entries = parse(file, text);
  const isMember = memberTest(workspaceGlobs(entries.get("")?.workspaces));
  const whereOf = (path: string): string => `packages["${path}"]`;
  const tree = { file, root, entries, isMember, whereOf, regenerate: REGENERATE, signal };
  return planOfTree(tree, member, manifest, selection);
}

function parse(file: string, text: string): ReadonlyMap<string, LockEntry> {
  let lock: unknown;
  try {
    lock = parsedText(text);
  } catch (cause) {
    throw lockError(file, `it is no JSON (${(cause as Error).message.slice(0, 100)})`, REGENERATE);
  }
  const { lockfileVersion, packages } = (lock ?? {}) as { lockfileVersion?: unknown; packages?: unknown };
  if (lockfileVersion !== 2 && lockfileVersion !== 3) {
    const found =
      typeof lockfileVersion === "number" ? `its version is ${lockfileVersion}` : "it says no lockfileVersion";
    throw lockError(
      file,
      `${found}, and versions 2 and 3 are read`,
      "npm install --package-lock-only --lockfile-version 3 writes it anew",
    );
  }
  if (typeof packages !== "object" || packages === null) throw lockError(file, "it has no packages", REGENERATE);
  refuseTooMany(file, packages, REGENERATE);
  const entries = new Map(Object.entries(packages).map(([path, entry]) => [path, checkedEntry(file, path, entry)]));
  for (const [path, entry] of entries) {
    if (entry.link !== true || entries.has(linkTarget(entry))) continue;
    throw lockError(
      file,
      `${path} is a link to "${linkTarget(entry).slice(0, 200)}", which is not in the project's folder`,
      "Make it a member of the workspace",
      `packages["${path}"]`,
    );
  }
  return entries;
}

function checkedEntry(file: string, path: string, given: unknown): LockEntry {
  const where = `packages["${path}"]`;
  if (path !== "" && !(isInnerPath(path) && (!path.includes("node_modules") || nameOfPlace(path) !== undefined))) {
    throw leadsOut(file, path, "place", where);
  }
  const { success, output, issues } = v.safeParse(entrySchema, given, { abortEarly: true });
  if (success) return { ...output, git: gitIn(output) };
  const [issue] = issues;
  throw lockError(
    file,
    `${[where, v.getDotPath(issue)].filter(Boolean).join(".")}: ${issue.message}`,
    REGENERATE,
    where,
  );
}

function gitIn({ resolved, link }: v.InferOutput<typeof entrySchema>): PlacedEntry["git"] {
  if (typeof resolved !== "string" || link === true || !resolved.startsWith("git")) return undefined;
  return gitOrigin(resolved, gitAddress(resolved)?.fragment, "published");
}
