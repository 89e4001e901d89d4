/** A call that is under way: ended where the user wants that, or where the other side falls silent; and what it then failed of. */
import { CallFailure, CODE } from "./call-failure.ts";

/** When a call is over. */
export interface CallLimits {
  readonly signal: AbortSignal;
  /** Milliseconds for all of it; undefined where its length depends on what is carried. */
  readonly deadline?: number;
  /** Milliseconds without a sign of the other side. */
  readonly silence?: number;
}

export interface WatchedCall {
  /** Waits for a sign of the other side, as long as its silence is borne. Throws as `failure` says. */
  heard<Result>(sign: () => Promise<Result>): Promise<Result>;
  /** What a call failed of, in our terms. */
  failure(error: unknown): unknown;
  /** It is over. */
  end(): void;
}

export function watchedCall(call: { cancel(): void }, { signal, silence }: CallLimits): WatchedCall {
  let isSilent = false;
  const onAbort = () => call.cancel();
  if (signal.aborted) call.cancel();
  else signal.addEventListener("abort", onAbort, { once: true });

  function failure(error: unknown): unknown {
    if (signal.aborted) return signal.reason;
    if (isSilent) return new CallFailure(CODE.unavailable, `nothing was heard for ${silence! / 1000} seconds`);
    return isServiceError(error) ? new CallFailure(error.code, wordsOf(error.details)) : error;
  }

  return {
    async heard(sign) {
      const timer =
        silence === undefined
          ? undefined
          : setTimeout(() => {
              isSilent = true;
              call.cancel();
            }, silence);
      try {
        return await sign();
      } catch (error) {
        throw failure(error);
      } finally {
        clearTimeout(timer);
      }
    },
    failure,
    end: () => signal.removeEventListener("abort", onAbort),
  };
}

/** Without a heading that has nothing below it. */
function wordsOf(details: string): string {
  return details.replace(/ Resolution note: $/, "");
}

/** What the package throws; its class is not ours to name before it is loaded. */
function isServiceError(error: unknown): error is { readonly code: number; readonly details: string } {
  if (!(error instanceof Error)) return false;
  const { code, details } = error as { readonly code?: unknown; readonly details?: unknown };
  return typeof code === "number" && typeof details === "string";
}
