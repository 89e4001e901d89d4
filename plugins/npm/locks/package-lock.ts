/**
 * `package-lock.json` and `npm-shrinkwrap.json`, versions 2 and 3 (docs.npmjs: package-lock.json): the keys of `packages` are the
 * tree as npm writes it, so nothing is hoisted here. What is installed is what can be reached by edges that are not omitted.
 */
import { posix } from "node:path";
import * as v from "valibot";
import { ImageDslError, globMatcher, treePath } from "../../../core/index.ts";
import type { InstallPlan, LockedPackage, PackageId, PackageOrigin, Place, Selection } from "../model.ts";
import { isInnerPath, nameOfPlace, normalizedBin } from "../names.ts";
import { fitsSystem, systemText } from "../platform.ts";
import { lockError } from "./lock-error.ts";
import { disagreement } from "./agreement.ts";
import type { FoundLock } from "./find-lock.ts";
import type { Manifest } from "./manifest.ts";
import { edgesOf, installable } from "./reach.ts";

const texts = v.record(v.string(), v.string());
const list = v.union([
  v.array(v.string()),
  v.pipe(
    v.string(),
    v.transform((one) => [one]),
  ),
]);

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
  peerDependenciesMeta: v.optional(v.record(v.string(), v.object({ optional: v.optional(v.boolean()) }))),
  workspaces: v.optional(v.union([v.array(v.string()), v.object({ packages: v.array(v.string()) })])),
});

export type LockEntry = v.InferOutput<typeof entrySchema>;

const REGENERATE = "npm install --package-lock-only writes it anew";
/** Ten times what the largest known projects have. */
const MOST_PACKAGES = 200_000;

export interface LockText extends Pick<FoundLock, "file" | "root" | "member"> {
  readonly text: string;
  /** Of the member, or of the whole project. */
  readonly manifest: Manifest;
}

/** Throws `E_NPM_LOCK`. */
export function readPackageLock({ file, root, member, text, manifest }: LockText, selection: Selection): InstallPlan {
  const entries = parse(file, text);
  const own = entries.get(member);
  if (own === undefined) throw lockError(file, `it has no member "${member}"`, REGENERATE);
  const different = disagreement(manifest, own, (name) => entries.get(posix.join("node_modules", name))?.version);
  if (different !== undefined) throw lockError(file, different, REGENERATE);
  const edges = edgesOf(entries, selection.omit, memberTest(entries.get("")), (from, name) => {
    throw lockError(file, `it has no "${name}", which ${from === "" ? "the project" : from} needs`, REGENERATE);
  });
  const isFit = (path: string): boolean => fitsSystem(limitsOf(entries.get(path)!), selection.target);
  const reached = installable(member, edges, isFit, (path) => {
    throw new ImageDslError(
      "E_NPM_PACKAGE",
      `${path} does not run on ${systemText(selection.target)}, which the image is for, and is not optional`,
      {
        hint: "Make it an optional dependency, or build for a platform that it runs on",
        place: { file, path: `packages["${path}"]` },
      },
    );
  });

  const packages = new Map<PackageId, LockedPackage>();
  const places: Place[] = [];
  for (const path of [...reached].toSorted()) {
    if (path === member || path === "") continue;
    const entry = entries.get(path)!;
    if (entry.link === true) {
      const target = linkTarget(entry);
      places.push({ path, link: target, package: packageOf(target).id });
      continue;
    }
    const made = packageOf(path);
    const earlier = packages.get(made.id);
    packages.set(made.id, earlier === undefined ? made : { ...made, needs: merged(earlier.needs, made.needs) });
    places.push({ path, package: made.id });
  }
  return { lockFile: file, packages, places, layout: { kind: "npm" } };

  function packageOf(path: string): LockedPackage {
    const entry = entries.get(path)!;
    const name = entry.name ?? nameOfPlace(path) ?? posix.basename(path);
    const origin = originOf(file, root, path, entry);
    const id = idOf(name, path, entry, origin);
    const needs = (edges.get(path) ?? []).filter(({ to }) => reached.has(to)).map(({ to }) => idAt(to));
    return {
      id,
      name,
      version: entry.version ?? "0.0.0",
      origin,
      bin: normalizedBin(name, entry.bin),
      needs: [...new Set(needs)].filter((each) => each !== id).toSorted(),
    };
  }

  function idAt(path: string): PackageId {
    const entry = entries.get(path)!;
    const at = entry.link === true ? linkTarget(entry) : path;
    const target = entries.get(at)!;
    const name = target.name ?? nameOfPlace(at) ?? posix.basename(at);
    return idOf(name, at, target, originOf(file, root, at, target));
  }
}

/** A glob of `workspaces` may begin with `./` and end with a slash. */
function memberTest(root: LockEntry | undefined): (path: string) => boolean {
  const { workspaces = [] } = root ?? {};
  const globs = "packages" in workspaces ? workspaces.packages : workspaces;
  const matches = globMatcher(globs.map((glob) => glob.replace(/^\.\//, "").replace(/\/+$/, "")));
  return (path) => matches(treePath(path));
}

function merged(a: readonly PackageId[], b: readonly PackageId[]): readonly PackageId[] {
  return [...new Set([...a, ...b])].toSorted();
}

function limitsOf({ os, cpu, libc }: LockEntry) {
  return { ...(os && { os }), ...(cpu && { cpu }), ...(libc && { libc }) };
}

/** What is of the project is known by its place; a tarball from elsewhere may have any version's number. */
function idOf(name: string, path: string, { version = "0.0.0" }: LockEntry, origin: PackageOrigin): PackageId {
  if (origin.kind === "folder") return `${name}@${path}`;
  if (origin.kind === "bundled") return `${name}@${version}#${path}`;
  const from = origin.kind === "web" ? origin.url : origin.kind === "tarball" ? posix.basename(origin.file) : undefined;
  return from === undefined ? `${name}@${version}` : `${name}@${version}#${from}`;
}

function originOf(file: string, root: string, path: string, entry: LockEntry): PackageOrigin {
  const { resolved, integrity, inBundle } = entry;
  const sums = integrity === undefined ? {} : { integrity };
  if (inBundle === true) return { kind: "bundled" };
  if (nameOfPlace(path) === undefined) return { kind: "folder", directory: posix.join(root, path) };
  if (typeof resolved !== "string") return { kind: "registry", ...sums };
  if (resolved.startsWith("file:")) {
    const inside = resolved.slice("file:".length);
    if (isInnerPath(inside)) return { kind: "tarball", file: posix.join(root, inside), ...sums };
    throw lockError(file, `${path} is the file "${inside}", outside the project`, "Put it into the project's folder");
  }
  if (/^https?:\/\//.test(resolved)) {
    // A tarball that a dependency names by its address; every other one is the registry's.
    return isRegistryTarball(resolved, path, entry)
      ? { kind: "registry", url: resolved, ...sums }
      : { kind: "web", url: resolved, ...sums };
  }
  throw lockError(
    file,
    `${path} comes from "${resolved.slice(0, 200)}", which is no tarball`,
    "Packages from git are not read: publish it, or depend on a tarball of it",
    `packages["${path}"]`,
  );
}

/** Registries serve `NAME/-/FILE.tgz`, wherever they lie. */
function isRegistryTarball(url: string, path: string, entry: LockEntry): boolean {
  const name = entry.name ?? nameOfPlace(path)!;
  return decodeURIComponent(new URL(url).pathname).includes(`/${name}/-/`);
}

function parse(file: string, text: string): ReadonlyMap<string, LockEntry> {
  let lock: unknown;
  try {
    lock = JSON.parse(text);
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
  const written = Object.entries(packages);
  if (written.length > MOST_PACKAGES)
    throw lockError(file, `it has ${written.length} packages, more than ${MOST_PACKAGES}`, REGENERATE);
  const entries = new Map(written.map(([path, entry]) => [path, checkedEntry(file, path, entry)]));
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

/** From the project's folder. */
function linkTarget({ resolved }: LockEntry): string {
  return String(resolved);
}

function checkedEntry(file: string, path: string, given: unknown): LockEntry {
  const where = `packages["${path}"]`;
  if (path !== "" && !(isInnerPath(path) && (!path.includes("node_modules") || nameOfPlace(path) !== undefined))) {
    throw lockError(
      file,
      `"${path.slice(0, 200)}" leads out of the project, or is no package's place`,
      "Only what lies in the project's folder can be taken into an image",
      where,
    );
  }
  const { success, output, issues } = v.safeParse(entrySchema, given, { abortEarly: true });
  if (success) return output;
  const [issue] = issues;
  throw lockError(
    file,
    `${[where, v.getDotPath(issue)].filter(Boolean).join(".")}: ${issue.message}`,
    REGENERATE,
    where,
  );
}
