/** `image-archive`: what a `fromImage` that is a path stands for. */
import * as v from "valibot";
import { defineSource } from "../../core/index.ts";

export interface ImageArchiveOptions {
  /** A docker archive, an OCI archive, or the folder of an OCI layout. */
  readonly file: string;
  /** Which of its images, by name; the first one's otherwise. */
  readonly name?: string;
  /** By tag; the first one of that name otherwise. */
  readonly tag?: string;
  /** It must be the only one. */
  readonly sole?: boolean;
}

export const imageArchive = defineSource<"image-archive", ImageArchiveOptions>(
  "image-archive",
  v.strictObject({
    file: v.pipe(v.string(), v.nonEmpty()),
    name: v.optional(v.string()),
    tag: v.optional(v.string()),
    sole: v.optional(v.boolean()),
  }),
);
