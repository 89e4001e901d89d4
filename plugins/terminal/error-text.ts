/** An error for people, and as an event. */
import { ImageDslError, messageOf } from "../../core/index.ts";
import type { ErrorPlace } from "../../core/index.ts";
import type { Paint } from "./paint.ts";
import { redactText } from "./redact.ts";

/** Deeper chains only repeat themselves. */
const CAUSES_SHOWN = 5;

export function errorText(error: unknown, paint: Paint, verbose: boolean): string {
  const lines = [`${paint("red", "Error:")} ${withIndent(messageOf(error))}`];
  if (error instanceof ImageDslError) {
    const place = placeText(error.place);
    if (place !== "") lines.push(`  ${paint("dim", "at")} ${place}`);
  }
  for (const cause of causesOf(error)) lines.push(`  ${paint("dim", "because")} ${withIndent(cause)}`);
  if (error instanceof ImageDslError) {
    if (error.hint !== undefined) lines.push(`  ${paint("cyan", "→")} ${withIndent(error.hint)}`);
    lines.push(`  ${paint("dim", error.code)}`);
  } else {
    lines.push(`  ${paint("dim", "This is a fault of image-dsl or of a plugin; --verbose shows where")}`);
  }
  if (verbose) lines.push(...stacksOf(error));
  return redactText(lines.join("\n"));
}

/** For `--json`. */
export function errorEvent(error: unknown): object {
  const known = error instanceof ImageDslError;
  return {
    type: "error",
    code: known ? error.code : "E_INTERNAL",
    message: redactText(messageOf(error)),
    ...(known && error.hint !== undefined ? { hint: redactText(error.hint) } : {}),
    ...(known && error.place !== undefined ? { place: error.place } : {}),
    causes: causesOf(error).map(redactText),
  };
}

/** `image.config.ts:12`, `images.redis.config.Cmd`, or both. */
export function placeText(place: ErrorPlace | undefined): string {
  if (!place) return "";
  const file = place.file === undefined ? "" : place.line === undefined ? place.file : `${place.file}:${place.line}`;
  return [file, place.path ?? ""].filter((part) => part !== "").join(", ");
}

/** Messages of the causes that say more than what wraps them already does. */
function causesOf(error: unknown): string[] {
  const causes: string[] = [];
  let above = messageOf(error);
  for (let at = causeOf(error); at !== undefined && causes.length < CAUSES_SHOWN; at = causeOf(at)) {
    const message = messageOf(at);
    if (!above.includes(message.split("\n")[0]!.trim())) causes.push(message);
    above = message;
  }
  return causes;
}

function stacksOf(error: unknown): string[] {
  const stacks: string[] = [];
  for (let at: unknown = error; at !== undefined && stacks.length <= CAUSES_SHOWN; at = causeOf(at)) {
    if (at instanceof Error && at.stack !== undefined)
      stacks.push(stacks.length === 0 ? at.stack : `Caused by: ${at.stack}`);
  }
  return stacks;
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? (error.cause ?? undefined) : undefined;
}

function withIndent(text: string): string {
  return text.replaceAll("\n", "\n  ");
}
