/** Projects whose packages are tarballs that the test writes, locked as npm locks them; and images of them, built without a network. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { BuildEvent, RaisedLimits, Source } from "../../../core/index.ts";
import type * as Plugins from "../../../plugins/index.ts";
import { writeTars, type Member } from "../../fixtures/base-images/tar.ts";
import { tmp } from "../../harness.ts";

/** As it is shipped: tarballs are unpacked in a worker, which Node 20 does not start from sources. */
const { build, image, npm } = (await import(new URL("../../../dist/index.js", import.meta.url).href)) as typeof Plugins;

export interface TestPackage {
  /** Beside name and version, which is 1.0.0. */
  readonly manifest?: Readonly<Record<string, unknown>>;
  /** Below `package/`. */
  readonly files?: Readonly<Record<string, string | Buffer>>;
  /** As they stand in the tarball, behind all the others. */
  readonly members?: readonly Member[];
  readonly optional?: boolean;
  /** More of its entry in the lock. */
  readonly locked?: Readonly<Record<string, unknown>>;
}

/** By name. Each is a tarball in the project's folder; gives that folder. */
export function makeProject(packages: Readonly<Record<string, TestPackage>>): string {
  const folder = tmp();
  const names = Object.keys(packages);
  const tarOf = (name: string): string => join(folder, `${name.replace("/", "-")}.tar`);
  writeTars(names.map((name) => ({ out: tarOf(name), members: membersOf(folder, name, packages[name]!) })));
  for (const name of names) writeFileSync(`${tarOf(name)}.gz`, gzipSync(readFileSync(tarOf(name)), { level: 9 }));
  const listed = (isOptional: boolean) =>
    Object.fromEntries(
      names.filter((name) => (packages[name]!.optional ?? false) === isOptional).map((name) => [name, "1.0.0"]),
    );
  writeLock(
    folder,
    { dependencies: listed(false), optionalDependencies: listed(true) },
    Object.fromEntries(
      names.map((name) => [
        `node_modules/${name}`,
        { version: "1.0.0", resolved: `file:${name.replace("/", "-")}.tar.gz`, ...packages[name]!.locked },
      ]),
    ),
  );
  return folder;
}

/** Writes a project's package.json and the lock that fits it, and gives the lock. */
export function writeLock(folder: string, manifest: object, packages: Readonly<Record<string, object>>): string {
  const root = { name: "app", version: "1.0.0", ...manifest };
  writeFileSync(join(folder, "package.json"), JSON.stringify(root));
  const lock = JSON.stringify({
    name: "app",
    version: "1.0.0",
    lockfileVersion: 3,
    packages: { "": root, ...packages },
  });
  writeFileSync(join(folder, "package-lock.json"), lock);
  return lock;
}

function membersOf(folder: string, name: string, { manifest, files = {}, members = [] }: TestPackage): Member[] {
  const all = { "package.json": JSON.stringify({ name, version: "1.0.0", ...manifest }), ...files };
  const own = Object.entries(all).map(([path, content], index): Member => {
    if (typeof content === "string") return { path: `package/${path}`, text: content };
    const host = join(folder, `${name.replace("/", "-")}-${index}.bytes`);
    writeFileSync(host, content);
    return { path: `package/${path}`, host };
  });
  return [...own, ...members];
}

export interface Given extends Plugins.NpmOptions {
  readonly dir: string;
  /** Beside the packages. */
  readonly beside?: readonly Source[];
  /** The packages are in an image that this one is built on. */
  readonly inBase?: boolean;
  readonly architecture?: string;
  readonly limits?: RaisedLimits;
}

/** Builds an image of the project's packages; gives what was warned of. */
export async function buildOf(
  { beside = [], inBase = false, architecture = "amd64", limits = {}, ...options }: Given,
  more: Plugins.ProgramOptions = {},
): Promise<readonly string[]> {
  const warnings: string[] = [];
  const onEvent = (event: BuildEvent): void => {
    if (event.type === "warning") warnings.push(`${event.code} ${event.message.replace(/^\w+: /, "")}`);
  };
  const base = image({ name: "base", contents: npm(options) });
  const contents = inBase ? beside : [npm(options), ...beside];
  const svc = image({ name: "svc", ...(inBase && { from: base }), contents, cmd: ["node"] });
  await build(
    { images: { svc }, platforms: [`linux/${architecture}`], limits },
    { outputs: ["digest"], directory: options.dir, store: tmp(), onEvent, ...more },
  );
  return warnings.filter((line) => !line.startsWith("W_COMMAND_MISSING"));
}

/** What the build is refused with: its code, message and hint. */
export async function refusalOf(given: Given, more: Plugins.ProgramOptions = {}): Promise<string> {
  try {
    await buildOf(given, more);
  } catch (error) {
    const { code, message, hint } = error as { code?: string; message: string; hint?: string };
    return `${code} ${message} (${hint})`;
  }
  return "nothing was refused";
}
