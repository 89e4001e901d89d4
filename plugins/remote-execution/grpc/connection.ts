/**
 * A connection to a gRPC server. The package that speaks gRPC is the user's to install, and is loaded with the first connection. Every call
 * ends: by its deadline, or where nothing is heard for long.
 */
import { createPrivateKey } from "node:crypto";
import type * as Grpc from "@grpc/grpc-js";
import { ImageDslError, messageOf, now } from "../../../core/index.ts";
import type { Place } from "../place.ts";
import type { MessageType } from "../proto/message.ts";
import { watchedCall, type CallLimits } from "./watched-call.ts";

/** What is called, and what goes over and comes back. */
export interface Method<Request, Response> {
  /** `/package.Service/Method`. */
  readonly path: string;
  readonly request: MessageType<Request>;
  readonly response: MessageType<Response>;
}

/** All calls throw a `CallFailure`, or the signal's reason. */
export interface Connection {
  unary<Request, Response>(
    method: Method<Request, Response>,
    request: Partial<Request>,
    limits: CallLimits,
  ): Promise<Response>;
  /** A stream of the server's. */
  receive<Request, Response>(
    method: Method<Request, Response>,
    request: Partial<Request>,
    limits: CallLimits,
  ): AsyncGenerator<Response, void, undefined>;
  /** A stream of ours. A server that has had enough answers before its end. */
  send<Request, Response>(
    method: Method<Request, Response>,
    requests: AsyncIterable<Partial<Request>>,
    limits: CallLimits,
  ): Promise<Response>;
  close(): void;
}

/** What is sent with each call, and how the server is known. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer };
}

/** Of a message that comes; larger ones are refused unread. gRPC's own default. */
export const MOST_MESSAGE = 4 * 1024 * 1024;
/** Servers take more frequent ones for an attack (5 minutes by default), and without any a cut line is never noticed. */
const KEEPALIVE = { time: 310_000, timeout: 20_000 };
/** Milliseconds between attempts to connect. Calls that come meanwhile fail at once, and have waits of their own. */
const RECONNECT = { first: 100, longest: 2000 };

/** Nothing is connected before the first call. Throws `E_TOOL_MISSING` and `E_CREDENTIALS`. */
export async function connect(place: Place, { headers, tls }: Credentials): Promise<Connection> {
  const grpc = await loadGrpc();
  const credentials = place.isEncrypted ? encrypted(grpc, tls) : grpc.credentials.createInsecure();
  const client = new grpc.Client(`dns:${place.address}`, credentials, {
    "grpc.max_receive_message_length": MOST_MESSAGE,
    "grpc.max_send_message_length": -1,
    "grpc.keepalive_time_ms": KEEPALIVE.time,
    "grpc.keepalive_timeout_ms": KEEPALIVE.timeout,
    "grpc.primary_user_agent": "image-dsl",
    "grpc.initial_reconnect_backoff_ms": RECONNECT.first,
    "grpc.max_reconnect_backoff_ms": RECONNECT.longest,
    // Whether something is tried again is ours to decide.
    "grpc.enable_retries": 0,
    // Connections that others of this process have may be others': of other headers, or half dead.
    "grpc.use_local_subchannel_pool": 1,
  });
  return connectionOf(client, () => {
    const metadata = new grpc.Metadata();
    for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
    return metadata;
  });
}

function encrypted(grpc: typeof Grpc, { ca, key, cert }: Credentials["tls"]): Grpc.ChannelCredentials {
  try {
    // Deno looks at it no earlier than when it connects.
    if (key !== undefined) createPrivateKey(key);
    return grpc.credentials.createSsl(ca ?? null, key ?? null, cert ?? null);
  } catch (cause) {
    throw new ImageDslError("E_CREDENTIALS", `The certificates of remote.tls cannot be used: ${messageOf(cause)}`, {
      cause,
    });
  }
}

async function loadGrpc(): Promise<typeof Grpc> {
  try {
    return await import("@grpc/grpc-js");
  } catch (cause) {
    throw new ImageDslError(
      "E_TOOL_MISSING",
      "Other machines are spoken to by the package @grpc/grpc-js, and it is missing",
      {
        cause,
        hint: "Install it beside image-dsl: npm install --save-dev @grpc/grpc-js",
      },
    );
  }
}

function connectionOf(client: Grpc.Client, metadata: () => Grpc.Metadata): Connection {
  return {
    unary(method, request, limits) {
      return new Promise((resolve, reject) => {
        const { encode, decode, options } = callOf(method, limits);
        const call = client.makeUnaryRequest(
          method.path,
          encode,
          decode,
          request,
          metadata(),
          options,
          (error, value) => {
            watch.end();
            if (error) reject(watch.failure(error));
            else resolve(value!);
          },
        );
        const watch = watchedCall(call, limits);
      });
    },

    async *receive(method, request, limits) {
      const { encode, decode, options } = callOf(method, limits);
      const call = client.makeServerStreamRequest(method.path, encode, decode, request, metadata(), options);
      const watch = watchedCall(call, limits);
      // What a call that was ended says of it comes when nobody listens any more.
      call.on("error", () => {});
      const messages = call[Symbol.asyncIterator]() as AsyncIterator<Awaited<ReturnType<typeof decode>>>;
      try {
        for (;;) {
          const next = await watch.heard(() => messages.next());
          if (next.done) return;
          yield next.value;
        }
      } finally {
        watch.end();
        call.cancel();
      }
    },

    async send(method, requests, limits) {
      const { encode, decode, options } = callOf(method, limits);
      let isAnswered = false;
      let answered: (error: Grpc.ServiceError | null, value?: ReturnType<typeof decode>) => void;
      const answer = new Promise<ReturnType<typeof decode>>((resolve, reject) => {
        answered = (error, value) => {
          isAnswered = true;
          if (error) reject(error);
          else resolve(value!);
        };
      });
      answer.catch(() => {});
      const call = client.makeClientStreamRequest(method.path, encode, decode, metadata(), options, (error, value) =>
        answered(error, value),
      );
      const watch = watchedCall(call, limits);
      call.on("error", () => {});
      try {
        for await (const request of requests) {
          if (isAnswered) break;
          const isTaken = call.write(request);
          if (!isTaken)
            await watch.heard(() => Promise.race([new Promise((resolve) => call.once("drain", resolve)), answer]));
        }
        call.end();
        return await watch.heard(() => answer);
      } finally {
        watch.end();
        call.cancel();
      }
    },

    close: () => client.close(),
  };
}

function callOf<Request, Response>({ request, response }: Method<Request, Response>, { deadline }: CallLimits) {
  return {
    encode: (value: Partial<Request>) => request.encode(value),
    decode: (bytes: Buffer): Response => response.decode(bytes),
    options: deadline === undefined ? {} : { deadline: now() + deadline },
  };
}
