/** The error of what is no sound image, wherever it comes from. */
import { ImageDslError } from "../error.ts";
import { displayShort, encodeText } from "../model/bytes.ts";

/** `E_BASE_IMAGE`. `shown`: the image as the user wrote it; `what`: the end of a sentence that has it as its subject. */
export function unsound(shown: string, what: string, hint?: string): ImageDslError {
  return new ImageDslError("E_BASE_IMAGE", `Cannot use "${shown}": ${what}`, { hint });
}

/** A text of the image's own. */
export function shownText(text: string): string {
  return displayShort(encodeText(text));
}
