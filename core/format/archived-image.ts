/** What a docker archive is made of. */
import type { Image } from "../image/image.ts";

/** An image and the `name:tag` that `docker load` will give it, asked for after its layers were read. */
export interface ArchivedImage {
  readonly image: Image;
  reference(): Promise<string>;
  /** Further names. */
  readonly aliases?: readonly string[];
  /** With what Docker before 1.10 reads: its layers are hashed first. */
  readonly legacyArchive?: true;
}
