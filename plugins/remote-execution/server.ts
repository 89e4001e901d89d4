/** The server that is spoken to, as all parts of this plugin know it; and the words for what goes wrong with it. */
import { ImageDslError, pause, screenLine, waitBefore, type RetryPolicy } from "../../core/index.ts";
import { CallFailure, CODE, codeName, hasCode, mayPass } from "./grpc/call-failure.ts";
import type { Connection } from "./grpc/connection.ts";
import type { CallLimits } from "./grpc/watched-call.ts";
import { WireError } from "./proto/wire.ts";

export interface Server {
  /** For people. */
  readonly place: string;
  readonly instance: string;
  readonly connection: Connection;
  /** Fires when the user or another part of the build wants no more of it. */
  readonly signal: AbortSignal;
  readonly patience: Patience;
  /** Values that no message may show, though a server may send them back. */
  readonly secrets: readonly string[];
}

/** How long is waited for whom. */
export interface Patience {
  readonly retry: RetryPolicy;
  /** Milliseconds for a call with one answer. */
  readonly call: number;
  /** Milliseconds between two signs of life while bytes go over. */
  readonly silence: number;
  /** Milliseconds that a task may wait for a worker. */
  readonly queue: number;
}

export const PATIENCE: Patience = {
  retry: { attempts: 5, delay: 500 },
  call: 60_000,
  silence: 60_000,
  queue: 10 * 60_000,
};

/** For calls with one answer. */
export function briefly({ signal, patience }: Server): CallLimits {
  return { signal, deadline: patience.call };
}

/** Tries what a lost server or worker may have spoilt again, after a while and a few times. `attempt` counts from 1. */
export async function retried<Result>(
  { signal, patience }: Server,
  work: (attempt: number) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(attempt);
    } catch (error) {
      const wait = mayPass(error) ? waitBefore(attempt, patience.retry) : undefined;
      if (wait === undefined) throw error;
      await pause(wait, signal);
    }
  }
}

/** Failures of calls as users meet them: `doing` goes on after "the workers at PLACE refuse to". */
export async function told<Result>(server: Server, doing: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw asError(server, doing, error);
  }
}

export function asError(
  server: Server,
  doing: string,
  error: unknown,
  code: "E_REMOTE" | "E_REMOTE_TASK" = "E_REMOTE",
): unknown {
  if (error instanceof WireError) {
    return new ImageDslError(
      "E_REMOTE",
      `The workers at ${server.place} answer with a damaged message: ${error.message}`,
    );
  }
  if (!(error instanceof CallFailure)) return error;
  const words = `${codeName(error.code)}: ${shown(server, error.message)}`;
  return new ImageDslError(code, `The workers at ${server.place} ${verdictOn(error)} ${doing}: ${words}`, {
    cause: error,
    hint: code === "E_REMOTE_TASK" && mayPass(error) ? TOO_SMALL : mendOf(error),
  });
}

/** A server's words: of a size to be read, and without what we told it in confidence. */
export function shown({ secrets }: Server, words: string): string {
  const silent = secrets.reduce((text, secret) => text.replaceAll(secret, "***"), words);
  return screenLine(silent.length > MOST_WORDS ? `${silent.slice(0, MOST_WORDS)}…` : silent);
}

const MOST_WORDS = 500;

function verdictOn(failure: CallFailure): string {
  if (mayPass(failure)) return "failed to";
  return hasCode(failure, CODE.deadlineExceeded) ? "took too long to" : "refuse to";
}

const TOO_SMALL = "See why workers end in the middle of it: mostly they have too little memory";

/** Of a certificate, as Node, Deno and Bun have it: by our clock. */
const OUT_OF_DATE = /certificate.*(?:expired|not yet valid|not valid yet)/i;

function mendOf(failure: CallFailure): string | undefined {
  if (OUT_OF_DATE.test(failure.message)) return "See this machine's clock, and the dates of the server's certificate";
  if (hasCode(failure, CODE.unauthenticated, CODE.permissionDenied)) {
    return "See remote.headers and remote.tls of the config: who may work there";
  }
  if (mayPass(failure)) return "See the address, and whether the server runs: image-dsl doctor --remote PLACE";
  if (hasCode(failure, CODE.resourceExhausted)) return "Give their storage more room";
  return undefined;
}
