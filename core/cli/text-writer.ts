/** Texts onto stdout or stderr, in order, on every runtime alike: what cannot be written is an error, not the program's end. */
import { writeSync } from "node:fs";
import { systemCodeOf } from "../error.ts";
import { cannotWrite, writeWhole } from "./stdout.ts";

const DESCRIPTORS = { stdout: 1, stderr: 2 };

/** Writes one of the two standard streams without waiting, in order. */
export interface TextWriter {
  /** Takes the text at once and writes it when the reader has room; what goes wrong is thrown by `finish`. */
  write(text: string): void;
  /** Waits until all is written. Throws `E_NO_SPACE` or `E_OUTPUT` where something could not be. */
  finish(): Promise<void>;
}

/** A reader that has gone (`image-dsl build | head -1`) has what it wants: the rest is left unsaid. */
export function textWriter(name: "stdout" | "stderr"): TextWriter {
  const descriptor = DESCRIPTORS[name];
  let failure: unknown;
  /** What a full pipe does not take at once, and all that comes after it. */
  let pending: Promise<void> | undefined;
  const note = (error: unknown): void => {
    failure ??= error;
  };
  return {
    write(text) {
      if (failure !== undefined) return;
      const bytes = Buffer.from(text);
      const rest = pending === undefined ? restAfterWriting(descriptor, bytes, note) : bytes;
      if (rest.length > 0)
        pending = (pending ?? Promise.resolve()).then(() => writeWhole(descriptor, rest)).catch(note);
    },
    async finish() {
      await pending;
      if (failure !== undefined && systemCodeOf(failure) !== "EPIPE") throw cannotWrite(name, failure);
    },
  };
}

/** Writes without waiting, so that what is written elsewhere afterwards comes afterwards. */
function restAfterWriting(descriptor: number, bytes: Buffer, note: (error: unknown) => void): Buffer {
  let at = 0;
  try {
    while (at < bytes.length) at += writeSync(descriptor, bytes, at);
  } catch (error) {
    if (systemCodeOf(error) === "EAGAIN") return bytes.subarray(at);
    note(error);
  }
  return Buffer.alloc(0);
}
