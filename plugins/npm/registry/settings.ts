/**
 * npm's settings, where npm has them (docs.npmjs: npmrc, config): the environment, then the `.npmrc` of the project, of the user and of the
 * machine. Each is kept with the place that says it, since a login that is refused is mended there.
 */
import { dirname, join } from "node:path";
import ini from "ini";
import {
  ImageDslError,
  environment,
  findProgram,
  homeDirectory,
  messageOf,
  readRegular,
  systemCodeOf,
} from "../../../core/index.ts";

export interface Setting {
  readonly value: string;
  /** `/home/me/.npmrc:3`, or the variable's name. */
  readonly place: string;
}

/** By key, such as `registry`, `@scope:registry`, `//HOST/PATH/:_authToken`. */
export type NpmSettings = ReadonlyMap<string, Setting>;

/** Of the project in `directory`. Throws `E_NPM_REGISTRY` where a file cannot be read. */
export async function readNpmSettings(directory: string): Promise<NpmSettings> {
  const fromEnvironment = environmentSettings();
  const user = fromEnvironment.get("userconfig")?.value ?? join(homeDirectory() ?? "/nonexistent", ".npmrc");
  const global = fromEnvironment.get("globalconfig")?.value ?? (await globalFile(fromEnvironment.get("prefix")?.value));
  const files = [join(directory, ".npmrc"), user, ...(global === undefined ? [] : [global])];
  const layers = [fromEnvironment, ...(await Promise.all(files.map(readSettings)))];
  return new Map(layers.toReversed().flatMap((layer) => [...layer]));
}

/** `npm_config_registry`, in any case; what follows `npm_config_//` keeps its spelling. */
function environmentSettings(): ReadonlyMap<string, Setting> {
  const settings = new Map<string, Setting>();
  for (const [name, value] of Object.entries(environment()).toSorted()) {
    const key = /^npm_config_(.+)$/is.exec(name)?.[1];
    if (key === undefined || value === undefined || value === "") continue;
    const isOfHost = key.startsWith("//");
    settings.set(isOfHost ? key : key.toLowerCase().replaceAll(/(?!^)_/g, "-"), { value, place: name });
  }
  return settings;
}

/** Beside the node that npm runs with. */
async function globalFile(prefix: string | undefined): Promise<string | undefined> {
  if (prefix !== undefined) return join(prefix, "etc/npmrc");
  const node = await findProgram("node");
  return node === undefined ? undefined : join(dirname(dirname(node)), "etc/npmrc");
}

async function readSettings(file: string): Promise<ReadonlyMap<string, Setting>> {
  const text = await readIfThere(file);
  if (text === undefined) return new Map();
  const lines = linesByKey(text);
  const settings = new Map<string, Setting>();
  for (const [key, value] of Object.entries(ini.parse(text))) {
    if (typeof value !== "string" && typeof value !== "boolean") continue;
    const line = lines.get(key);
    settings.set(key, { value: expanded(String(value)), place: line === undefined ? file : `${file}:${line}` });
  }
  return settings;
}

/** From 1; of a key that is there twice, the last one, which counts. */
function linesByKey(text: string): ReadonlyMap<string, number> {
  return new Map(text.split(/\r?\n/).map((line, index) => [line.split("=", 1)[0]!.trim(), index + 1]));
}

/** `${NAME}`; one that is not set stays as it is written, `${NAME?}` is nothing then. */
function expanded(value: string): string {
  const variables = environment();
  return value.replaceAll(/\$\{([^${}?]+)(\?)?\}/g, (written, name: string, orNothing?: string) => {
    return variables[name] ?? (orNothing === undefined ? written : "");
  });
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return (await readRegular(file, "settings.bytes")).toString("utf8");
  } catch (cause) {
    const code = systemCodeOf(cause);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new ImageDslError("E_NPM_REGISTRY", `Cannot read npm's settings in ${file}: ${messageOf(cause)}`, {
      hint: "Make it readable, or remove it",
      place: { file },
      cause,
    });
  }
}
