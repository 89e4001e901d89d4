/** `archive`: what users may say. */
import * as v from "valibot";
import {
  defineSource,
  imagePathSchema,
  pinnedSha256Schema,
  webAddressSchema,
  type Source,
  type SourcePlacement,
} from "../../core/index.ts";

/** Options of `archive`. */
export interface ArchiveSettings extends SourcePlacement {
  /** Where it lands in the image; default `/`. */
  readonly dest?: string;
}

/** Options of `archive`, of one that is fetched. */
export interface WebArchiveSettings extends ArchiveSettings {
  /** Where it is: `https://…` or `http://…`, since its sha256 says which file it is. */
  readonly url: string;
  /** Its 64 hex digits. With `""` the build fetches the file and says what they are. */
  readonly sha256: string;
}

export type ArchiveOptions = (ArchiveSettings & { readonly file: string }) | WebArchiveSettings;

export const archiveSource = defineSource<"archive", ArchiveOptions>(
  "archive",
  v.pipe(
    v.strictObject({
      file: v.optional(
        v.pipe(
          v.string(),
          v.nonEmpty(),
          v.check(isPath, 'is an address: write archive({ url: "…", sha256: "" }), and the build says its sha256'),
        ),
      ),
      url: v.optional(webAddressSchema),
      sha256: v.optional(pinnedSha256Schema),
      dest: v.optional(imagePathSchema),
    }),
    v.check(
      ({ file, url }) => (file === undefined) !== (url === undefined),
      'expected a file\'s path, or { url: "https://…", sha256: "…" }',
    ),
    v.check(
      ({ url, sha256 }) => url === undefined || sha256 !== undefined,
      'has a url and no sha256; write sha256: "", and the build says what it is',
    ),
    v.check(
      ({ file, sha256 }) => file === undefined || sha256 === undefined,
      "has a sha256, which is for what is fetched by its url",
    ),
  ),
);

/**
 * The content of a tar archive (plain, gzip, bzip2, xz, zstd or lz4), with its owners, modes and xattrs: a file of the host, or
 * one of the web, pinned by its sha256.
 *
 * @example archive("vendor/tool-1.2.tar.xz", { dest: "/opt" })
 * @example archive({ url: "https://example.org/tool-1.2.tar.xz", sha256: "9f86…", dest: "/opt" })
 */
export function archive(file: string, settings?: ArchiveSettings): Source<"archive", ArchiveOptions>;
export function archive(settings: WebArchiveSettings): Source<"archive", ArchiveOptions>;
export function archive(
  given: string | WebArchiveSettings,
  settings: ArchiveSettings = {},
): Source<"archive", ArchiveOptions> {
  return archiveSource(typeof given === "string" ? { file: given, ...settings } : given);
}

function isPath(file: string): boolean {
  return !/^[a-z][a-z0-9+.-]*:\/\//i.test(file);
}
