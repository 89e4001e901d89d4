/** From what users ask for to store paths that are there: built, fetched or found by Nix. */
import { resolve } from "node:path";
import { ImageDslError, hostArchitecture, platformText, type Platform } from "../../core/index.ts";
import { runNix, type NixContext } from "./command.ts";
import type { NixRequest } from "./source.ts";
import { parseStorePath } from "./store-path.ts";

/** What `nix` itself, unlike the older programs, has to be allowed. */
const FEATURES = ["--extra-experimental-features", "nix-command flakes"];

/** In Nix's order, each once. Throws `E_TOOL_MISSING`, `E_NIX_BUILD` and `E_NIX_PATH`. */
export async function resolveRoots(
  options: NixRequest,
  platform: Platform,
  context: NixContext,
): Promise<readonly string[]> {
  const paths = await pathsOf(options, systemOptions(platform), context);
  if (paths.length === 0) throw new ImageDslError("E_NIX_BUILD", `Nix gave no store path for ${describe(options)}`);
  return [...new Set(paths.map((path) => parseStorePath(path).path))];
}

async function pathsOf(
  options: NixRequest,
  system: readonly string[],
  context: NixContext,
): Promise<readonly string[]> {
  const { installable, storePath, expression } = options;
  const failure = { code: "E_NIX_BUILD", action: `Cannot build ${describe(options)}` } as const;
  if (installable !== undefined) {
    const args = ["build", ...FEATURES, ...system, "--no-link", "--json", "--print-build-logs", installable];
    return pathsInJson(await runNix("nix", args, context, failure), installable);
  }
  if (expression !== undefined) {
    return runNix("nix-build", [...system, "--no-out-link", "-E", expression], context, failure);
  }
  return runNix("nix-store", ["--realise", resolve(context.directory, storePath)], context, {
    code: "E_NIX_PATH",
    action: `Cannot take ${describe(options)} out of the Nix store`,
    hint: "Give a path below the store's folder, or a link to one; build it first where no substituter has it",
  });
}

/** The derivation that is asked for, not built: its path. Throws as `resolveRoots` does. */
export async function resolveDerivation(request: NixRequest, platform: Platform, context: NixContext): Promise<string> {
  const { installable, storePath, expression } = request;
  const system = systemOptions(platform);
  const failure = { code: "E_NIX_BUILD", action: `Cannot evaluate ${describe(request)}` } as const;
  if (storePath !== undefined) return parseStorePath(resolve(context.directory, storePath)).path;
  const paths =
    installable === undefined
      ? await runNix("nix-instantiate", [...system, "-E", expression], context, failure)
      : await runNix("nix", ["path-info", ...FEATURES, ...system, "--derivation", installable], context, failure);
  // Of an output that is none of the default ones its name stands behind the path.
  const derivations = new Set(paths.map((path) => parseStorePath(path.replace(/[!^].*/, "")).path));
  const [first, ...others] = derivations;
  if (first !== undefined && others.length === 0) return first;
  throw new ImageDslError("E_NIX_BUILD", `${failure.action}: it has ${derivations.size} derivations, one is wanted`);
}

/** Builds or fetches outputs of derivations, each as `PATH!NAME`; gives their store paths. Throws `E_NIX_BUILD`. */
export async function realise(outputs: readonly string[], context: NixContext): Promise<readonly string[]> {
  if (outputs.length === 0) return [];
  const failure = { code: "E_NIX_BUILD", action: "Cannot build what the derivation needs" } as const;
  return runNix("nix-store", ["--realise", ...outputs], context, failure);
}

/** Outputs by name, or a path alone: an object of older releases, a text of newer ones. */
function pathsInJson(lines: readonly string[], installable: string): readonly string[] {
  try {
    const built = JSON.parse(lines.join("")) as readonly unknown[];
    return built.flatMap(outputsOf);
  } catch (cause) {
    throw new ImageDslError("E_NIX_BUILD", `Cannot read what nix build says of "${installable}"`, { cause });
  }
}

function outputsOf(built: unknown): readonly string[] {
  if (typeof built === "string") return [built];
  const { path, outputs } = built as { readonly path?: string; readonly outputs?: Readonly<Record<string, string>> };
  return path === undefined ? Object.values(outputs ?? {}) : [path];
}

/** Go's words to Nix's. */
const SYSTEMS: Readonly<Record<string, string>> = {
  "linux/386": "i686-linux",
  "linux/amd64": "x86_64-linux",
  "linux/arm/v5": "armv5tel-linux",
  "linux/arm/v6": "armv6l-linux",
  "linux/arm/v7": "armv7l-linux",
  "linux/arm": "armv7l-linux",
  "linux/arm64": "aarch64-linux",
  "linux/arm64/v8": "aarch64-linux",
  "linux/ppc64le": "powerpc64le-linux",
  "linux/riscv64": "riscv64-linux",
  "linux/s390x": "s390x-linux",
};

const HOST_ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386", ppc64: "ppc64le" };

/** Of another platform than this machine's Nix has to be told. */
function systemOptions(platform: Platform): readonly string[] {
  const host = hostArchitecture();
  if (platform.architecture === (HOST_ARCHITECTURES[host] ?? host)) return [];
  const system = SYSTEMS[platformText(platform)];
  if (system === undefined) {
    throw new ImageDslError("E_NIX_BUILD", `Nix has no system for the platform "${platformText(platform)}"`);
  }
  return ["--option", "system", system];
}

function describe({ installable, storePath, expression }: NixRequest): string {
  if (installable !== undefined) return `"${installable}"`;
  if (storePath !== undefined) return `"${storePath}"`;
  const line = expression.trim().replace(/\s+/g, " ");
  return `the expression "${line.length > 80 ? `${line.slice(0, 79)}…` : line}"`;
}
