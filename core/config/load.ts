/** Loads a config's module, in whatever way the runtime can, so that all ways give the same value. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type * as Jiti from "jiti";
import { ImageDslError, messageOf, systemCodeOf, type ErrorPlace } from "../error.ts";
import { runtime } from "../host.ts";
import type { HostReads } from "../model/host-reads.ts";
import { isParsersOwn, sourcePlace, translateFrames } from "../source-place.ts";
import { isFullDisk } from "../store/full-disk.ts";
import { TRANSLATED } from "../store/location.ts";
import { privateDirectory } from "../store/private-directory.ts";
import { removeUnsealed, sealFiles } from "../store/sealed-folder.ts";
import { checkImports, type ConfigImports, type UsedAlias } from "./check-imports.ts";
import { findConfig, type FoundConfig } from "./find.ts";
import { canHookModules, hookModules } from "./module-hooks.ts";
import { jitiToSource } from "./jiti-source.ts";
import type { OwnExports } from "./own-exports.ts";
import { unknownExportHint } from "./unknown-export.ts";

export interface LoadedConfig {
  /** Absolute. */
  readonly file: string;
  /** Relative paths of the config start from here: the file's folder. */
  readonly directory: string;
  /** What the config says, unchecked. */
  readonly value: unknown;
}

export interface LoadOptions {
  readonly exports: OwnExports;
  /** Where translated copies of configs may be kept; undefined where there is no such place. */
  readonly cacheDirectory: string | undefined;
  /** It will be loaded again in this process, and may be another one then: whoever asks is told what it is read from. */
  readonly reads?: HostReads;
}

/** Finds and loads. Throws `E_CONFIG_NOT_FOUND`, `E_CONFIG_IMPORT` and `E_CONFIG_LOAD`. */
export async function findAndLoadConfig(directory: string, file: string | undefined, options: LoadOptions) {
  return loadConfig(await findConfig(directory, file), options);
}

export async function loadConfig(found: FoundConfig, options: LoadOptions): Promise<LoadedConfig> {
  const { file } = found;
  const value = found.kind === "value" ? found.value : await loadModule(file, options);
  return { file, directory: dirname(file), value };
}

async function loadModule(file: string, options: LoadOptions): Promise<unknown> {
  const { exports, reads } = options;
  const imports = await checkImports(file, new Set(exports.urls.keys()), reads);
  const importConfig = await chooseImport(file, imports, options);
  let said: unknown;
  try {
    const namespace = (await importConfig(file)) as { readonly default?: unknown };
    // It may be a promise, whose failing would be nobody's if it were waited for later.
    said = await namespace.default;
  } catch (cause) {
    throw loadError(file, cause, await unknownExportHint(cause, exports));
  }
  if (said !== undefined) return said;
  throw new ImageDslError("E_CONFIG_LOAD", `"${basename(file)}" has no default export`, {
    hint: "Write `export default defineConfig({ … })`",
    place: { file },
  });
}

/** The way to import a config here. Fails only for faults that are not the config's. */
async function chooseImport(
  file: string,
  imports: ConfigImports,
  { exports, cacheDirectory, reads }: LoadOptions,
): Promise<(file: string) => Promise<unknown>> {
  // No runtime loads a module of its own twice.
  if (reads !== undefined) {
    forget(imports.locals);
    return throughJiti(file, imports, exports, cacheDirectory);
  }
  const natively = (path: string): Promise<unknown> => import(pathToFileURL(path).href);
  if (canHookModules()) {
    hookModules(imports, exports);
    return natively;
  }
  // Bun would resolve a tsconfig's aliases, Deno would not.
  const isPlain = imports.aliases.length === 0;
  if (isPlain && runtime() !== "node" && resolvesToOwn(dirname(file), exports) && !isMarkedCommonJs(file))
    return natively;
  return throughJiti(file, imports, exports, cacheDirectory);
}

/** Deno and Bun cannot be told what `image-dsl` means; native loading is right only where they find this very copy. */
function resolvesToOwn(directory: string, exports: OwnExports): boolean {
  const installed = findInstalled(directory);
  return installed !== undefined && realpathSync(installed) === realpathSync(exports.packageRoot);
}

/** The nearest `node_modules/image-dsl` from the folder upwards, as an absolute path. */
export function findInstalled(directory: string): string | undefined {
  for (let at = directory; ; at = dirname(at)) {
    const candidate = join(at, "node_modules", "image-dsl");
    if (existsSync(join(candidate, "package.json"))) return candidate;
    if (dirname(at) === at) return undefined;
  }
}

/** A `.js` or `.ts` file beside `"type": "commonjs"`, which Deno would not read as an ES module. */
function isMarkedCommonJs(file: string): boolean {
  if (/\.m[jt]s$/.test(file)) return false;
  for (let at = dirname(file); ; at = dirname(at)) {
    const manifest = join(at, "package.json");
    if (existsSync(manifest)) return /"type"\s*:\s*"commonjs"/.test(readFileSync(manifest, "utf8"));
    if (dirname(at) === at) return false;
  }
}

/**
 * jiti translates the config and its local files. image-dsl's exports are handed to it as finished modules: it would
 * translate them a second time otherwise, and there would be two of every class.
 */
async function throughJiti(
  file: string,
  { files, specifiers, aliases }: ConfigImports,
  exports: OwnExports,
  cacheDirectory: LoadOptions["cacheDirectory"],
) {
  const fsCache = cacheDirectory !== undefined && join(cacheDirectory, TRANSLATED, nameOfTranslated(file));
  if (fsCache !== false) {
    // Before anything is read from it: jiti runs what it finds there.
    privateDirectory(cacheDirectory!);
    privateDirectory(dirname(fsCache));
    privateDirectory(fsCache);
    await removeUnsealed(fsCache);
  }
  // Imported, a CommonJS file of this size would be searched for its exports first: a third of the time it takes.
  const { createJiti } = createRequire(import.meta.url)("jiti") as Pick<typeof Jiti, "createJiti">;
  // A package may import any of them; a config without packages only what it names.
  const hasPackages = [...specifiers].some((each) => !exports.urls.has(each) && !isBuiltin(each));
  const virtualModules: Record<string, unknown> = {};
  for (const [specifier, url] of exports.urls) {
    if (hasPackages || specifiers.has(specifier)) virtualModules[specifier] = await import(url);
  }
  const options = {
    virtualModules,
    alias: aliasesOf(aliases),
    // Never jiti's default, a folder in /tmp where anybody could have put a "translation" before us.
    fsCache: fsCache as string | false,
    interopDefault: false,
    tryNative: false,
    tsconfigPaths: false,
    extensions: [".ts", ".mts", ".js", ".mjs", ".cjs", ".json"],
  };
  translateFrames(
    files.keys(),
    jitiToSource(() => createJiti(file, { ...options, fsCache: false, sourceMaps: true })),
  );
  return async (path: string): Promise<unknown> => {
    try {
      const loaded: unknown = await createJiti(file, options).import(path);
      if (fsCache !== false) await sealFiles(fsCache);
      return loaded;
    } catch (error) {
      // A full disk is no fault of the config's: whatever needs room later says what for.
      if (!isFullDisk(error)) throw error;
      return createJiti(file, { ...options, fsCache: false }).import(path);
    }
  };
}

/** One folder for each config: all that is in it is looked at each time, however many configs share the store. */
function nameOfTranslated(file: string): string {
  return createHash("sha256").update(file).digest("hex").slice(0, 16);
}

/** jiti keeps modules where the runtime keeps CommonJS ones. */
function forget(files: Iterable<string>): void {
  const { cache } = createRequire(import.meta.url);
  for (const file of files) delete cache[file];
}

/** jiti knows one file for a specifier, whoever imports it. */
function aliasesOf(aliases: readonly UsedAlias[]): Record<string, string> {
  const known = new Map<string, string>();
  for (const { place, specifier, file } of aliases) {
    const other = known.get(specifier);
    if (other !== undefined && other !== file) {
      throw new ImageDslError(
        "E_CONFIG_IMPORT",
        `"${specifier}" is "${other}" by one tsconfig.json, "${file}" by another`,
        { hint: "Give the aliases different names", place: place() },
      );
    }
    known.set(specifier, file);
  }
  return Object.fromEntries(known);
}

function loadError(file: string, cause: unknown, unknownExport: string | undefined) {
  const place = ownPlace(cause) ?? sourcePlace(cause) ?? { file };
  const details = { place, cause, hint: unknownExport ?? hintFor(cause) };
  // Which file it was stands in the place, so the first line of the message is what matters.
  const [told = ""] = messageOf(cause).trim().split("\n");
  const message = told.replace(PARSE_ERROR, "").trim();
  const isUnread = cause instanceof SyntaxError || PARSE_ERROR.test(told) || isParsersOwn(cause);
  const what = isUnread ? "cannot be read" : "failed while it was loaded";
  return new ImageDslError("E_CONFIG_LOAD", `"${basename(file)}" ${what}: ${message}`, details);
}

/** Of an error of ours, which may know of a file that the config read. */
function ownPlace(cause: unknown): ErrorPlace | undefined {
  return cause instanceof ImageDslError ? cause.place : undefined;
}

/** What jiti and Deno begin with where they cannot parse. */
const PARSE_ERROR = /^(?:Parse|Syntax)Error: /;

function hintFor(cause: unknown): string | undefined {
  if (cause instanceof ImageDslError) return cause.hint;
  const code = systemCodeOf(cause);
  if (code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX") {
    return "Set `erasableSyntaxOnly` in tsconfig.json; the editor then marks what cannot be used";
  }
  const missing = /^Cannot find (?:package|module) '((?:@[^/']+\/)?[^./'][^/']*)/.exec(messageOf(cause))?.[1];
  return missing === undefined ? undefined : `Install it: npm install ${missing}`;
}
