/** Questions to who sits at the terminal. */
import { createInterface } from "node:readline/promises";
import { ImageDslError } from "../error.ts";

export interface Question {
  readonly text: string;
  readonly byDefault: string;
  /** What an answer means; undefined of one that is not taken. */
  read(said: string): string | undefined;
  /** Told to who gave such a one. */
  readonly wanted: string;
}

export type Asker = (question: Question) => Promise<string>;

/** Whether somebody is there to answer: a script or a CI job is not. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/** Asks on stderr, until an answer is taken. An empty one is the default. Throws `E_ABORTED`. */
export async function ask({ text, byDefault, read, wanted }: Question, signal: AbortSignal): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new AbortController();
  terminal.once("SIGINT", () => process.kill(process.pid, "SIGINT"));
  terminal.once("close", () => ended.abort());
  const stopped = AbortSignal.any([signal, ended.signal]);
  try {
    for (;;) {
      const said = await terminal.question(`${text} (${byDefault}) `, { signal: stopped });
      const answer = read(said.trim() || byDefault);
      if (answer !== undefined) return answer;
      process.stderr.write(`  ${wanted}\n`);
    }
  } catch (cause) {
    if (!stopped.aborted) throw cause;
    throw new ImageDslError("E_ABORTED", "Stopped: the question was not answered");
  } finally {
    terminal.close();
  }
}
