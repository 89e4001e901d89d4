/** Looks a bare import up among a tsconfig's `paths`, only to refuse it with a good reason. */
import { dirname, resolve } from "node:path";
import { readRegular } from "../regular-file.ts";

const MAX_TSCONFIG = 16 * 1024 * 1024;

/** The first target that the nearest tsconfig.json gives to this import; undefined without a match. */
export async function pathAliasOf(directory: string, specifier: string): Promise<string | undefined> {
  for (let at = directory; ; at = dirname(at)) {
    const file = resolve(at, "tsconfig.json");
    const text = (await readRegular(file, MAX_TSCONFIG).catch(() => undefined))?.toString("utf8");
    if (text !== undefined) return matchIn(at, parseLenient(text), specifier);
    if (dirname(at) === at) return undefined;
  }
}

function matchIn(directory: string, config: unknown, specifier: string): string | undefined {
  const options = member(config, "compilerOptions");
  const paths = member(options, "paths");
  if (typeof paths !== "object" || paths === null) return undefined;
  const base = member(options, "baseUrl");
  for (const [pattern, targets] of Object.entries(paths)) {
    const [prefix = "", suffix] = pattern.split("*");
    const matches =
      suffix === undefined
        ? specifier === pattern
        : specifier.startsWith(prefix) && specifier.endsWith(suffix) && specifier.length >= pattern.length - 1;
    const target: unknown = Array.isArray(targets) ? targets[0] : undefined;
    if (matches && typeof target === "string") {
      const middle = suffix === undefined ? "" : specifier.slice(prefix.length, specifier.length - suffix.length);
      return resolve(
        directory,
        typeof base === "string" ? base : ".",
        target.replace("*", () => middle),
      );
    }
  }
  return undefined;
}

/** JSON with comments and trailing commas, as TypeScript allows; undefined where even that fails. */
function parseLenient(text: string): unknown {
  const bare = text
    .replace(/("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_, string: string | undefined) => string ?? "")
    .replace(/("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g, (_, string: string | undefined) => string ?? "");
  try {
    return JSON.parse(bare) as unknown;
  } catch {
    return undefined;
  }
}

function member(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}
