/** `files`, `text` and `fetchFile`: what users may say. */
import * as v from "valibot";
import {
  defineSource,
  globMatcher,
  imagePathSchema,
  modeSchema,
  ownerSchema,
  pinnedSha256Schema,
  webAddressSchema,
  type Owner,
  type Source,
  type SourcePlacement,
  type TreePath,
} from "../../core/index.ts";

/** Options of `files`. */
export interface FilesSettings extends SourcePlacement {
  /** Where it lands in the image; default `/`. */
  readonly dest?: string;
  /**
   * Given each path below the directory; false leaves it out, with all below it. For globs: given each file, link and empty
   * directory, by its path from the config's folder.
   */
  readonly filter?: (path: string) => boolean;
  /**
   * Globs of what stays out, with all below it: paths below the directory; for globs, paths from the config's folder. `*` stays
   * within a name, `**` does not: `"**\/*.map"`.
   */
  readonly exclude?: readonly string[];
  /**
   * Which ignore file is obeyed below a directory that is taken: `"docker"`, the `.dockerignore` of that directory or else the one
   * beside the config; `"git"`, the `.gitignore` files as git has them, and no empty directories; a list, both; false, none. What is
   * named outright is taken in any case.
   * @default "docker"
   */
  readonly ignore?: "docker" | "git" | readonly ("docker" | "git")[] | false;
  /** `"keep"`: modes as on the host. A number: for regular files. Default: 0755 for what is executable or a directory, else 0644. */
  readonly mode?: "keep" | number;
  /** Numbers, or the name of a user that the image has. Default 0:0. */
  readonly owner?: Owner;
}

export interface FilesOptions extends FilesSettings {
  readonly from: string | readonly string[];
  /** Of a source that brings more than this one: told what an ignore file leaves out, the uppermost paths, in place of a note. */
  readonly leftOut?: (file: string, paths: readonly TreePath[]) => void;
}

/** Options of `text`. */
export interface TextSettings extends SourcePlacement {
  /** Default 0644. */
  readonly mode?: number;
  /** Numbers, or the name of a user that the image has. Default 0:0. */
  readonly owner?: Owner;
}

export interface TextOptions extends TextSettings {
  readonly path: string;
  readonly contents: string;
}

/** Options of `fetchFile`. */
export interface FetchFileOptions extends SourcePlacement {
  /** Where it is: `https://…` or `http://…`, since its sha256 says which file it is. */
  readonly url: string;
  /** Its 64 hex digits. With `""` the build fetches the file and says what they are. */
  readonly sha256: string;
  /** The file's path in the image. With a slash at its end: a directory, in which it has the name that it has in `url`. */
  readonly dest: string;
  /** Default 0644. */
  readonly mode?: number;
  /** Numbers, or the name of a user that the image has. Default 0:0. */
  readonly owner?: Owner;
}

const filesSource = defineSource<"files", FilesOptions>(
  "files",
  v.strictObject({
    from: v.union(
      [v.pipe(v.string(), v.nonEmpty()), v.pipe(v.array(v.pipe(v.string(), v.nonEmpty())), v.nonEmpty())],
      'expected a path, such as "dist", or a list of globs, such as ["src/**"]',
    ),
    dest: v.optional(imagePathSchema),
    filter: v.optional(v.function("expected a function, such as (path) => !path.endsWith('.map')")),
    exclude: v.optional(
      v.array(
        v.pipe(v.string(), v.nonEmpty(), v.check(isGlob, "expected a glob, with its brackets closed")),
        'expected a list of globs, such as ["**/*.map"]',
      ),
    ),
    ignore: v.optional(
      v.union(
        [v.picklist(["docker", "git"]), v.array(v.picklist(["docker", "git"])), v.literal(false)],
        'expected "docker", "git", a list of them, or false',
      ),
    ),
    mode: v.optional(v.union([v.literal("keep"), modeSchema])),
    owner: v.optional(ownerSchema),
    leftOut: v.optional(v.function("expected a function, such as (file, paths) => {}")),
  }),
);

function isGlob(text: string): boolean {
  try {
    globMatcher([text]);
    return true;
  } catch {
    return false;
  }
}

const textSource = defineSource<"text", TextOptions>(
  "text",
  v.strictObject({
    path: v.pipe(imagePathSchema, v.regex(/[^/.]/, "Expected the path of a file")),
    contents: v.string(),
    mode: v.optional(modeSchema),
    owner: v.optional(ownerSchema),
  }),
);

const fetchFileSource = defineSource<"fetchFile", FetchFileOptions>(
  "fetchFile",
  v.pipe(
    v.strictObject({
      url: webAddressSchema,
      sha256: pinnedSha256Schema,
      dest: v.pipe(imagePathSchema, v.nonEmpty()),
      mode: v.optional(modeSchema),
      owner: v.optional(ownerSchema),
    }),
    v.check(
      (options) => /[^/.]/.test(fetchedPath(options)),
      "has no name in its url: expected the path of a file as dest",
    ),
  ),
);

/** Where it lies in the image. */
export function fetchedPath({ url, dest }: Pick<FetchFileOptions, "url" | "dest">): string {
  if (!dest.endsWith("/") || !URL.canParse(url)) return dest;
  const name = new URL(url).pathname.split("/").at(-1)!;
  return name === "" ? "" : dest + decoded(name);
}

/** A slash that was hidden in it would make it another path. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name).replaceAll(/[/\0]/g, "_");
  } catch {
    return name;
  }
}

export const fileSources = [filesSource, textSource, fetchFileSource] as const;

/**
 * Files of the host. A directory: its content lands in `dest`. A file: it lands in `dest` under its name. A link that is
 * named stands for what it leads to. A list of globs: what matches, at its path from the config's folder, below `dest`. What
 * builds of the config write (outputs, the lock, the cache) no directory and no glob takes.
 *
 * @example files("dist", { dest: "/srv/app" })
 * @example files(["src/**\/*.js", "package.json"], { dest: "/app", owner: 1000 })
 */
export function files(from: string | readonly string[], settings: FilesSettings = {}): Source<"files", FilesOptions> {
  return filesSource({ from, ...settings });
}

/**
 * One file with this text (UTF-8).
 *
 * @example text("/etc/motd", "Welcome\n")
 */
export function text(path: string, contents: string, settings: TextSettings = {}): Source<"text", TextOptions> {
  return textSource({ path, contents, ...settings });
}

/**
 * One file of the web, pinned by its sha256: fetched once and kept in the store, so that later builds need no network.
 *
 * @example fetchFile({ url: "https://example.org/tini-amd64", sha256: "93dc…", dest: "/usr/local/bin/tini", mode: 0o755 })
 */
export function fetchFile(options: FetchFileOptions): Source<"fetchFile", FetchFileOptions> {
  return fetchFileSource(options);
}
