/** Whether a file of the host may be an archive: by its first bytes, as outputs are asked before they replace it. */
import { closeSync, openSync, readSync } from "node:fs";
import { detectCompression } from "../compress/detect.ts";

/** Of a tar's first header, which has its mark at the end. */
const HEAD = 512;

/** A tar, plain or compressed. Throws the system's error. */
export function isArchiveFile(file: string): boolean {
  const head = firstBytes(file, HEAD);
  return detectCompression(head) !== "none" || head.toString("latin1", 257, 262) === "ustar";
}

/** As many bytes as the file has, at most `count`. Throws the system's error. */
export function firstBytes(file: string, count: number): Buffer {
  const descriptor = openSync(file, "r");
  try {
    const bytes = Buffer.alloc(count);
    return bytes.subarray(0, readSync(descriptor, bytes, 0, count, 0));
  } finally {
    closeSync(descriptor);
  }
}
