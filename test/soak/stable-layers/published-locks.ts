/** Successive lock files of one project as closures: from releases that bring theirs (`npm-shrinkwrap.json`), with sizes of what npm installs. */
import { execFileSync } from "node:child_process";
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ClosureGraph } from "../../../core/closure/closure.ts";
import { closureOfPackages, type PackageVersion } from "../../reference/closure-updates.ts";

interface Locked {
  readonly version: string;
  readonly dev?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

type Lock = Readonly<Record<string, Locked>>;

interface Installed {
  readonly size: number;
  readonly entries: number;
}

/** Of what neither the first nor the last release has. */
const UNKNOWN: Installed = { size: 20_000, entries: 8 };
/** Trees of more entries would only take memory. */
const MOST_ENTRIES = 500;

export async function publishedLocks(project: string, releases: readonly string[]): Promise<readonly ClosureGraph[]> {
  const folder = mkdtempSync(join(tmpdir(), "image-dsl-soak-locks-"));
  try {
    const locks = releases.map((version) => lockOf(folder, `${project}@${version}`));
    const installed = new Map([releases[0]!, releases.at(-1)!].flatMap((version) => sizesOf(folder, project, version)));
    return locks.map((lock) => closureOfPackages(packagesOf(lock, installed)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function lockOf(folder: string, release: string): Lock {
  const archive = execFileSync("npm", ["pack", "--silent", release], { cwd: folder, encoding: "utf8" }).trim();
  const words = ["-xzOf", archive, "package/npm-shrinkwrap.json"];
  const text = execFileSync("tar", words, { cwd: folder, encoding: "utf8", maxBuffer: 2 ** 28 });
  rmSync(join(folder, archive));
  return (JSON.parse(text) as { readonly packages: Lock }).packages;
}

/** By place and by name: most packages are as large in one version as in another. */
function sizesOf(folder: string, project: string, version: string): readonly (readonly [string, Installed])[] {
  const at = join(folder, version);
  mkdirSync(at);
  const words = ["install", "--silent", "--ignore-scripts", "--no-audit", "--no-fund", `${project}@${version}`];
  execFileSync("npm", words, { cwd: at });
  const sizes = [...modulesBelow(join(at, "node_modules"), "node_modules")].flatMap(([place, directory]) => {
    const installed = measured(directory);
    const inside = place.replace(`node_modules/${project}/`, "");
    return [
      [nameOf(place), installed],
      [inside, installed],
    ] as const;
  });
  rmSync(at, { recursive: true });
  return sizes;
}

function* modulesBelow(directory: string, place: string): Generator<readonly [place: string, directory: string]> {
  for (const { name } of readdirSync(directory, { withFileTypes: true })) {
    if (name.startsWith(".")) continue;
    if (name.startsWith("@")) {
      yield* modulesBelow(join(directory, name), `${place}/${name}`);
      continue;
    }
    yield [`${place}/${name}`, join(directory, name)];
    const inner = join(directory, name, "node_modules");
    if (lstatSync(inner, { throwIfNoEntry: false })?.isDirectory())
      yield* modulesBelow(inner, `${place}/${name}/node_modules`);
  }
}

function measured(directory: string): Installed {
  const files = readdirSync(directory, { withFileTypes: true }).flatMap((each): readonly Installed[] => {
    if (each.name === "node_modules") return [];
    const path = join(directory, each.name);
    return [each.isDirectory() ? measured(path) : { size: lstatSync(path).size, entries: 1 }];
  });
  return files.reduce((sum, { size, entries }) => ({ size: sum.size + size, entries: sum.entries + entries }), {
    size: 0,
    entries: 0,
  });
}

/** Those that Linux on x86-64 gets, by where they lie. */
function packagesOf(lock: Lock, installed: ReadonlyMap<string, Installed>): readonly PackageVersion[] {
  const isWanted = (place: string, { dev, os, cpu }: Locked): boolean =>
    place !== "" && !dev && (os?.includes("linux") ?? true) && (cpu?.includes("x64") ?? true);
  const wanted = new Map(Object.entries(lock).filter(([place, each]) => isWanted(place, each)));
  return Array.from(wanted, ([place, { version, dependencies, optionalDependencies }]) => {
    const { size, entries } = installed.get(place) ?? installed.get(nameOf(place)) ?? UNKNOWN;
    const needs = Object.keys({ ...dependencies, ...optionalDependencies });
    return {
      name: place,
      version,
      size,
      entries: Math.min(entries, MOST_ENTRIES),
      needs: needs.flatMap((need) => foundFrom(place, need, wanted) ?? []),
    };
  });
}

/** As Node looks for it: in the place's own folder, then in those around it. */
function foundFrom(place: string, name: string, places: ReadonlyMap<string, Locked>): string | undefined {
  const found = `${place === "" ? "" : `${place}/`}node_modules/${name}`;
  if (places.has(found)) return found;
  return place === "" ? undefined : foundFrom(place.replace(/\/?node_modules\/(?:@[^/]+\/)?[^/]+$/, ""), name, places);
}

function nameOf(place: string): string {
  return place.replace(/^.*node_modules\//, "");
}
