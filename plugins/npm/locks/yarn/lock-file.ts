/** `yarn.lock` as Yarn 4 writes it: which package each descriptor (`debug@npm:^4.3.4`) means, and what that package says of itself. */
import { FAILSAFE_SCHEMA, load } from "js-yaml";
import * as v from "valibot";
import { messageOf, recordOf } from "../../../../core/index.ts";
import { isPackageName } from "../../names.ts";
import { leadsOut, lockError, refuseTooMany } from "../lock-error.ts";
import { texts } from "../schemas.ts";
import { placeOf, splitLocator } from "./reference.ts";

const lists = v.optional(texts, {});
const marks = v.optional(recordOf(v.string(), v.looseObject({ optional: v.optional(v.string()) })), {});

const packageSchema = v.object({
  version: v.string(),
  resolution: v.string(),
  dependencies: lists,
  peerDependencies: lists,
  dependenciesMeta: marks,
  peerDependenciesMeta: marks,
  bin: lists,
  conditions: v.optional(v.string()),
  linkType: v.picklist(["hard", "soft"]),
});

const lockSchema = recordOf(v.string(), packageSchema);

/** The package's locator is `name@reference`: `ms@npm:2.0.0`, `@my/lib@workspace:packages/lib`. */
export interface YarnPackage extends Omit<v.InferOutput<typeof packageSchema>, "resolution"> {
  readonly locator: string;
  readonly name: string;
  readonly reference: string;
}

export interface YarnLock {
  /** By locator. */
  readonly packages: ReadonlyMap<string, YarnPackage>;
  /** By descriptor, such as `old@npm:ms@2.0.0`. */
  readonly resolutions: ReadonlyMap<string, YarnPackage>;
  /** By folder from the root; "" is the root. */
  readonly workspaces: ReadonlyMap<string, YarnPackage>;
}

export const REGENERATE = "yarn install writes it anew";

const VERSIONS = ["8", "9", "10"];

/** Every name and path in it is checked: nothing leads out of the project. Throws `E_NPM_LOCK`. */
export function parseYarnLock(file: string, text: string): YarnLock {
  let written: unknown;
  try {
    // As Yarn reads it: whatever looks like a number is text.
    written = load(text, { schema: FAILSAFE_SCHEMA, maxAliases: 0, maxDepth: 20 });
  } catch (cause) {
    throw lockError(file, `it is no YAML that Yarn writes (${messageOf(cause).split("\n", 1)[0]!})`, REGENERATE);
  }
  const { __metadata, ...entries } = (written ?? {}) as Record<string, unknown>;
  const version = (__metadata as { version?: unknown } | undefined)?.version;
  if (typeof version !== "string" || !VERSIONS.includes(version)) {
    const found = typeof version === "string" ? `its version is ${version.slice(0, 20)}` : "it says no version";
    throw lockError(file, `${found}, and versions 8 to 10 are read`, "Yarn 4 writes it: yarn install");
  }
  const { success, output, issues } = v.safeParse(lockSchema, entries, { abortEarly: true });
  if (!success) {
    const where = v.getDotPath(issues[0]) ?? undefined;
    throw lockError(file, `${where ?? "it"}: ${issues[0].message}`, REGENERATE, where);
  }
  refuseTooMany(file, output, REGENERATE);
  return lockOf(file, output);
}

function lockOf(file: string, entries: v.InferOutput<typeof lockSchema>): YarnLock {
  const packages = new Map<string, YarnPackage>();
  const resolutions = new Map<string, YarnPackage>();
  const workspaces = new Map<string, YarnPackage>();
  for (const [key, { resolution, ...entry }] of Object.entries(entries)) {
    const [name, reference] = splitLocator(resolution);
    const found = { ...entry, locator: resolution, name, reference };
    checkNames(file, key, found);
    packages.set(resolution, found);
    for (const descriptor of key.split(",")) resolutions.set(descriptor.trim(), found);
    if (isWorkspace(found)) workspaces.set(folderOf(found), found);
  }
  return { packages, resolutions, workspaces };
}

function checkNames(file: string, key: string, found: YarnPackage): void {
  const { name, dependencies, peerDependencies, peerDependenciesMeta, bin } = found;
  const wrong = [name, ...[dependencies, peerDependencies, peerDependenciesMeta].flatMap(Object.keys)].find(
    (each) => !isPackageName(each),
  );
  const command = Object.keys(bin).find((each) => !isPackageName(each) || each.startsWith("@"));
  if (isWorkspace(found) && placeOf(found.reference) === undefined)
    throw leadsOut(file, found.reference.slice("workspace:".length), "place", key);
  if ((wrong ?? command) !== undefined) throw leadsOut(file, (wrong ?? command)!, "name", key);
}

export function isWorkspace({ reference }: Pick<YarnPackage, "reference">): boolean {
  return reference.startsWith("workspace:");
}

/** A link to a folder of the project, where others are copies. */
export function isLink({ reference }: Pick<YarnPackage, "reference">): boolean {
  return /^(?:workspace|link|portal):/.test(reference);
}

/** Where a workspace lies, or what else is of the project, from the root: who asks for what lies elsewhere is refused. */
export function folderOf({ reference }: Pick<YarnPackage, "reference">): string {
  return placeOf(reference)!;
}
