/** When to try again, and how long to wait before. */
import { jitter, now } from "../host.ts";

/** How often and after how long what may have failed in passing is tried again. */
export interface RetryPolicy {
  /** Tries in all. */
  readonly attempts: number;
  /** Milliseconds before the second try; doubled for each further one, and varied by half. */
  readonly delay: number;
}

export const DEFAULT_RETRY: RetryPolicy = { attempts: 4, delay: 500 };

/** A server that wants more patience than this is an error at once. */
const LONGEST_WAIT = 60_000;

/** Answers that a later try may turn into a better one. */
export function isRetriable(status: number): boolean {
  return status === 408 || status === 429 || (status >= 500 && status !== 501 && status !== 505);
}

/**
 * Milliseconds to wait before try number `attempt` + 1 (`attempt` counts from 1), or undefined to give up. `retryAfter`
 * is the header (RFC 9110, 10.2.3): seconds or a date.
 */
export function waitBefore(attempt: number, policy: RetryPolicy, retryAfter?: string): number | undefined {
  if (attempt >= policy.attempts) return undefined;
  const own = policy.delay * 2 ** (attempt - 1) * (0.5 + jitter() / 2);
  const asked = retryAfter === undefined ? 0 : parseRetryAfter(retryAfter);
  if (asked > LONGEST_WAIT) return undefined;
  return Math.max(own, asked);
}

/** Resolves after the time; rejects at once with the signal's reason when it is aborted. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason as Error);
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    }, milliseconds);
    signal.addEventListener("abort", onAbort, { once: true });
  });
}

/** For hints: what the header wants, in words that a person reads. */
export function patienceText(retryAfter: string | undefined): string {
  const asked = retryAfter === undefined ? 0 : parseRetryAfter(retryAfter);
  const [unit, length] = UNITS.findLast(([, each]) => asked >= 2 * each) ?? UNITS[0]!;
  const count = Math.ceil(asked / length);
  return count === 0 ? "try again later" : `try again in ${count} ${unit}${count === 1 ? "" : "s"}`;
}

const UNITS = [
  ["second", 1000],
  ["minute", 60_000],
  ["hour", 3_600_000],
  ["day", 86_400_000],
] as const;

function parseRetryAfter(text: string): number {
  if (/^[0-9]{1,9}$/.test(text.trim())) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? 0 : Math.max(0, date - now());
}
