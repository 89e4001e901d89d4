/** What a guest says at the end, without which nothing that it sent is believed: QEMU's exit status says nothing (it is 0 after a panic). */
import { END_MARK } from "../guest/job.ts";

export interface EndRecord {
  /** Exit status of the script. */
  readonly script: number;
  /** Of the program that sent the changes. */
  readonly archive: number;
  /** Bytes that it says it sent. */
  readonly size: number;
}

/** Undefined where it is none. `token`: the job's. */
export function parseEndRecord(bytes: Uint8Array, token: string): EndRecord | undefined {
  const text = Buffer.from(bytes).toString("latin1").trimEnd();
  if (!text.startsWith(END_MARK)) return undefined;
  const match = new RegExp(`^${END_MARK} ${token} script=(\\d{1,3}) archive=(\\d{1,3}) size=(\\d{1,15})$`).exec(text);
  if (match === null) return undefined;
  return { script: Number(match[1]), archive: Number(match[2]), size: Number(match[3]) };
}
