/**
 * The limits in force, and what has been spent of them. They guard the process that reads, its memory, disk and time, and so
 * they are the process's: no reader is handed them, and none can be forgotten. They end work, and never shape a result.
 */
import { ImageDslError } from "../error.ts";
import { LIMITS, type LimitName } from "./table.ts";

/** Limits by name that somebody set. */
export type RaisedLimits = { readonly [Name in LimitName]?: number };

/** A longer text cannot be made by V8, nor by JavaScriptCore. */
const LONGEST_TEXT = 2 ** 29 - 24;

/** A limit by its name, or as many bytes as somebody announced. */
export type Most = LimitName | number;

const raised = new Set<RaisedLimits>();
const inForce = new Map<LimitName, number>();
let observe: ((name: LimitName, amount: number) => void) | undefined;

/**
 * Until the function that it gives is called. Where several say something of one limit (the command line and the config, or
 * builds beside each other), the largest counts.
 */
export function raiseLimits(limits: RaisedLimits): () => void {
  // A copy, as the same may be given twice.
  const mine = { ...limits };
  raised.add(mine);
  refresh();
  return () => {
    raised.delete(mine);
    refresh();
  };
}

/** What a thread is to be given, which has limits of its own. */
export function raisedLimits(): RaisedLimits {
  return Object.fromEntries(inForce);
}

/** What is just let pass. */
export function limitOf(name: Most): number {
  return typeof name === "number" ? name : (inForce.get(name) ?? LIMITS[name].most);
}

/** Throws the limit's own error where `amount` is beyond it. `subject` begins the sentence: `The archive`. */
export function requireWithin(name: LimitName, amount: number, subject: string): void {
  if (isWithin(name, amount)) return;
  throw new ImageDslError(LIMITS[name].code, `${subject} has ${beyond(name)}`);
}

/** For who has an error of its own to throw, with the text of `beyond`. */
export function isWithin(most: Most, amount: number): boolean {
  if (typeof most !== "number") observe?.(most, amount);
  return amount <= limitOf(most);
}

/** `more than 64 MiB of paths (--limit tar.paths=128MiB takes more)`: how much that is, which limit, how it is raised. */
export function beyond(name: Most): string {
  if (typeof name === "number") return `more than the ${name} bytes that are due`;
  const { unit, of } = LIMITS[name];
  const most = limitOf(name);
  const text = unit === "count" ? String(most) : sizeOf(most);
  const more = Math.min(2 * most, highestOf(name));
  const raise =
    more > most ? `--limit ${name}=${unit === "count" ? more : sizeOf(more)} takes more` : "no more can be taken";
  return `more than ${text}${of === "" ? "" : ` ${of}`} (${raise})`;
}

/** As high as it can be raised. */
export function highestOf(name: LimitName): number {
  return LIMITS[name].unit === "text" ? LONGEST_TEXT : Number.MAX_SAFE_INTEGER;
}

/** What was spent on one thing, so that sums are limited and not each item alone. */
export class Account {
  readonly #subject: string;
  readonly #spent = new Map<LimitName, number>();

  /** `subject` begins the sentence of the error. */
  constructor(subject: string) {
    this.#subject = subject;
  }

  /** Throws the limit's own error where too much was spent in all. */
  spend(name: LimitName, amount = 1): void {
    const spent = (this.#spent.get(name) ?? 0) + amount;
    this.#spent.set(name, spent);
    requireWithin(name, spent, this.#subject);
  }
}

/** Tells of each amount that is held against a limit, for who measures how far off honest inputs stay. */
export function observeLimits(listener: typeof observe): void {
  observe = listener;
}

/** `64 MiB`, or bytes where it is nothing round. */
export function sizeOf(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  while (units.length > 1 && value >= 1024 && value % 1024 === 0) {
    value /= 1024;
    units.shift();
  }
  return `${value}${units[0]}`;
}

function refresh(): void {
  inForce.clear();
  for (const limits of raised) {
    for (const [name, most] of Object.entries(limits) as [LimitName, number][]) {
      inForce.set(name, Math.max(most, inForce.get(name) ?? 0));
    }
  }
}
