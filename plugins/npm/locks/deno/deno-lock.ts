/** `deno.lock`, version 5, as far as it is of npm's packages: they stand as in Deno's cache, each version in a folder of its own. */
import defaults from "npm-registry-fetch/lib/default-opts.js";
import * as v from "valibot";
import { messageOf, recordOf } from "../../../../core/index.ts";
import type { InstallPlan, LockedPackage, PackageOrigin, TargetSystem } from "../../model.ts";
import { isPackageName, isWebAddress } from "../../names.ts";
import { fitsSystem } from "../../platform.ts";
import { leadsOut, lockError, refuseTooMany, unfitPackage } from "../lock-error.ts";
import { installable, type LockEdge } from "../reach.ts";

const texts = v.optional(v.array(v.string()), []);
const limits = v.optional(v.array(v.string()));

const packageSchema = v.object({
  integrity: v.optional(v.string()),
  tarball: v.optional(v.string()),
  dependencies: texts,
  optionalDependencies: texts,
  os: limits,
  cpu: limits,
});

const lockSchema = v.object({
  specifiers: v.optional(recordOf(v.string(), v.string()), {}),
  npm: v.optional(recordOf(v.string(), packageSchema), {}),
  jsr: v.optional(recordOf(v.string(), v.unknown()), {}),
  remote: v.optional(recordOf(v.string(), v.unknown()), {}),
});

type DenoLock = v.InferOutput<typeof lockSchema>;

const REGENERATE = "deno install writes it anew";

/** Below Deno's cache. It is Deno's own name for npm's registry, wherever the packages are fetched from. */
const REGISTRY = `npm/${new URL(defaults.registry).host}`;

export interface DenoLockText {
  readonly file: string;
  readonly text: string;
  /** What the project imports, as the lock has it: `npm:hono@4`. */
  readonly imports: readonly string[];
  /** Whether modules from elsewhere lie in the project. */
  readonly vendored: boolean;
}

/** Throws `E_NPM_LOCK`, `E_NPM_PACKAGE`. */
export function readDenoLock({ file, text, imports, vendored }: DenoLockText, target: TargetSystem): InstallPlan {
  const lock = parse(file, text);
  const missing = imports.find((specifier) => !Object.hasOwn(lock.specifiers, specifier));
  if (missing !== undefined) throw lockError(file, `it has no "${missing}", which deno.json imports`, REGENERATE);
  if (!vendored) refuseRemote(file, lock);
  const packages = placedPackages(file, lock);
  const edges = new Map<string, readonly LockEdge[]>([["", rootsOf(file, lock)]]);
  for (const [key, { dependencies, optionalDependencies }] of Object.entries(lock.npm)) {
    const edgesTo = (names: readonly string[], isOptional: boolean) =>
      names.map((name) => ({ to: keyOf(file, lock, name, key), isOptional }));
    edges.set(key, [...edgesTo(dependencies, false), ...edgesTo(optionalDependencies, true)]);
  }
  const isFit = (key: string) => key === "" || fitsSystem(lock.npm[key]!, target);
  const reached = installable("", edges, isFit, (key) => {
    throw unfitPackage(file, key, target, `npm["${key}"]`);
  });
  const installed = [...reached].filter((key) => key !== "").toSorted();
  const needsOf = (key: string) => (edges.get(key) ?? []).filter(({ to }) => reached.has(to)).map(({ to }) => to);
  const made = installed.map((key): readonly [string, LockedPackage] => {
    const { name, version, origin } = packages.get(key)!;
    const needs = needsOf(key).map((to) => packages.get(to)!.id);
    const id = `${name}@${version}`;
    return [
      id,
      { id, name, version, origin, bin: {}, needs: [...new Set(needs)].filter((to) => to !== id).toSorted() },
    ];
  });
  return {
    lockFile: file,
    packages: new Map(made),
    places: made.map(([id, { name, version }]) => ({ path: `${REGISTRY}/${name}/${version}`, package: id })),
    layout: { kind: "npm" },
  };
}

function parse(file: string, text: string): DenoLock {
  let written: unknown;
  try {
    written = JSON.parse(text);
  } catch (cause) {
    throw lockError(file, `it is no JSON (${messageOf(cause).slice(0, 100)})`, REGENERATE);
  }
  const { version } = (written ?? {}) as { version?: unknown };
  if (version !== "5") {
    const found = typeof version === "string" ? `its version is ${version.slice(0, 20)}` : "it says no version";
    throw lockError(file, `${found}, and version 5 is read`, "Deno 2.3 or later writes it: deno install");
  }
  const { success, output, issues } = v.safeParse(lockSchema, written, { abortEarly: true });
  if (!success) throw lockError(file, `${v.getDotPath(issues[0]) ?? "it"}: ${issues[0].message}`, REGENERATE);
  refuseTooMany(file, output.npm, REGENERATE);
  return output;
}

function refuseRemote(file: string, { jsr, remote }: DenoLock): void {
  const [found] = [...Object.keys(jsr).map((name) => `jsr:${name}`), ...Object.keys(remote)];
  if (found === undefined) return;
  throw lockError(
    file,
    `the app uses ${found.slice(0, 200)}, which Deno would fetch when it starts`,
    'Write "vendor": true and "nodeModulesDir": "none" into deno.json and run deno install, which brings it into the project',
  );
}

interface DenoPackage extends Pick<LockedPackage, "id" | "name" | "version"> {
  readonly origin: PackageOrigin;
}

/** By key, which is `name@version`, and then the peers that it sees. */
function placedPackages(file: string, { npm }: DenoLock): ReadonlyMap<string, DenoPackage> {
  const keys = new Map<string, string>();
  return new Map(
    Object.entries(npm).map(([key, { integrity, tarball }]) => {
      const where = `npm["${key}"]`;
      const [, name = "", version = ""] = /^(@?[^@]+)@([^_@/]+)(?:_.*)?$/.exec(key) ?? [];
      if (!isPackageName(name) || !/^\d+\.\d+\.\d+(?:[-+][\w.+-]+)?$/.test(version))
        throw leadsOut(file, key, "name", where);
      // The names of folders are then others, for file systems that do not know letters' case.
      if (name !== name.toLowerCase())
        throw lockError(file, `${name} has capital letters`, "Take another package", where);
      const id = `${name}@${version}`;
      const other = keys.get(id);
      if (other !== undefined) {
        const what = `${other} and ${key} are one package with different peers, of which Deno would make copies when the app starts`;
        throw lockError(file, what, "Let all that need it agree on its peers, or bundle the app", where);
      }
      keys.set(id, key);
      const sums = integrity === undefined ? {} : { integrity };
      const isElsewhere = tarball !== undefined && isWebAddress(tarball);
      return [key, { id, name, version, origin: { kind: "registry", ...(isElsewhere && { url: tarball }), ...sums } }];
    }),
  );
}

function rootsOf(file: string, lock: DenoLock): readonly LockEdge[] {
  return Object.entries(lock.specifiers).flatMap(([specifier, version]) => {
    const [, name] = /^npm:(@?[^@]+)(?:@.*)?$/.exec(specifier) ?? [];
    return name === undefined ? [] : [{ to: keyOf(file, lock, `${name}@${version}`, specifier), isOptional: false }];
  });
}

/** `ms` where there is one version of it, `ms@2.1.2`, and under another name `old@npm:ms@2.0.0`. */
function keyOf(file: string, { npm }: DenoLock, written: string, from: string): string {
  const named = /^@?[^@]+@npm:(.+)$/.exec(written)?.[1] ?? written;
  if (Object.hasOwn(npm, named)) return named;
  const found = namesIn(npm).get(named);
  if (found !== undefined) return found;
  throw lockError(file, `it has no ${named.slice(0, 200)}, which ${from} needs`, REGENERATE);
}

const NAMES = new WeakMap<DenoLock["npm"], ReadonlyMap<string, string>>();

/** One key of each name. */
function namesIn(npm: DenoLock["npm"]): ReadonlyMap<string, string> {
  const known = NAMES.get(npm) ?? new Map(Object.keys(npm).map((key) => [key.slice(0, key.indexOf("@", 1)), key]));
  NAMES.set(npm, known);
  return known;
}
