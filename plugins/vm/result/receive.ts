/** What a guest sends: the changes as a tar, into a file while it comes, and the record that says that all came. */
import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { digestFromHex, type Digest } from "../../../core/index.ts";
import { END_RECORD } from "../guest/job.ts";
import { parseEndRecord, type EndRecord } from "./end-record.ts";

export interface Received {
  readonly record: EndRecord;
  /** Of the tar, which is all that the file has. */
  readonly size: number;
  readonly digest: Digest;
}

/** Bytes that are written at once. */
const GATHERED = 1024 * 1024;

/** Undefined where the connection ends without a record, `damaged` where the record is of another size. `token`: the job's. */
export async function receiveResult(
  sent: AsyncIterable<Buffer>,
  file: string,
  token: string,
): Promise<Received | "damaged" | undefined> {
  const handle = await open(file, "wx", 0o600);
  const hash = createHash("sha256");
  let size = 0;
  let gathered: Buffer[] = [];
  let gatheredSize = 0;
  let last = Buffer.alloc(0);
  try {
    for await (const piece of sent) {
      size += piece.length;
      gathered.push(piece);
      gatheredSize += piece.length;
      last = Buffer.concat([last, piece.subarray(-END_RECORD)]).subarray(-END_RECORD);
      const record = last.length === END_RECORD ? parseEndRecord(last, token) : undefined;
      if (record === undefined && gatheredSize < GATHERED) continue;
      const bytes = Buffer.concat(gathered);
      // What may be the record is held back.
      const tar = bytes.subarray(0, -END_RECORD);
      hash.update(tar);
      await handle.writeFile(tar);
      gathered = [bytes.subarray(tar.length)];
      gatheredSize = bytes.length - tar.length;
      if (record === undefined) continue;
      const isWhole = record.size === size - END_RECORD;
      return isWhole ? { record, size: record.size, digest: digestFromHex(hash.digest("hex")) } : "damaged";
    }
    return undefined;
  } finally {
    await handle.close();
  }
}
