/** What the inside sends: a line, what was refused, the names that are gone, and a tar of what changed until its end. */
import { open, type FileHandle } from "node:fs/promises";
import type { STAGES } from "./inside.ts";

export interface InsideResult {
  /** Exit status of the script. */
  readonly script: number;
  /** As strace wrote it. */
  readonly refused: string;
  /** Paths from the root, latin1. */
  readonly removed: readonly string[];
  /** Bytes of the tar. */
  readonly size: number;
}

export interface Unfinished {
  readonly stage: (typeof STAGES)[number];
}

const HEADER = /^script=(\d{1,3}) refused=(\d{1,9}) removed=(\d{1,12})$/;
const MAX_HEADER = 256;

/** The tar goes to `file`. Undefined where the output does not begin as it should. */
export async function readResult(
  output: AsyncIterable<Buffer>,
  file: string,
): Promise<InsideResult | Unfinished | undefined> {
  const handle = await open(file, "wx", 0o600);
  try {
    return await read(output, handle);
  } finally {
    await handle.close();
  }
}

async function read(output: AsyncIterable<Buffer>, handle: FileHandle): Promise<InsideResult | Unfinished | undefined> {
  let head = Buffer.alloc(0);
  let sizes: { script: number; header: number; refused: number; removed: number } | undefined;
  let size = 0;
  for await (const piece of output) {
    if (size > 0) {
      await handle.writeFile(piece);
      size += piece.length;
      continue;
    }
    head = Buffer.concat([head, piece]);
    if (sizes === undefined) {
      const end = head.indexOf("\n");
      if (end < 0 && head.length < MAX_HEADER) continue;
      const line = head.toString("latin1", 0, Math.max(end, 0));
      const stage = /^stage=(\w+)$/.exec(line)?.[1];
      if (stage !== undefined) return { stage: stage as Unfinished["stage"] };
      const match = HEADER.exec(line);
      if (match === null) return undefined;
      const [script = 0, refused = 0, removed = 0] = match.slice(1).map(Number);
      sizes = { script, header: end + 1, refused, removed };
    }
    const texts = sizes.header + sizes.refused + sizes.removed;
    if (head.length <= texts) continue;
    await handle.writeFile(head.subarray(texts));
    size = head.length - texts;
    head = head.subarray(0, texts);
  }
  if (sizes === undefined) return undefined;
  const { script, header, refused, removed } = sizes;
  if (head.length !== header + refused + removed) return undefined;
  return {
    script,
    refused: head.toString("utf8", header, header + refused),
    removed: head
      .toString("latin1", header + refused)
      .split("\0")
      .slice(0, -1),
    size,
  };
}
