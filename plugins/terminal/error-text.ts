/** An error for people, and as an event. */
import { ImageDslError, messageOf, redactText, screenText, withTexts } from "../../core/index.ts";
import type { ErrorPlace } from "../../core/index.ts";
import type { Paint } from "./paint.ts";

/** Deeper chains only repeat themselves. */
const CAUSES_SHOWN = 5;

export function errorText(error: unknown, paint: Paint, verbose: boolean): string {
  const { message, place, causes, hint, code, stacks } = textsOf(error, (text) => screenText(redactText(text)));
  const lines = [`${paint("red", "Error:")} ${withIndent(message)}`];
  if (place !== "") lines.push(`  ${paint("dim", "at")} ${place}`);
  for (const cause of causes) lines.push(`  ${paint("dim", "because")} ${withIndent(cause)}`);
  if (code !== undefined) {
    if (hint !== undefined) lines.push(`  ${paint("cyan", "→")} ${withIndent(hint)}`);
    lines.push(`  ${paint("dim", code)}`);
  } else {
    lines.push(`  ${paint("dim", "This is a fault of image-dsl or of a plugin; --verbose shows where")}`);
  }
  if (verbose) lines.push(...stacks);
  return lines.join("\n");
}

/** For `--json`. */
export function errorEvent(error: unknown): object {
  const { message, hint, code = "E_INTERNAL", causes } = textsOf(error, redactText);
  const place = error instanceof ImageDslError ? error.place : undefined;
  return {
    type: "error",
    code,
    message,
    ...(hint !== undefined && { hint }),
    ...(place !== undefined && { place }),
    causes,
  };
}

interface ErrorTexts {
  readonly message: string;
  /** Empty where none is known. */
  readonly place: string;
  readonly causes: readonly string[];
  readonly hint: string | undefined;
  /** None of a plain error. */
  readonly code: string | undefined;
  readonly stacks: readonly string[];
}

/** All that is told of an error, each text changed in the same way. */
function textsOf(error: unknown, change: (text: string) => string): ErrorTexts {
  const known = error instanceof ImageDslError ? error : undefined;
  const texts: ErrorTexts = {
    message: messageOf(error),
    place: placeText(known?.place),
    causes: causesOf(error),
    hint: known?.hint,
    code: known?.code,
    stacks: stacksOf(error),
  };
  return withTexts(texts, change);
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
