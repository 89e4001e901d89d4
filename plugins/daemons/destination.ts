/** What an image is to be called where it goes. */
import { ImageDslError, isReference, type Destination } from "../../core/index.ts";

/** Throws `E_OUTPUT_INVALID`. */
export function checkName({ transport, rest, text }: Destination): void {
  if (isReference(rest)) return;
  throw new ImageDslError("E_OUTPUT_INVALID", `"${text}" has no NAME:TAG`, {
    hint: `Write it as in ${transport}:team/app:1, in small letters`,
  });
}

/** Throws `E_USAGE`. */
export function checkInput(rest: string, text: string): void {
  if (isReference(rest)) return;
  throw new ImageDslError("E_USAGE", `"${text}" names no image`, { hint: "Write docker-daemon:NAME:TAG" });
}
