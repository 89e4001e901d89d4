/** Bare imports that a tsconfig's `paths` or `baseUrl` make files of, found as tsx and the editor find them. */
import { statSync } from "node:fs";
import { dirname, extname, resolve } from "node:path";
import { ImageDslError, messageOf } from "../error.ts";

export interface PathAlias {
  /** Where the tsconfig says that it lies, as written there; absolute. */
  readonly path: string;
  /** The file that this is; undefined where there is none. */
  readonly file: string | undefined;
}

/** What an import in a file (absolute) means by its nearest tsconfig.json; undefined of what that does not speak of. Throws `E_CONFIG_IMPORT`. */
export type AliasFinder = (file: string, specifier: string) => PathAlias | undefined;

export async function aliasFinder(): Promise<AliasFinder> {
  const { createPathsMatcher, getTsconfig } = await import("get-tsconfig");
  const read = new Map<string, unknown>();
  const matchers = new Map<string, (specifier: string) => readonly string[]>();
  const matcherFor = (directory: string): ((specifier: string) => readonly string[]) => {
    const tsconfig = getTsconfig(directory, "tsconfig.json", read);
    return (tsconfig && createPathsMatcher(tsconfig)) ?? (() => []);
  };
  return (file, specifier) => {
    const directory = dirname(file);
    try {
      const matcher = matchers.get(directory) ?? matcherFor(directory);
      matchers.set(directory, matcher);
      const aliases = matcher(specifier).map((path) => ({ path: resolve(path), file: meantFile(resolve(path)) }));
      return aliases.find((alias) => alias.file !== undefined) ?? aliases[0];
    } catch (cause) {
      throw new ImageDslError(
        "E_CONFIG_IMPORT",
        `The tsconfig.json for "${file}" cannot be read: ${messageOf(cause)}`,
        {
          cause,
        },
      );
    }
  };
}

/** Files that are read for their own imports. */
export const SCANNED = [".ts", ".mts", ".js", ".mjs"];

/** What the author meant by a path: the file, one with another extension, or a folder's index. */
export function meantFile(path: string): string | undefined {
  const bare = path.replace(/\.[cm]?jsx?$/, "");
  const candidates = [path, bare].flatMap((stem) => [...SCANNED, ".json", ".cjs"].map((extension) => stem + extension));
  const indexes = SCANNED.map((extension) => resolve(path, `index${extension}`));
  return [...(extname(path) === "" ? [] : [path]), ...candidates, ...indexes].find(isFile);
}

export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
