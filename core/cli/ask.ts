/** Questions to who sits at the terminal. */
import { createInterface } from "node:readline/promises";
import { ImageDslError } from "../error.ts";

/** Whether somebody is there to answer: a script or a CI job is not. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/** Asks on stderr, until the answer is one that `accepts` takes. An empty one is the default. Throws `E_ABORTED`. */
export async function ask(
  question: string,
  byDefault: string,
  signal: AbortSignal,
  accepts: (answer: string) => boolean = () => true,
): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new AbortController();
  terminal.once("SIGINT", () => process.kill(process.pid, "SIGINT"));
  terminal.once("close", () => ended.abort());
  try {
    for (;;) {
      const said = await terminal.question(`${question} (${byDefault}) `, {
        signal: AbortSignal.any([signal, ended.signal]),
      });
      const answer = said.trim() || byDefault;
      if (accepts(answer)) return answer;
    }
  } catch (cause) {
    throw new ImageDslError("E_ABORTED", "Stopped: the question was not answered", { cause });
  } finally {
    terminal.close();
  }
}
