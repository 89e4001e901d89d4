/** The `imports` of package.json (`#name`), as far as all runtimes agree. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { systemCodeOf } from "../error.ts";
import { parsedText } from "../model/json.ts";

const CONDITIONS = ["import", "default"];

/** What `#name` stands for, and the file that it is written in; undefined where runtimes could differ. */
export function resolvePackageImport(
  name: string,
  file: string,
): { readonly specifier: string; readonly from: string } | undefined {
  const manifest = nearestManifest(dirname(file));
  const imports = (manifest?.content as { imports?: Record<string, unknown> } | undefined)?.imports ?? {};
  const specifier = targetOf(imports[name]) ?? patternTarget(imports, name);
  return specifier === undefined || manifest === undefined ? undefined : { specifier, from: manifest.file };
}

/** The package.json of the package that a folder belongs to. */
export function nearestManifest(directory: string): { readonly file: string; readonly content: unknown } | undefined {
  for (let at = directory; ; at = dirname(at)) {
    const content = readJson(join(at, "package.json"));
    if (content !== undefined) return { file: join(at, "package.json"), content };
    if (dirname(at) === at) return undefined;
  }
}

/** Undefined where there is no such file. Throws `SyntaxError` where it is no JSON. */
export function readJson(file: string): unknown {
  try {
    return parsedText(readFileSync(file, "utf8"));
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT" || systemCodeOf(error) === "ENOTDIR") return undefined;
    throw error;
  }
}

function targetOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const keys = Object.keys(value);
  if (keys.some((key) => !CONDITIONS.includes(key) && key !== "types")) return undefined;
  const key = keys.find((each) => CONDITIONS.includes(each));
  return key === undefined ? undefined : targetOf((value as Record<string, unknown>)[key]);
}

/** `"#lib/*": "./lib/*"`; of several patterns the one with the longest beginning. */
function patternTarget(imports: Record<string, unknown>, name: string): string | undefined {
  const matching = Object.keys(imports).filter((key) => {
    const [start, end] = key.split("*");
    return (
      end !== undefined && name.startsWith(start!) && name.endsWith(end) && name.length > start!.length + end.length
    );
  });
  const best = matching.toSorted((a, b) => b.indexOf("*") - a.indexOf("*"))[0];
  if (best === undefined) return undefined;
  const [start, end] = best.split("*") as [string, string];
  return targetOf(imports[best])?.replaceAll("*", () => name.slice(start.length, name.length - end.length));
}
