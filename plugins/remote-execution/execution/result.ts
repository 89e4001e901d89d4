/** What a task came to, believed only where it is whole: a worker that is killed leaves half an output and says so by its exit code alone. */
import { ImageDslError, screenText, type RemoteAnswer, type RemoteTask } from "../../../core/index.ts";
import { CallFailure, CODE } from "../grpc/call-failure.ts";
import type { ActionResultMessage } from "../proto/messages.ts";
import { shown, type Server } from "../server.ts";
import { blobOf } from "../storage/blob-names.ts";
import type { Storage } from "../storage/storage.ts";

/** Throws `E_REMOTE_TASK`, or a `CallFailure` that may pass where the worker was lost. */
export async function answerOf(
  server: Server,
  storage: Storage,
  task: RemoteTask,
  result: ActionResultMessage,
  isCached: boolean,
): Promise<RemoteAnswer> {
  if (result.exitCode === KILLED) throw new CallFailure(CODE.unavailable, "the task was killed (exit code 137)");
  if (result.exitCode !== 0) {
    const lines = await lastLines(server, storage, result);
    throw new ImageDslError(
      "E_REMOTE_TASK",
      `${task.kind} on ${workerText(server, result)} ended with the exit code ${result.exitCode}${lines === "" ? "" : `:\n${lines}`}`,
    );
  }
  const found = new Map(result.outputFiles.map(({ path, digest }) => [path, digest]));
  const outputs = task.outputs.map((path) => {
    const digest = found.get(path);
    if (digest !== undefined) return { path, blob: blobOf(server, digest) };
    throw new ImageDslError("E_REMOTE_TASK", `${task.kind} on ${workerText(server, result)} has not made "${path}"`);
  });
  const worker = result.executionMetadata?.worker;
  return { outputs, isCached, ...(worker && { worker: shown(server, worker) }) };
}

/** 128 and SIGKILL: by whom, nobody says; mostly because memory or the worker itself went away. */
const KILLED = 137;

function workerText(server: Server, { executionMetadata }: ActionResultMessage): string {
  const worker = executionMetadata?.worker ?? "";
  return worker === "" ? `the workers at ${server.place}` : `the worker ${shown(server, worker)} of ${server.place}`;
}

/** Of what it wrote to stderr, else to stdout. */
async function lastLines(server: Server, storage: Storage, result: ActionResultMessage): Promise<string> {
  const stderr = await textOf(server, storage, result.stderrRaw, result.stderrDigest);
  const text = stderr || (await textOf(server, storage, result.stdoutRaw, result.stdoutDigest));
  const secretless = server.secrets.reduce((shorter, secret) => shorter.replaceAll(secret, "***"), text);
  return screenText(secretless.trimEnd().split("\n").slice(-MOST_LINES).join("\n"));
}

const MOST_LINES = 20;
const MOST_BYTES = 64 * 1024;

async function textOf(
  server: Server,
  storage: Storage,
  raw: Uint8Array,
  digest: ActionResultMessage["stderrDigest"],
): Promise<string> {
  if (raw.length > 0) return Buffer.from(raw.subarray(-MOST_BYTES)).toString();
  if (digest === undefined) return "";
  let kept = Buffer.alloc(0);
  try {
    for await (const chunk of storage.read(blobOf(server, digest))) {
      kept = Buffer.concat([kept, chunk]).subarray(-MOST_BYTES);
    }
  } catch (error) {
    // What the task said is gone; that it failed is what counts.
    if (!(error instanceof ImageDslError)) throw error;
  }
  return kept.toString();
}
