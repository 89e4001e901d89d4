/** Has a task done: its documents sent, its execution waited for, through connections that break and workers that are lost. */
import { ImageDslError, oneChunk, type RemoteAnswer, type RemoteTask } from "../../../core/index.ts";
import { CallFailure, CODE, hasCode, mayPass } from "../grpc/call-failure.ts";
import type { Connection } from "../grpc/connection.ts";
import type { CallLimits } from "../grpc/watched-call.ts";
import type { Message } from "../proto/message.ts";
import {
  EXECUTE_RESPONSE,
  ExecuteResponse,
  type ActionResultMessage,
  type Operation,
  type StatusMessage,
} from "../proto/messages.ts";
import { asError, briefly, retried, told, type Server } from "../server.ts";
import { ACTION_CACHE, EXECUTION } from "../services.ts";
import { digestMessage } from "../storage/blob-names.ts";
import type { Storage } from "../storage/storage.ts";
import type { MadeAction } from "./action.ts";
import { answerOf } from "./result.ts";

/** What the server remembers of the action, if all of its outputs are still there. */
export async function lookUp(
  server: Server,
  storage: Storage,
  task: RemoteTask,
  { action }: MadeAction,
): Promise<RemoteAnswer | undefined> {
  return told(server, "say what they know of a task", async () => {
    const request = { instanceName: server.instance, actionDigest: digestMessage(action) };
    const result = await retried(server, () =>
      server.connection.unary(ACTION_CACHE.get, request, briefly(server)).catch((error: unknown) => {
        if (hasCode(error, CODE.notFound)) return undefined;
        throw error;
      }),
    );
    const answer = result && (await believed(answerOf(server, storage, task, result, true)));
    return answer && (await isThere(storage, answer)) ? answer : undefined;
  });
}

/** A result that is remembered and not whole is none. */
async function believed(answer: Promise<RemoteAnswer>): Promise<RemoteAnswer | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof CallFailure || error instanceof ImageDslError) return undefined;
    throw error;
  }
}

/** Throws `E_REMOTE`, `E_REMOTE_TASK`, and `E_REMOTE_MISSING` where a file of the task is no longer there. */
export async function runTask(
  server: Server,
  storage: Storage,
  task: RemoteTask,
  made: MadeAction,
  takesResults: boolean,
): Promise<RemoteAnswer> {
  let skipCacheLookup = false;
  try {
    return await retried(server, async () => {
      await prepare(server, storage, task, made);
      const { result, isCached } = await execute(server, task, made, skipCacheLookup);
      const answer = await answerOf(server, storage, task, result, isCached);
      if (!(await isThere(storage, answer))) {
        // What it remembers is of no use: it has to run, or its outputs went as soon as they came.
        skipCacheLookup = true;
        throw new CallFailure(CODE.unavailable, "the outputs of the task are not there");
      }
      if (!isCached && takesResults) await remember(server, made, result);
      return answer;
    });
  } catch (error) {
    // What went missing since.
    if (hasCode(error, CODE.failedPrecondition, CODE.notFound)) await prepare(server, storage, task, made);
    // The storage answered before each try: the server is there, and it is this task that ends its workers or takes too long.
    const isOfTask = mayPass(error) || hasCode(error, CODE.deadlineExceeded);
    throw asError(server, `run a task (${task.kind})`, error, isOfTask ? "E_REMOTE_TASK" : "E_REMOTE");
  }
}

/** All that the task needs is there when it begins: servers say in many ways that something is not, and justbuild in none. */
async function prepare(
  server: Server,
  storage: Storage,
  { files }: RemoteTask,
  { documents }: MadeAction,
): Promise<void> {
  const needed = [...documents, ...files].map(({ blob }) => blob);
  const missing = new Set((await storage.missing(needed)).map(({ digest }) => digest));
  const unsent = documents.filter(({ blob }) => missing.has(blob.digest));
  await Promise.all(unsent.map(({ blob, bytes }) => storage.write(blob, () => oneChunk(bytes))));
  for (const { blob } of unsent) missing.delete(blob.digest);
  if (missing.size === 0) return;
  throw new ImageDslError(
    "E_REMOTE_MISSING",
    `The workers at ${server.place} do not have ${missing.size} of a task's files`,
    {
      hint: "Give their storage more room",
    },
  );
}

interface Executed {
  readonly result: ActionResultMessage;
  readonly isCached: boolean;
}

async function execute(
  server: Server,
  task: RemoteTask,
  made: MadeAction,
  skipCacheLookup: boolean,
): Promise<Executed> {
  const begun = { name: "" };
  try {
    return await executed(server, task, made, skipCacheLookup, begun);
  } catch (error) {
    if (server.signal.aborted) await cancel(server, begun);
    throw error;
  }
}

async function executed(
  { connection, signal, patience, instance }: Server,
  { timeoutSeconds }: RemoteTask,
  { action }: MadeAction,
  skipCacheLookup: boolean,
  begun: { name: string },
): Promise<Executed> {
  const limits = { signal, deadline: timeoutSeconds * 1000 + patience.queue };
  const request = { instanceName: instance, actionDigest: digestMessage(action), skipCacheLookup };
  try {
    return await ended(connection.receive(EXECUTION.execute, request, limits), begun);
  } catch (error) {
    // The connection may be gone, and the work go on.
    if (!mayPass(error) || begun.name === "") throw error;
    return reattached(connection, begun, limits, error);
  }
}

/** Milliseconds. Whoever ends a build does not wait for what nobody needs any more. */
const FAREWELL = 500;

/** Some servers go on with what nobody listens to. */
async function cancel({ connection }: Server, { name }: { readonly name: string }): Promise<void> {
  if (name === "") return;
  const limits = { signal: new AbortController().signal, deadline: FAREWELL };
  await connection.unary(EXECUTION.cancel, { name }, limits).catch(() => {});
}

/** A server that was started again knows nothing of it: then the first failure is the one that counts, and the task begins anew. */
async function reattached(
  connection: Connection,
  begun: { name: string },
  limits: CallLimits,
  lost: CallFailure,
): Promise<Executed> {
  try {
    return await ended(connection.receive(EXECUTION.wait, { name: begun.name }, limits), begun);
  } catch (error) {
    throw hasCode(error, CODE.notFound, CODE.unimplemented) ? lost : error;
  }
}

async function ended(operations: AsyncIterable<Message<typeof Operation>>, begun: { name: string }): Promise<Executed> {
  for await (const { name, done, error, response } of operations) {
    begun.name = name;
    if (!done) continue;
    // All that is done is known: the work is not asked for again.
    begun.name = "";
    requireOk(error);
    if (response?.typeUrl !== EXECUTE_RESPONSE)
      throw new CallFailure(CODE.invalidArgument, "it answers with something else");
    const { result, cachedResult, status } = ExecuteResponse.decode(response.value ?? NOTHING);
    requireOk(status);
    if (result === undefined) throw new CallFailure(CODE.invalidArgument, "it answers without a result");
    return { result: result as ActionResultMessage, isCached: cachedResult };
  }
  throw new CallFailure(CODE.unavailable, "it broke off before the task was done");
}

const NOTHING = new Uint8Array(0);

function requireOk({ code = CODE.ok, message = "" }: Partial<StatusMessage> = {}): void {
  if (code !== CODE.ok) throw new CallFailure(code, message);
}

async function isThere(storage: Storage, { outputs }: RemoteAnswer): Promise<boolean> {
  return (await storage.missing(outputs.map(({ blob }) => blob))).length === 0;
}

/** Not all servers remember what they run (casd). One that will not is no reason to lose what was made. */
async function remember(server: Server, { action }: MadeAction, result: ActionResultMessage): Promise<void> {
  const request = { instanceName: server.instance, actionDigest: digestMessage(action), actionResult: result };
  try {
    await server.connection.unary(ACTION_CACHE.update, request, briefly(server));
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error;
  }
}
