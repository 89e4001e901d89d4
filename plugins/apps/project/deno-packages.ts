/** What a project that Deno runs without a node_modules has of npm: deno.lock pins it, and Deno's cache brings it into the image. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ImageDslError, type Source } from "../../../core/index.ts";
import type { DenoFile } from "./deno-json.ts";
import type { PackageFile } from "./package-json.ts";

/** Where Deno looks for its cache in the image. */
export const DENO_DIR = "/deno-dir";

/** Beside a package.json Deno looks into node_modules, unless it is told not to: then its cache has what package.json names, too. */
export function isWithoutModules({ value: { nodeModulesDir } }: DenoFile): boolean {
  return nodeModulesDir === "none" || nodeModulesDir === false;
}

/** `npm`: its package.json. Throws `E_CONFIG_INVALID` where Deno would look elsewhere, or the lock is missing. */
export function denoPackages(deno: DenoFile, folder: string, npm: PackageFile | undefined): readonly Source[] {
  const { file, value, placeOf } = deno;
  const { imports = {}, vendor = false, lock = true, nodeModulesDir = vendor ? "auto" : "none" } = value;
  const named = { ...dependenciesOf(npm), ...imports };
  const asked = Object.entries(named).filter(([, target]) => target.startsWith("npm:"));
  const hasLock = existsSync(join(folder, "deno.lock"));
  const [first] = asked;
  if (first === undefined && !hasLock) return [];
  const refused = (what: string, hint: string, ...at: readonly string[]) =>
    new ImageDslError("E_CONFIG_INVALID", `${file} ${what}`, { hint, place: placeOf(...at) });
  if (first !== undefined && nodeModulesDir !== "none" && nodeModulesDir !== false) {
    const why = "says that npm's packages lie in node_modules, which Deno would make when the app starts";
    throw refused(
      why,
      'Write "nodeModulesDir": "none"',
      value.nodeModulesDir === undefined ? "vendor" : "nodeModulesDir",
    );
  }
  if (first !== undefined && lock !== true) {
    throw refused(
      "has a lock of its own, and deno.lock alone is read",
      'Take "lock" out, and run deno install',
      "lock",
    );
  }
  if (!hasLock) {
    const [name, target] = first!;
    const hint = "deno install writes it; commit it";
    throw refused(`imports "${name}" as ${target}, and there is no deno.lock`, hint, "imports", name);
  }
  const options = {
    dir: folder,
    dest: DENO_DIR,
    imports: asked.map(([, target]) => specifierOf(target)),
    vendored: vendor,
  };
  return [{ kind: "deno-packages", options }];
}

/** All of them, as Deno wants those for development as well when the app starts. */
function dependenciesOf(npm: PackageFile | undefined): Readonly<Record<string, string>> {
  const { dependencies, devDependencies, optionalDependencies } = npm?.value ?? {};
  const all = Object.entries({ ...devDependencies, ...optionalDependencies, ...dependencies });
  // What has a scheme of its own is in the lock under that, or refused there.
  return Object.fromEntries(
    all.map(([name, range]) => [name, range.includes(":") ? range : `npm:${name}@${range}`] as const),
  );
}

/** Without a path in the package: `npm:/hono@4/logger` is `npm:hono@4`, and without a version any will do. */
function specifierOf(target: string): string {
  const [, name = "", range = "*"] = /^npm:\/?(@[^/@]+\/[^/@]+|[^/@]+)(?:@([^/]+))?/.exec(target) ?? [];
  return `npm:${name}@${range}`;
}
