/** The imports of one module, as written: what `check-imports.ts` judges. Reads JavaScript and TypeScript. */
import { init, parse } from "es-module-lexer";
import type { ErrorPlace } from "../error.ts";
import { placeAt } from "../source-place.ts";

export interface ImportStatement {
  readonly specifier: string;
  /** Of the specifier: only errors ask. */
  readonly place: () => ErrorPlace;
  readonly dynamic: boolean;
  /** Written with `with { … }`. */
  readonly attributes: boolean;
}

export interface ModuleImports {
  /** Type-only imports are left out: nothing loads them. */
  readonly imports: readonly ImportStatement[];
  /** Whether it is an ES module at all, by its own syntax. */
  readonly isModule: boolean;
}

/** Undefined where the text cannot be read as a module: loading it says what is wrong better than the lexer can. */
export async function importsOf(file: string, source: string): Promise<ModuleImports | undefined> {
  await init;
  const parsed = tryParse(source);
  if (!parsed) return undefined;
  const [found, , , isModule] = parsed;
  const imports: ImportStatement[] = [];
  for (const each of found) {
    if (each.type === "import-meta" || each.specifier === undefined) continue;
    if (each.type === "dynamic" ? each.glob || each.probablyTypeOnly : each.typeOnly) continue;
    imports.push({
      specifier: each.specifier,
      place: () => ({ file, ...placeAt(source, each.start) }),
      dynamic: each.type === "dynamic",
      attributes: each.attributesStart >= 0,
    });
  }
  return { imports, isModule };
}

function tryParse(source: string): ReturnType<typeof parse> | undefined {
  try {
    return parse(source);
  } catch {
    return undefined;
  }
}
