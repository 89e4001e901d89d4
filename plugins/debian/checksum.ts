/** What an archive announces a file by: SHA256, or SHA512 where that is all there is. Weaker ones are not believed. */
import { digestFromHex, digestOf, hexOf, type Digest } from "../../core/index.ts";

export interface Checksum {
  readonly algorithm: "SHA256" | "SHA512";
  /** In lower case. */
  readonly hex: string;
}

/** In the order in which they are believed; each has hex digits of this number. */
export const ALGORITHMS = [
  { algorithm: "SHA256", digits: 64 },
  { algorithm: "SHA512", digits: 128 },
] as const;

/** What the file goes by here: its own digest where that was announced, else one that stands for what was. */
export function identityOf({ algorithm, hex }: Checksum): Digest {
  return algorithm === "SHA256" ? digestFromHex(hex) : digestOf(`${algorithm}:${hex}`);
}

/** 64 hex digits that stand for it in the store. */
export function storeKeyOf(checksum: Checksum): string {
  return hexOf(identityOf(checksum));
}
