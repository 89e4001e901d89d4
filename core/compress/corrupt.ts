/** The error that all decoders share. */
import { ImageDslError } from "../error.ts";
import type { CompressionFormat } from "./detect.ts";

/** The error for input that is not what its format says. */
export function corrupt(format: CompressionFormat, what: string, cause?: unknown): ImageDslError {
  return new ImageDslError("E_COMPRESSION", `Cannot decompress ${format} data: ${what}`, {
    hint: "The file is damaged or incomplete: fetch or make it again",
    cause,
  });
}
