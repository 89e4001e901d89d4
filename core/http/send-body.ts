/** The body of a request, sent as fast as the other side takes it and no faster: memory stays flat. */
import type { ClientRequest } from "node:http";
import { ticks } from "../host.ts";
import { speedWatch, type LeastSpeed } from "./least-speed.ts";
import { SilenceError } from "./silence.ts";

/** A body that may be sent again: a stream that can be opened anew, or bytes. */
export type HttpBody = Uint8Array | HttpStream;

/** A body that is not in memory. */
export interface HttpStream {
  /** Announced; without it the body is sent in chunks. */
  readonly size?: number;
  /** Called once for each try; gives the same bytes from the beginning each time. */
  open(): AsyncIterable<Uint8Array>;
}

/** What gave the bytes failed, not the network: another try would not help. */
export class BodyError extends Error {
  constructor(cause: unknown) {
    super("the body cannot be read", { cause });
    this.name = "BodyError";
  }
}

/** Longer pieces would hide for too long whether anything moves. */
const LONGEST_PIECE = 64 * 1024;

/** `content-length` where the size is known. Methods that usually have a body say so when they have none. */
export function bodyHeaders(method: string, body: HttpBody | undefined): Readonly<Record<string, string>> {
  if (body instanceof Uint8Array) return { "content-length": String(body.length) };
  if (body?.size !== undefined) return { "content-length": String(body.size) };
  if (body !== undefined) return { "transfer-encoding": "chunked" };
  return method === "GET" || method === "HEAD" || method === "DELETE" ? {} : { "content-length": "0" };
}

/**
 * Writes the body and ends the request; stops early where `isOver` says that an answer came, or the request is
 * destroyed. Rejects with `SilenceError`, `SlownessError` or `BodyError`.
 */
export async function sendBody(
  request: ClientRequest,
  body: HttpBody | undefined,
  watch: { readonly silence: number; readonly leastSpeed: LeastSpeed; isOver(): boolean },
): Promise<void> {
  const size = body instanceof Uint8Array ? body.length : body?.size;
  if (body === undefined || (body instanceof Uint8Array && body.length <= LONGEST_PIECE)) {
    request.end(body);
    return;
  }
  const left = speedWatch(watch.leastSpeed);
  let sent = 0;
  const over = () => watch.isOver() || request.destroyed;
  for await (const piece of body instanceof Uint8Array ? [body] : readBody(body)) {
    sent += piece.length;
    if (size !== undefined && sent > size) throw wrongSize(size);
    for (let at = 0; at < piece.length; at += LONGEST_PIECE) {
      if (over()) return;
      const part = piece.subarray(at, at + LONGEST_PIECE);
      const asked = ticks();
      if (!request.write(part)) await drained(request, watch.silence);
      left(part.length, ticks() - asked);
    }
    if (over()) return;
  }
  if (size !== undefined && sent < size) throw wrongSize(size);
  request.end();
}

async function* readBody(body: HttpStream): AsyncGenerator<Uint8Array, void, undefined> {
  const pieces = body.open()[Symbol.asyncIterator]();
  let ended = false;
  try {
    for (;;) {
      let next: IteratorResult<Uint8Array>;
      try {
        next = await pieces.next();
      } catch (cause) {
        ended = true;
        throw new BodyError(cause);
      }
      ended = next.done === true;
      if (next.done) return;
      yield next.value;
    }
  } finally {
    if (!ended) await pieces.return?.();
  }
}

/** Until there is room, the answer is here, or the connection is gone. */
function drained(request: ClientRequest, silence: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const events = ["drain", "close", "response"] as const;
    const done = () => {
      clearTimeout(timer);
      for (const event of events) request.off(event, done);
      resolve();
    };
    const timer = setTimeout(() => {
      for (const event of events) request.off(event, done);
      reject(new SilenceError(silence));
    }, silence);
    for (const event of events) request.on(event, done);
  });
}

function wrongSize(announced: number): BodyError {
  return new BodyError(new Error(`The body has not the ${announced} bytes that were announced`));
}
