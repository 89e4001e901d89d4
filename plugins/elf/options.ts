/** What `elf()` takes. */
import * as v from "valibot";
import { imagePathSchema } from "../../core/index.ts";

/** Options of `elf`. */
export interface ElfOptions {
  /**
   * Programs or libraries of the host. A bare name (`node`) is looked up in PATH; a path is absolute or starts from
   * the config's folder.
   */
  readonly files: string | readonly string[];
  /**
   * Where the files themselves go; the libraries always keep their paths. A path that ends in a slash is a directory
   * for all of them, any other is the new path of the one file.
   *
   * @default the path that it has on the host
   */
  readonly dest?: string | undefined;
  /**
   * Libraries that are loaded by name while a program runs (dlopen), such as `libnss_dns.so.2`, or the paths of some.
   * No file says that it needs them.
   */
  readonly also?: readonly string[] | undefined;
  /**
   * A directory that is taken for the host's root directory, such as an unpacked root file system of another
   * architecture. Without it, what a program for another machine than this host needs is what the image's own sources bring.
   *
   * @default "/"
   */
  readonly root?: string | undefined;
  /**
   * A shared object of the image that cannot be loaded there, whoever brings it, is an error and no warning.
   *
   * @default false
   */
  readonly strict?: boolean | undefined;
}

const text = v.pipe(
  v.string(),
  v.nonEmpty("expected a name or a path"),
  v.regex(/^[^\0]*$/, "a path cannot hold a NUL character"),
);

export const elfSchema = v.pipe(
  v.strictObject({
    files: v.union(
      [text, v.pipe(v.array(text), v.nonEmpty("expected at least one file"))],
      'expected a program of the host, such as "/usr/bin/jq", or a list of them',
    ),
    dest: v.optional(imagePathSchema),
    also: v.optional(v.array(text, 'expected a list of libraries, such as ["libnss_dns.so.2"]')),
    root: v.optional(text),
    strict: v.optional(v.boolean()),
  }),
  v.forward(
    v.check(
      ({ files, dest }) => dest === undefined || dest.endsWith("/") || typeof files === "string" || files.length === 1,
      "expected a directory, with a slash at its end, because there are several files",
    ),
    ["dest"],
  ),
);
