/**
 * Writing to stdout with back-pressure, at full speed into files, pipes and /dev/null.
 *
 * A pipe is non-blocking in Node, so that writing to descriptor 1 fails with EAGAIN when it is full. Opened anew
 * through /proc it has a description of its own, which blocks; the wait is then in a pool thread and the process
 * stays awake for signals. A file must not be opened anew: its offset, shared with the shell's `>>`, would be lost.
 */
import { closeSync, constants, fstatSync, openSync, write } from "node:fs";
import { ImageDslError, messageOf, systemCodeOf } from "../error.ts";
import { pump } from "../format/pump.ts";
import { prettyJson, type Json } from "../model/json.ts";
import { screenJson, withoutControls } from "../model/screen-text.ts";

const STDOUT = 1;
/** Where stdout cannot be made to block: how long to wait for its reader before the next try. */
const RETRY_MILLISECONDS = 5;

/** Writes all chunks, each while the next is made (`pump` says how long they must stay valid). Throws `E_OUTPUT`. */
export async function writeToStdout(chunks: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<void> {
  const descriptor = blockingStdout();
  try {
    await pump(chunks, (chunk) => writeAll(descriptor, chunk), signal);
  } finally {
    if (descriptor !== STDOUT) closeSync(descriptor);
  }
}

/** Writes lines for people, as `writeToStdout` does: without what a terminal would obey. */
export function printLines(text: string): Promise<void> {
  return print(withoutControls(text));
}

/** Writes a document for programs, which a terminal may show all the same. */
export function printJson(document: Json): Promise<void> {
  return print(screenJson(prettyJson(document)));
}

async function print(text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  await writeToStdout(
    (async function* () {
      yield bytes;
    })(),
  );
}

function blockingStdout(): number {
  if (!fstatSync(STDOUT).isFIFO()) return STDOUT;
  try {
    return openSync("/proc/self/fd/1", constants.O_WRONLY);
  } catch {
    return STDOUT;
  }
}

async function writeAll(descriptor: number, chunk: Uint8Array): Promise<void> {
  try {
    await writeWhole(descriptor, chunk);
  } catch (cause) {
    throw cannotWrite("stdout", cause);
  }
}

/** Waits for a reader that is slow. Throws what the system says. */
export async function writeWhole(descriptor: number, chunk: Uint8Array): Promise<void> {
  for (let offset = 0; offset < chunk.length;) {
    try {
      offset += await writeSome(descriptor, chunk, offset);
    } catch (error) {
      if (systemCodeOf(error) !== "EAGAIN") throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MILLISECONDS));
    }
  }
}

/** `E_NO_SPACE` or `E_OUTPUT`. */
export function cannotWrite(stream: "stdout" | "stderr", cause: unknown): ImageDslError {
  const code = systemCodeOf(cause);
  if (code === "ENOSPC") {
    return new ImageDslError("E_NO_SPACE", `No space is left for what ${stream} is written to`, { cause });
  }
  const message =
    code === "EPIPE"
      ? `The program that reads ${stream} ended before everything was written`
      : `Cannot write to ${stream}: ${messageOf(cause)}`;
  return new ImageDslError("E_OUTPUT", message, { cause });
}

function writeSome(descriptor: number, chunk: Uint8Array, offset: number): Promise<number> {
  return new Promise((resolve, reject) => {
    write(descriptor, chunk, offset, chunk.length - offset, null, (error, written) => {
      if (error) reject(error);
      else resolve(written);
    });
  });
}
