/** How much may come out of what is compressed: a small hostile file must fill neither the disk nor the memory. */

/** What a config may say of it. */
export interface UnpackingOptions {
  /** Bytes out for each byte in, once there are more than 64 MiB. @default 250 */
  readonly ratio?: number;
  /** Bytes out of one archive, layer or package. @default 64 GiB */
  readonly bytes?: number;
}

export interface UnpackLimits {
  /** Bytes of output that are too many by one. */
  readonly maxBytes: number;
  readonly maxRatio: number;
  /** How it is raised. */
  readonly hint?: string;
}

/** Package contents stay below 100, and layers mostly; zeros give 1030 in gzip, and thousands in the others. */
export const MAX_RATIO = 250;

const MAX_BYTES = 64 * 1024 ** 3;

export function unpackLimits({ ratio = MAX_RATIO, bytes = MAX_BYTES }: UnpackingOptions = {}): UnpackLimits {
  const hint = "This looks like a decompression bomb; if it is none, raise unpacking: { ratio, bytes } of the config";
  return { maxBytes: bytes, maxRatio: ratio, hint };
}
