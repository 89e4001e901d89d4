/** What a guest sends: the changes as a tar, into a file while it comes, and the record that says that all came. */
import { open } from "node:fs/promises";
import { END_RECORD } from "../guest/job.ts";
import { parseEndRecord, type EndRecord } from "./end-record.ts";

export interface Received {
  readonly record: EndRecord;
  /** Bytes of the tar, at the file's beginning. */
  readonly size: number;
}

/** Undefined where the connection ends without a record that fits. `token`: the job's. */
export async function receiveResult(
  sent: AsyncIterable<Buffer>,
  file: string,
  token: string,
): Promise<Received | undefined> {
  const handle = await open(file, "wx", 0o600);
  let size = 0;
  let last = Buffer.alloc(0);
  try {
    for await (const piece of sent) {
      await handle.writeFile(piece);
      size += piece.length;
      last = Buffer.concat([last, piece]).subarray(-END_RECORD);
      const record = last.length === END_RECORD ? parseEndRecord(last, token) : undefined;
      if (record !== undefined) return record.size === size - END_RECORD ? { record, size: record.size } : undefined;
    }
    return undefined;
  } finally {
    await handle.close();
  }
}
