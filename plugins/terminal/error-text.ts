/** An error for people, and as an event. */
import { ImageDslError, messageOf, redactText, screenText, TargetsFailed, withTexts } from "../../core/index.ts";
import type { ErrorCode, ErrorEvent, ErrorPlace } from "../../core/index.ts";
import type { Paint } from "./paint.ts";

/** Deeper chains only repeat themselves. */
const CAUSES_SHOWN = 5;

export function errorText(error: unknown, paint: Paint, verbose: boolean): string {
  const { message, place, excerpt, causes, hint, code, stacks } = textsOf(error, (text) =>
    screenText(redactText(text)),
  );
  const lines = [`${paint("red", "Error:")} ${withIndent(message)}`];
  if (place !== "") lines.push(`  ${paint("dim", "at")} ${place}`);
  for (const line of excerpt) lines.push(`  ${paint("dim", line)}`);
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
export function errorEvent(error: unknown): ErrorEvent {
  const { message, hint, code = "E_INTERNAL", causes } = textsOf(error, redactText);
  const place = error instanceof ImageDslError ? error.place : undefined;
  return {
    type: "error",
    code,
    message,
    ...(hint !== undefined && { hint }),
    ...(place !== undefined && { place }),
    causes,
    ...(error instanceof TargetsFailed && {
      failures: error.failures.map(({ target, error: of }) => ({ target, ...errorEvent(of) })),
    }),
  };
}

interface ErrorTexts {
  readonly message: string;
  /** Empty where none is known. */
  readonly place: string;
  readonly excerpt: readonly string[];
  readonly causes: readonly string[];
  readonly hint: string | undefined;
  /** None of a plain error. */
  readonly code: ErrorCode | undefined;
  readonly stacks: readonly string[];
}

/** All that is told of an error, each text changed in the same way. */
function textsOf(error: unknown, change: (text: string) => string): ErrorTexts {
  const known = error instanceof ImageDslError ? error : undefined;
  const texts: ErrorTexts = {
    message: messageOf(error),
    place: placeText(known?.place),
    excerpt: excerptOf(known?.place),
    causes: causesOf(error),
    hint: known?.hint,
    code: known?.code,
    stacks: stacksOf(error),
  };
  return withTexts(texts, change);
}

/** `image.config.ts:12:8`, `images.redis.config.Cmd`, or both. */
export function placeText(place: ErrorPlace | undefined): string {
  if (!place) return "";
  const { file, line, column, path } = place;
  const position = [file, line, column].filter((part) => part !== undefined).join(":");
  return [position, path ?? ""].filter((part) => part !== "").join(", ");
}

/** Of a longer line, this much before the column, and after it. */
const SHOWN_AROUND = 80;

/** The line of the source, and a caret below its column. */
function excerptOf({ line, column, lineText }: ErrorPlace = {}): readonly string[] {
  if (line === undefined || column === undefined || lineText === undefined) return [];
  const cut = Math.max(0, column - 1 - SHOWN_AROUND);
  const shown = lineText.slice(cut, column + SHOWN_AROUND);
  const margin = " ".repeat(String(line).length);
  const indent = shown.slice(0, column - 1 - cut).replace(/[^\t]/g, " ");
  return [`  ${line} │ ${shown}`, `  ${margin} ╵ ${indent}^`];
}

/** Messages of the causes that say more than what wraps them already does. */
function causesOf(error: unknown): string[] {
  const causes: string[] = [];
  let above = messageOf(error);
  for (let at = causeOf(error); at !== undefined && causes.length < CAUSES_SHOWN; at = causeOf(at)) {
    const message = messageOf(at);
    if (!above.includes(firstWords(message))) causes.push(message);
    above = message;
  }
  return causes;
}

/** Parsers put their kind before it, and the place behind it. */
function firstWords(message: string): string {
  return message
    .trim()
    .split("\n", 1)[0]!
    .replace(/^(?:Parse|Syntax)Error: /, "")
    .trim();
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
