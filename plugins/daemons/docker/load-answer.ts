/** What a daemon says while it loads an image: JSON objects, one a line, one of which may be an error. */
import { ImageDslError, isRecord } from "../../../core/index.ts";

/** Of one message. */
const MAX_LINE = 256 * 1024;

/** The daemon read what was sent, and does not take it. */
export class LoadRefusal extends ImageDslError {}

/** Reads it to its end. Throws `LoadRefusal` for an error in it, and for what is no such answer. */
export async function readLoadAnswer(body: AsyncIterable<Uint8Array>): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const piece of body) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split("\n");
    rest = lines.pop()!;
    for (const line of lines) checkLine(line);
    if (rest.length > MAX_LINE) throw refused(`a message of more than ${MAX_LINE} characters`);
  }
  checkLine(rest);
}

function checkLine(line: string): void {
  if (line.trim() === "") return;
  let message: unknown;
  try {
    message = JSON.parse(line);
  } catch {
    throw refused(`something that is no JSON: ${line}`);
  }
  if (!isRecord(message)) throw refused(`something that is no message: ${line}`);
  const { error, errorDetail } = message;
  const detail = isRecord(errorDetail) ? errorDetail["message"] : undefined;
  if (error === undefined && errorDetail === undefined) return;
  throw refused([detail, error].find((each) => typeof each === "string" && each !== "") ?? "an error without a word");
}

function refused(said: unknown): LoadRefusal {
  return new LoadRefusal("E_DAEMON", `The Docker daemon does not load the image; it says: ${String(said)}`);
}
