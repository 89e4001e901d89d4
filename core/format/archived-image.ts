/** What a docker archive is made of. */
import type { Image } from "../image/image.ts";

/** An image and the `name:tag`, if any, that `docker load` will give it, asked for after its layers were read. */
export interface ArchivedImage {
  readonly image: Image;
  reference(): Promise<string | undefined>;
  /** Further names. */
  readonly aliases?: readonly string[];
  /** With what Docker before 1.10 reads: its layers are hashed first. */
  readonly legacyArchive?: true;
}

/** The first is the one that is shown. */
export async function namesIn({ reference, aliases = [] }: ArchivedImage): Promise<readonly string[]> {
  const own = await reference();
  return own === undefined ? aliases : [own, ...aliases];
}
