/** `archive`: what users may say. */
import * as v from "valibot";
import { defineSource, imagePathSchema, type Source, type SourcePlacement } from "../../core/index.ts";

export interface ArchiveSettings extends SourcePlacement {
  /** Where it lands in the image; default `/`. */
  readonly dest?: string;
}

export interface ArchiveOptions extends ArchiveSettings {
  readonly file: string;
}

export const archiveSource = defineSource<"archive", ArchiveOptions>(
  "archive",
  v.strictObject({
    file: v.pipe(
      v.string(),
      v.nonEmpty(),
      v.check(isPath, "is an address; archive reads a file of this host, so fetch it first"),
    ),
    dest: v.optional(imagePathSchema),
  }),
);

/**
 * The content of a tar archive of the host (plain, gzip, bzip2, xz, zstd or lz4), with its owners, modes and xattrs.
 *
 * @example archive("vendor/tool-1.2.tar.xz", { dest: "/opt" })
 */
export function archive(file: string, settings: ArchiveSettings = {}): Source<"archive", ArchiveOptions> {
  return archiveSource({ file, ...settings });
}

function isPath(file: string): boolean {
  return !/^[a-z][a-z0-9+.-]*:\/\//i.test(file);
}
