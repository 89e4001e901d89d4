/**
 * The digest of all code that a config's functions come from: what stands for a function in a script's key. It counts
 * the local files that imports reach, JSON by its bytes, and packages by name, version and content.
 */
import { statSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, extname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { init, parse, type Import } from "es-module-lexer";
import { messageOf, type ErrorPlace } from "../error.ts";
import { beyond, isWithin } from "../limits/limits.ts";
import { readRegularSync } from "../regular-file.ts";
import { digestOf } from "../model/digest.ts";
import { canonicalJson, type Json } from "../model/json.ts";
import type { ModuleGraph } from "../model/module-graph.ts";
import { packageIdentity } from "./package-identity.ts";
import { resolvePackageImport } from "./package-imports.ts";
import { aliasFinder, type AliasFinder } from "./tsconfig-paths.ts";

export interface ModuleGraphOptions {
  /** Specifiers that mean image-dsl itself. */
  readonly own: ReadonlySet<string>;
  /** image-dsl's version. */
  readonly version: string;
}

const MODULES = [".ts", ".mts", ".js", ".mjs"];

/**
 * Follows static imports and `import()` of a literal from `entryFile` (absolute). Type-only imports are skipped. What a
 * file reads while it runs cannot be seen. Never throws for what it finds: it then says what cannot be known.
 */
export async function moduleGraphDigest(entryFile: string, options: ModuleGraphOptions): Promise<ModuleGraph> {
  await init;
  const findAlias = await aliasFinder();
  const base = dirname(entryFile);
  const files = new Map<string, Json>();
  const packages = new Map<string, Json>();
  const pending = new Set([entryFile]);
  // A set yields what is added while it is walked.
  for (const file of pending) {
    if (!isWithin("config.files", pending.size))
      return { unknown: `it imports ${beyond("config.files")}`, place: { file: entryFile } };
    try {
      const bytes = readRegularSync(file, "config.source");
      files.set(nameOf(base, file), digestOf(bytes));
      for (const target of importsOf(file, bytes, options.own, findAlias)) {
        if (target.kind === "file") pending.add(target.file);
        else packages.set(target.specifier, await packageIdentity(target.specifier, file, base));
      }
    } catch (cause) {
      return { unknown: messageOf(cause), place: cause instanceof UnseenImport ? cause.place : { file } };
    }
  }
  const parts = { version: options.version, files: Object.fromEntries(files), packages: Object.fromEntries(packages) };
  return { digest: digestOf(canonicalJson(parts)) };
}

type Target =
  | { readonly kind: "file"; readonly file: string }
  | { readonly kind: "package"; readonly specifier: string };

function importsOf(file: string, bytes: Buffer, own: ReadonlySet<string>, findAlias: AliasFinder): readonly Target[] {
  const extension = extname(file);
  if (extension === ".json") return [];
  const source = bytes.toString("utf8");
  if (!MODULES.includes(extension)) {
    throw new UnseenImport(`"${file}" is no ES module, so what it loads cannot be seen`, { file });
  }
  const [found] = parse(source);
  return found.flatMap((each) => targetOf(each, file, source, own, findAlias));
}

function targetOf(
  each: Import,
  file: string,
  source: string,
  own: ReadonlySet<string>,
  findAlias: AliasFinder,
): readonly Target[] {
  if (each.type === "import-meta") return [];
  if (each.type === "dynamic" ? each.probablyTypeOnly : each.typeOnly) return [];
  const { specifier } = each;
  const unseen = (why: string) =>
    new UnseenImport(why, { file, line: source.slice(0, each.importStart).split("\n").length });
  if (specifier === undefined || (each.type === "dynamic" && each.glob)) {
    throw unseen("it imports something whose name is only known when it runs");
  }
  // A `data:` address is in the file's own bytes.
  if (isBuiltin(specifier) || own.has(specifier) || specifier.startsWith("data:")) return [];
  if (specifier.startsWith("#")) {
    const inside = resolvePackageImport(specifier, file);
    if (inside === undefined)
      throw unseen(`it imports "${specifier}", which no package.json above it resolves to one file`);
    return isLocal(inside.specifier)
      ? [localTarget(inside.specifier, inside.from, unseen)]
      : [{ kind: "package", specifier: inside.specifier }];
  }
  if (isLocal(specifier)) return [localTarget(specifier, file, unseen)];
  if (/^[a-z][a-z0-9+.-]*:/i.test(specifier)) throw unseen(`it imports the address "${specifier}"`);
  const alias = findAlias(file, specifier)?.file;
  return [alias === undefined ? { kind: "package", specifier } : { kind: "file", file: alias }];
}

function localTarget(specifier: string, from: string, unseen: (why: string) => UnseenImport): Target {
  const file = specifier.startsWith("file:") ? fileURLToPath(specifier) : resolve(dirname(from), specifier);
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) throw unseen(`it imports "${specifier}", which is no file`);
  return { kind: "file", file };
}

function isLocal(specifier: string): boolean {
  return /^(\.\.?(\/|$)|\/|file:)/.test(specifier);
}

/** Relative to the config, so that a project may lie anywhere. */
function nameOf(base: string, file: string): string {
  return relative(base, file).split("\\").join("/");
}

class UnseenImport extends Error {
  readonly place: ErrorPlace;

  constructor(message: string, place: ErrorPlace) {
    super(message);
    this.place = place;
  }
}
