/** The error of an archive or layout that is no sound image. */
import { ImageDslError } from "../../core/index.ts";
import type { ImageFiles } from "./files.ts";

export function wrong({ shown }: Pick<ImageFiles, "shown">, what: string, hint?: string): ImageDslError {
  return new ImageDslError("E_BASE_IMAGE", `Cannot build on "${shown}": ${what}`, { hint });
}
