/** What the hook `check` lists. */
import type { TreePath } from "../model/path.ts";
import type { WarningCode } from "../warning-codes.ts";

/** Something that is wrong with an image: one sentence that needs no target in it, and the mend. */
export interface Finding {
  /** For scripts, and unique to what is wrong. */
  readonly code: WarningCode;
  /** One sentence that begins with a capital and has no full stop at its end; the target is told before it. */
  readonly message: string;
  /** The mend, one sentence, something that the reader can do. */
  readonly hint: string;
  /** Files of the image that it is about: by their origins a source tells whose they are. */
  readonly files?: readonly TreePath[];
  /** An error in every image, because somebody asked for that. */
  readonly isError?: true;
}
