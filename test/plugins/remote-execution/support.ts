/** What the tests of remote execution have in common: workers of an address, blobs of texts, tasks of a shell. */
import { randomBytes } from "node:crypto";
import * as assert from "uvu/assert";
import {
  digestOf,
  type ErrorCode,
  ImageDslError,
  type RemoteBlob,
  type RemoteOptions,
  type RemoteTask,
  type RemoteWorkers,
} from "../../../core/index.ts";
import { openWorkers } from "../../../plugins/remote-execution/open-workers.ts";
import type { Patience } from "../../../plugins/remote-execution/server.ts";

export const NEVER = new AbortController().signal;

/** Nobody in a test waits long. */
export const IMPATIENCE: Patience = { retry: { attempts: 6, delay: 50 }, call: 5000, silence: 2000, queue: 5000 };

export function openAt(
  at: string,
  options: Partial<RemoteOptions> = {},
  patience: Partial<Patience> = {},
): Promise<RemoteWorkers> {
  const context = { directory: "/", insecureHosts: [], signal: NEVER };
  return openWorkers({ at, ...options }, context, { ...IMPATIENCE, ...patience });
}

export function blobOf(bytes: Uint8Array | string): RemoteBlob {
  return { digest: digestOf(bytes), size: Buffer.byteLength(bytes) };
}

export async function put(workers: RemoteWorkers, bytes: Uint8Array | string): Promise<RemoteBlob> {
  const blob = blobOf(bytes);
  await workers.write(blob, () => inPieces(Buffer.from(bytes)));
  return blob;
}

/** In pieces that fit into no message evenly. */
export async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += 700_001) yield bytes.subarray(at, at + 700_001);
}

export async function take(workers: RemoteWorkers, blob: RemoteBlob): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of workers.read(blob)) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** Another one each time, so that no cache knows it. */
export function shellTask(script: string, more: Partial<RemoteTask> = {}): RemoteTask {
  return {
    kind: "a trial",
    command: ["sh", "-c", script],
    files: [],
    platform: {},
    environment: { PATH: "/usr/bin:/bin", TRIAL: randomBytes(8).toString("hex") },
    outputs: ["out"],
    timeoutSeconds: 20,
    ...more,
  };
}

export async function refusal(work: Promise<unknown>, code: ErrorCode): Promise<ImageDslError> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof ImageDslError)) throw error;
    assert.is(error.code, code, error.message);
    return error;
  }
  throw new Error(`Nothing was refused with ${code}`);
}
