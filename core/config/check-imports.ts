/**
 * Refuses, on every runtime alike, the imports of a config that only some runtimes resolve, and tells what to write
 * in their place. Follows local files only; packages are the package manager's matter.
 */
import { existsSync } from "node:fs";
import { isBuiltin } from "node:module";
import { basename, dirname, extname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ImageDslError, messageOf, systemCodeOf, type ErrorPlace } from "../error.ts";
import { requireWithin } from "../limits/limits.ts";
import { readRegular } from "../regular-file.ts";
import { UNHEARD_READS, type HostReads } from "../model/host-reads.ts";
import { hostPath } from "../tree/host.ts";
import { importsOf, type ImportStatement } from "./imports.ts";
import { aliasFinder, isFile, meantFile, SCANNED, type AliasFinder } from "./tsconfig-paths.ts";

export interface ConfigImports {
  /** The config and the local files that it imports, the config first; the value tells which are ES modules. */
  readonly files: ConfigFiles;
  /** Those, and what they import as JSON. */
  readonly locals: ReadonlySet<string>;
  /** Everything that these import and that is no local file. */
  readonly specifiers: ReadonlySet<string>;
  /** What these import by a tsconfig's `paths` or `baseUrl`. */
  readonly aliases: readonly UsedAlias[];
}

export interface UsedAlias {
  /** That imports. */
  readonly from: string;
  readonly specifier: string;
  readonly file: string;
  /** Of the import. */
  readonly place: () => ErrorPlace;
}

export type ConfigFiles = ReadonlyMap<string, boolean>;

/** Throws `E_CONFIG_IMPORT` for the first import that would not work everywhere, with file, line and mend. */
export async function checkImports(
  configFile: string,
  ownSpecifiers: ReadonlySet<string>,
  reads: HostReads = UNHEARD_READS,
): Promise<ConfigImports> {
  const files = new Map<string, boolean>([[configFile, true]]);
  const locals = new Set([configFile]);
  const specifiers = new Set<string>();
  const aliases: UsedAlias[] = [];
  const findAlias = lateFinder();
  // A map yields what is added while it is walked.
  for (const [file] of files) {
    reads.path(hostPath(file));
    const source = await readSource(file);
    const found = await importsOf(file, source);
    if (!found) continue;
    files.set(file, found.isModule);
    if (file === configFile && !found.isModule) throw noModule(file, source);
    for (const each of found.imports) {
      // It may not be there yet.
      if (isLocal(each.specifier)) reads.path(hostPath(localPath(file, each)));
      const target = await checkImport(file, each, ownSpecifiers, findAlias);
      if (target !== undefined) {
        reads.path(hostPath(target));
        locals.add(target);
      }
      if (target === undefined) specifiers.add(each.specifier);
      else if (!isLocal(each.specifier))
        aliases.push({ from: file, specifier: each.specifier, file: target, place: each.place });
      if (target !== undefined && SCANNED.includes(extname(target)) && !files.has(target)) files.set(target, true);
      requireWithin("config.files", files.size, `What "${configFile}" imports`);
    }
  }
  return { files, locals, specifiers, aliases };
}

/** Most configs import nothing that could be an alias. */
function lateFinder(): () => Promise<AliasFinder> {
  let finder: Promise<AliasFinder> | undefined;
  return () => (finder ??= aliasFinder());
}

function isLocal(specifier: string): boolean {
  return /^(\.\.?\/|\/|file:)/.test(specifier) || specifier === "." || specifier === "..";
}

/** The local file that is imported, or undefined for a package, a builtin or an `imports` key. */
async function checkImport(
  file: string,
  statement: ImportStatement,
  ownSpecifiers: ReadonlySet<string>,
  findAlias: () => Promise<AliasFinder>,
): Promise<string | undefined> {
  const { specifier } = statement;
  if (isBuiltin(specifier) || specifier.startsWith("#") || specifier.startsWith("data:")) return undefined;
  if (isLocal(specifier)) return checkLocal(file, statement);
  const problem = refusal(statement);
  if (/^[a-z][a-z0-9+.-]*:/i.test(specifier)) {
    throw problem("is an address that only some runtimes load", "Install the package and import it by its name");
  }
  if (specifier === "image-dsl" || specifier.startsWith("image-dsl/")) {
    if (ownSpecifiers.has(specifier)) return undefined;
    const known = [...ownSpecifiers].filter((each) => !each.startsWith("image-dsl/plugins/"));
    throw problem("is not one of image-dsl's exports", `There are ${known.join(", ")} and image-dsl/plugins/NAME`);
  }
  const alias = (await findAlias())(file, specifier);
  if (alias === undefined) return undefined;
  const installed = isInstalled(dirname(file), specifier);
  const shown = writtenFrom(file, alias.file ?? alias.path);
  if (alias.file === undefined) {
    if (installed) return undefined;
    throw problem(
      "is neither installed nor a file",
      `By tsconfig.json it would be "${shown}"; else: npm install ${specifier}`,
    );
  }
  if (installed) {
    // A package may import it too, and means the package.
    throw problem(
      `is an installed package, and "${shown}" by tsconfig.json`,
      "Give the alias another name in tsconfig.json",
    );
  }
  return checkFile(alias.file, statement, problem);
}

function checkLocal(file: string, statement: ImportStatement): string {
  const problem = refusal(statement);
  const path = localPath(file, statement);
  if (!isFile(path)) {
    const meant = meantFile(path);
    if (meant === undefined) throw problem("is not there", "Write the path of a file that exists, with its extension");
    throw problem("is not the name of a file", `Write "${writtenFrom(file, meant)}"`);
  }
  return checkFile(path, statement, problem);
}

function localPath(file: string, { specifier }: ImportStatement): string {
  return specifier.startsWith("file:") ? fileURLToPath(specifier) : resolve(dirname(file), specifier);
}

/** What every runtime loads as it is. */
function checkFile(path: string, statement: ImportStatement, problem: ReturnType<typeof refusal>): string {
  if (/\.[jt]sx$/.test(path)) throw problem("is JSX, which no runtime loads as it is", "Write it as a .ts file");
  if (extname(path) === ".json" && !statement.attributes) {
    const mend = statement.dynamic ? `{ with: { type: "json" } } as the second argument` : `with { type: "json" }`;
    throw problem("is JSON, imported without saying so", `Add ${mend}`);
  }
  return path;
}

/** As an import in the file would say it. */
function writtenFrom(file: string, path: string): string {
  const written = relative(dirname(file), path).split("\\").join("/");
  return written.startsWith(".") ? written : `./${written}`;
}

function refusal({ specifier, place }: ImportStatement): (what: string, hint: string) => ImageDslError {
  return (what, hint) =>
    new ImageDslError("E_CONFIG_IMPORT", `Import of "${specifier}" ${what}`, { hint, place: place() });
}

async function readSource(file: string): Promise<string> {
  try {
    return (await readRegular(file, "config.source")).toString("utf8");
  } catch (cause) {
    const what = systemCodeOf(cause) ?? messageOf(cause);
    throw new ImageDslError("E_CONFIG_LOAD", `Cannot read "${file}" (${what})`, { cause, place: { file } });
  }
}

function noModule(file: string, source: string): ImageDslError {
  const what = source.trim() === "" ? "is empty" : "exports nothing";
  return new ImageDslError("E_CONFIG_LOAD", `"${basename(file)}" ${what}`, {
    hint: "Write `export default defineConfig({ … })`; a config is an ES module",
    place: { file },
  });
}

/** Whether some node_modules from the folder upwards holds the package. */
function isInstalled(directory: string, specifier: string): boolean {
  const name = specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
  for (let at = directory; ; at = dirname(at)) {
    if (existsSync(resolve(at, "node_modules", name))) return true;
    if (dirname(at) === at) return false;
  }
}
