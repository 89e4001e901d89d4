/** Finds the config: `--config FILE`, or the nearest one from the working directory up to the project's root. */
import { stat } from "node:fs/promises";
import { basename, dirname, extname, resolve } from "node:path";
import { cosmiconfig, type PublicExplorer } from "cosmiconfig";
import { ImageDslError, messageOf, systemCodeOf } from "../error.ts";
import { PACKAGE_KEY } from "./config-shape.ts";
import { readJsonFile } from "./read-json.ts";

/** Where a config is. One in JSON is already read; one in a module is not yet run. */
export type FoundConfig =
  | { readonly kind: "module"; readonly file: string }
  | { readonly kind: "value"; readonly file: string; readonly value: unknown };

export const MODULE_EXTENSIONS: readonly string[] = [".ts", ".mts", ".js", ".mjs"];
/** A config's file names. */
export const CONFIG_NAMES: readonly string[] = [...MODULE_EXTENSIONS, ".json"].map(
  (extension) => `image.config${extension}`,
);

/**
 * Throws `E_CONFIG_NOT_FOUND`, or `E_CONFIG_LOAD` for JSON that cannot be read. All paths in the answer are absolute.
 * Nothing is run: cosmiconfig takes a loader's ENOENT for "no file here", so it only finds, and `load.ts` loads.
 */
export async function findConfig(directory: string, file?: string): Promise<FoundConfig> {
  const found = file === undefined ? await search(directory) : await given(resolve(directory, file));
  return followPath(found);
}

async function search(directory: string): Promise<FoundConfig> {
  const explorer = await openExplorer();
  const result = await explorer.search(directory);
  if (!result) {
    throw new ImageDslError("E_CONFIG_NOT_FOUND", `No image.config.ts in "${directory}" or above it`, {
      hint: "Write one (image-dsl init --list shows templates), or name it with --config FILE",
    });
  }
  return basename(result.filepath) === "package.json"
    ? { kind: "value", file: result.filepath, value: result.config }
    : given(result.filepath);
}

/** cosmiconfig looks for settings of its own first, in the working directory's package.json, and gives up where that is none. */
async function openExplorer(): Promise<PublicExplorer> {
  try {
    return makeExplorer();
  } catch (cause) {
    const file = resolve("package.json");
    await readJsonFile(file);
    throw new ImageDslError("E_CONFIG_LOAD", `Cannot read "${file}": ${messageOf(cause)}`, {
      cause,
      place: { file },
      hint: "Save it as UTF-8 without a byte order mark",
    });
  }
}

function makeExplorer(): PublicExplorer {
  return cosmiconfig(PACKAGE_KEY, {
    searchPlaces: [...CONFIG_NAMES, "package.json"],
    searchStrategy: "project",
    ignoreEmptySearchPlaces: false,
    cache: false,
    loaders: Object.fromEntries([
      ...MODULE_EXTENSIONS.map((extension) => [extension, (found: string) => ({ file: found })] as const),
      [".json", (found: string) => (found.endsWith("package.json") ? readJsonFile(found) : { file: found })] as const,
    ]),
  });
}

async function given(file: string): Promise<FoundConfig> {
  const isFile = await stat(file).then(
    (found) => found.isFile(),
    (cause: unknown) => {
      if (systemCodeOf(cause) === "ENOENT" || systemCodeOf(cause) === "ENOTDIR") return false;
      throw new ImageDslError("E_CONFIG_LOAD", `Cannot read "${file}": ${messageOf(cause)}`, { cause });
    },
  );
  if (!isFile) throw new ImageDslError("E_CONFIG_NOT_FOUND", `There is no config file "${file}"`);
  if (basename(file) === "package.json") return { kind: "value", file, value: await packageKey(file) };
  const extension = extname(file);
  if (extension === ".json") return { kind: "value", file, value: await readJsonFile(file) };
  if (MODULE_EXTENSIONS.includes(extension)) return { kind: "module", file };
  throw new ImageDslError("E_CONFIG_LOAD", `"${file}" is not a kind of file that a config can be in`, {
    hint: `A config is a ${[...MODULE_EXTENSIONS, ".json"].join(", ")} file`,
  });
}

async function packageKey(file: string): Promise<unknown> {
  const content = await readJsonFile(file);
  if (typeof content === "object" && content !== null && PACKAGE_KEY in content) return content[PACKAGE_KEY];
  throw new ImageDslError("E_CONFIG_NOT_FOUND", `"${file}" has no key "${PACKAGE_KEY}"`);
}

/** JSON may hold a path to a config in place of the config; only one step, so it cannot run in circles. */
async function followPath(found: FoundConfig): Promise<FoundConfig> {
  if (found.kind !== "value" || typeof found.value !== "string") return found;
  const target = await given(resolve(dirname(found.file), found.value));
  if (target.kind === "module" || typeof target.value !== "string") return target;
  throw new ImageDslError("E_CONFIG_LOAD", `"${target.file}" holds only another path`, {
    place: { file: found.file },
    hint: "Let the first path name the config itself",
  });
}
