/** What of a package.json says how its project is built and started; what is of another form says nothing. */
import { isRecord, parsedText } from "../../model/json.ts";
import { ImageDslError, messageOf } from "../../error.ts";
import { workspaceGlobs } from "../../project/workspace-members.ts";
import type { ProjectFiles } from "./project-files.ts";

export interface PackageManifest {
  readonly name: string | undefined;
  readonly main: string | undefined;
  /** Whether its files are modules where their endings do not say so. */
  readonly isModule: boolean;
  /** `pnpm@9.15.0`: what corepack would start. */
  readonly packageManager: string | undefined;
  readonly scripts: Readonly<Record<string, string>>;
  /** Names of what it depends on, in whichever way. */
  readonly dependencies: ReadonlySet<string>;
  /** Globs of the members' folders. */
  readonly workspaces: readonly string[];
}

/** Undefined where there is none. Throws `E_USAGE` for one that is no JSON. */
export function readManifest(files: ProjectFiles, path: string): PackageManifest | undefined {
  const text = files.text(path);
  if (text === undefined) return undefined;
  const json = parsedJson(text, path);
  return {
    name: textOf(json["name"]),
    main: textOf(json["main"]),
    isModule: json["type"] === "module",
    packageManager: textOf(json["packageManager"]),
    scripts: textsOf(json["scripts"]),
    dependencies: new Set(
      ["dependencies", "devDependencies", "optionalDependencies"].flatMap((key) => Object.keys(textsOf(json[key]))),
    ),
    workspaces: workspaceGlobs(json["workspaces"]),
  };
}

/** An object; throws `E_USAGE` for what is no JSON. */
export function parsedJson(text: string, path: string): Record<string, unknown> {
  try {
    const json: unknown = parsedText(text);
    return isRecord(json) ? json : {};
  } catch (cause) {
    throw new ImageDslError("E_USAGE", `Cannot read ${path}: ${messageOf(cause)}`, { cause, place: { file: path } });
  }
}

export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function textsOf(value: unknown): Readonly<Record<string, string>> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => textOf(entry[1]) !== undefined),
  );
}
