/** A server that does what no real one can be made to: each call is answered by a function of the test's, over a real connection. */
import { Server, ServerCredentials, type Metadata, type UntypedHandleCall } from "@grpc/grpc-js";
import type { Method } from "../../../plugins/remote-execution/grpc/connection.ts";
import { SHA256 } from "../../../plugins/remote-execution/proto/messages.ts";
import * as services from "../../../plugins/remote-execution/services.ts";

/** What a call is answered with; what it throws by `fail` is the call's status. */
export interface Call<Request, Response> {
  readonly headers: Metadata;
  /** One, or those of a stream. */
  readonly requests: AsyncIterable<Request>;
  send(response: Partial<Response>): void;
  /** Bytes in place of a message. */
  sendRaw(bytes: Buffer): void;
}

/** May be replaced while the server runs. */
export interface Answers {
  [path: string]: ((call: Call<never, never>) => Promise<void>) | undefined;
}

export function answer<Request, Response>(
  { path }: Method<Request, Response>,
  by: (request: Request, call: Call<Request, Response>) => Promise<void> | void,
): Answers {
  const first = async (call: Call<Request, Response>): Promise<void> => {
    for await (const request of call.requests) return by(request, call);
  };
  return { [path]: first as never };
}

export function answerStream<Request, Response>(
  { path }: Method<Request, Response>,
  by: (call: Call<Request, Response>) => Promise<void>,
): Answers {
  return { [path]: by as never };
}

export class Status extends Error {
  readonly code: number;
  constructor(code: number, message = "as the test wants it") {
    super(message);
    this.code = code;
  }
}

/** A server that can do all, and has nothing. */
export const CAPABLE: Answers = {
  ...answer(services.CAPABILITIES.get, (_, { send }) =>
    send({
      cacheCapabilities: { digestFunctions: [SHA256], actionCacheUpdateCapabilities: { updateEnabled: true } },
      executionCapabilities: { execEnabled: true, digestFunction: SHA256 },
      lowApiVersion: { major: 2 },
      highApiVersion: { major: 2, minor: 3 },
    }),
  ),
  ...answer(services.STORAGE.findMissing, (_, { send }) => send({})),
};

export async function startFake(
  answers: Answers,
  credentials = ServerCredentials.createInsecure(),
): Promise<{ readonly at: string; close(): void }> {
  const server = new Server({ "grpc.max_receive_message_length": -1 });
  for (const method of Object.values(services).flatMap((each) => Object.values(each) as Method<object, object>[])) {
    const [, service, name] = method.path.split("/");
    const definition = {
      path: method.path,
      requestStream: service === "google.bytestream.ByteStream" && name === "Write",
      responseStream: ["Read", "Execute", "WaitExecution"].includes(name!),
      requestSerialize: (bytes: Buffer) => bytes,
      requestDeserialize: (bytes: Buffer) => method.request.decode(bytes),
      responseSerialize: (value: Buffer) => value,
      responseDeserialize: (bytes: Buffer) => bytes,
      originalName: name!,
    };
    const handle = handlerOf(method, definition.requestStream, definition.responseStream, answers);
    server.addService({ [name!]: definition }, { [name!]: handle });
  }
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", credentials, (error, bound) => (error ? reject(error) : resolve(bound))),
  );
  return { at: `grpc://127.0.0.1:${port}`, close: () => server.forceShutdown() };
}

function handlerOf(
  method: Method<object, object>,
  requestStream: boolean,
  responseStream: boolean,
  answers: Answers,
): UntypedHandleCall {
  const run = async (requests: AsyncIterable<object>, headers: Metadata, sendRaw: (bytes: Buffer) => void) => {
    const by = answers[method.path];
    if (by === undefined) throw new Status(12);
    const call = { headers, requests, sendRaw, send: (response: object) => sendRaw(method.response.encode(response)) };
    await by(call as never);
  };
  if (responseStream) {
    return (async (call: {
      request: object;
      metadata: Metadata;
      write(bytes: Buffer): void;
      end(): void;
      emit(name: string, error: Error): void;
    }) => {
      try {
        await run(one(call.request), call.metadata, (bytes) => call.write(bytes));
        call.end();
      } catch (error) {
        call.emit("error", error as Error);
      }
    }) as unknown as UntypedHandleCall;
  }
  return ((
    call: AsyncIterable<object> & { request: object; metadata: Metadata },
    callback: (error: Error | null, bytes?: Buffer) => void,
  ) => {
    let isAnswered = false;
    const once = (error: Error | null, bytes?: Buffer): void => {
      if (!isAnswered) callback(error, bytes);
      isAnswered = true;
    };
    run(requestStream ? call : one(call.request), call.metadata, (bytes) => once(null, bytes)).catch((error: unknown) =>
      once(error as Error),
    );
  }) as unknown as UntypedHandleCall;
}

async function* one<Item>(item: Item): AsyncGenerator<Item, void, undefined> {
  yield item;
}
