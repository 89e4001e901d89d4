/** `pnpm-lock.yaml`, version 9 (pnpm/spec: lockfile/9.0.md), as far as what is installed depends on it. */
import { CORE_SCHEMA, load } from "js-yaml";
import * as v from "valibot";
import { messageOf, recordOf } from "../../../../core/index.ts";
import { isInnerPath, isPackageName } from "../../names.ts";
import { leadsOut, lockError, refuseTooMany } from "../lock-error.ts";
import { texts } from "../schemas.ts";
import { splitDepPath, storeFolderOf, withoutPeers } from "./dep-path.ts";

const references = v.optional(texts, {});
const direct = v.optional(recordOf(v.string(), v.object({ specifier: v.string(), version: v.string() })), {});
const limits = v.optional(v.array(v.string()));

const importerSchema = v.object({ dependencies: direct, devDependencies: direct, optionalDependencies: direct });

const packageSchema = v.object({
  version: v.optional(v.string()),
  resolution: v.looseObject({
    integrity: v.optional(v.string()),
    tarball: v.optional(v.string()),
    type: v.optional(v.string()),
    /** A folder of the project. */
    directory: v.optional(v.string()),
    /** Of a repository. */
    repo: v.optional(v.string()),
    commit: v.optional(v.string()),
    path: v.optional(v.string()),
    gitHosted: v.optional(v.boolean()),
  }),
  os: limits,
  cpu: limits,
  libc: limits,
  hasBin: v.optional(v.boolean(), false),
  bundledDependencies: v.optional(v.union([v.array(v.string()), v.boolean()])),
});

const snapshotSchema = v.object({
  dependencies: references,
  optionalDependencies: references,
  /** Nothing needs it that could not do without. */
  optional: v.optional(v.boolean(), false),
});

const lockSchema = v.object({
  lockfileVersion: v.string(),
  settings: v.optional(
    v.object({
      autoInstallPeers: v.optional(v.boolean()),
      excludeLinksFromLockfile: v.optional(v.boolean()),
      injectWorkspacePackages: v.optional(v.boolean()),
    }),
    {},
  ),
  overrides: references,
  patchedDependencies: v.optional(recordOf(v.string(), v.object({ hash: v.string(), path: v.string() })), {}),
  importers: v.optional(recordOf(v.string(), importerSchema), {}),
  packages: v.optional(recordOf(v.string(), packageSchema), {}),
  snapshots: v.optional(recordOf(v.string(), snapshotSchema), {}),
});

export type PnpmLock = v.InferOutput<typeof lockSchema>;
export type PnpmImporter = v.InferOutput<typeof importerSchema>;
export type PnpmPackage = v.InferOutput<typeof packageSchema>;
export type PnpmSnapshot = v.InferOutput<typeof snapshotSchema>;

export const REGENERATE = "pnpm install --lockfile-only writes it anew";

/** Every name and path in it is checked: nothing leads out of the project. Throws `E_NPM_LOCK`. */
export function parsePnpmLock(file: string, text: string): PnpmLock {
  let written: unknown;
  try {
    written = load(text, { schema: CORE_SCHEMA, maxAliases: 0, maxDepth: 20 });
  } catch (cause) {
    throw lockError(file, `it is no YAML that pnpm writes (${messageOf(cause).split("\n", 1)[0]!})`, REGENERATE);
  }
  const version = (written as { lockfileVersion?: unknown } | null | undefined)?.lockfileVersion;
  if (version !== "9.0") {
    const found = typeof version === "string" ? `its version is ${version}` : "it says no lockfileVersion";
    throw lockError(file, `${found}, and version 9.0 is read`, "pnpm 9 or later writes it: pnpm install");
  }
  const { success, output, issues } = v.safeParse(lockSchema, written, { abortEarly: true });
  if (!success) {
    const where = v.getDotPath(issues[0]) ?? undefined;
    throw lockError(file, `${where ?? "it"}: ${issues[0].message}`, REGENERATE, where);
  }
  checkNames(file, output);
  return output;
}

function checkNames(file: string, { importers, packages, snapshots }: PnpmLock): void {
  refuseTooMany(file, snapshots, REGENERATE);
  for (const [id, importer] of Object.entries(importers)) {
    if (id !== "." && !isInnerPath(id)) throw leadsOut(file, id, "name", `importers["${id}"]`);
    for (const list of [importer.dependencies, importer.devDependencies, importer.optionalDependencies])
      checkAliases(file, list, `importers["${id}"]`);
  }
  for (const [depPath, snapshot] of Object.entries(snapshots)) {
    const where = `snapshots["${depPath}"]`;
    if (!isPackageName(splitDepPath(depPath)[0]) || !isInnerPath(storeFolderOf(depPath)))
      throw leadsOut(file, depPath, "name", where);
    if (packages[withoutPeers(depPath)] === undefined)
      throw lockError(file, `it has no package for ${depPath}`, REGENERATE, where);
    checkAliases(file, snapshot.dependencies, where);
    checkAliases(file, snapshot.optionalDependencies, where);
  }
}

function checkAliases(file: string, list: object, where: string): void {
  const wrong = Object.keys(list).find((alias) => !isPackageName(alias));
  if (wrong !== undefined) throw leadsOut(file, wrong, "name", where);
}
