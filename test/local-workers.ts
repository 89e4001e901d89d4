/**
 * Workers that are child processes of this one: what `RemoteWorkers` promises, in its shortest form. Blobs are files of a folder, a task
 * runs in a folder of its own with no variables but its own and a PATH.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
} from "node:fs";
import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ImageDslError } from "../core/error.ts";
import { digestOf, hexOf } from "../core/model/digest.ts";
import { canonicalJson } from "../core/model/json.ts";
import type { RemoteAnswer, RemoteBlob, RemoteTask, RemoteWorkers } from "../core/model/remote-work.ts";

export interface LocalWorkers extends RemoteWorkers {
  /** Tasks that were run, and bytes that were sent. */
  readonly counts: { run: number; sent: number };
}

/** `Failure`: the class of errors that whoever asks knows, that of dist/ or that of the sources. `runTask`: what runs it in its folder. */
export function localWorkers(folder: string, Failure = ImageDslError, jobs = 2, runTask = runIn): LocalWorkers {
  const counts = { run: 0, sent: 0 };
  const known = new Map<string, RemoteAnswer>();
  const running = new AbortController();
  mkdirSync(join(folder, "blobs"), { recursive: true });
  const fileOf = ({ digest }: RemoteBlob): string => join(folder, "blobs", hexOf(digest));
  const isThere = (blob: RemoteBlob): boolean => existsSync(fileOf(blob)) && statSync(fileOf(blob)).size === blob.size;
  const keyOf = (task: RemoteTask): string => canonicalJson(task as never);

  return {
    place: "here",
    jobs,
    counts,
    missing: async (blobs) => blobs.filter((blob) => !isThere(blob)),
    async write(blob, open) {
      const file = join(await mkdtemp(join(folder, "write-")), "blob");
      await pipeline(Readable.from(open()), createWriteStream(file));
      const digest = digestOf(readFileSync(file));
      if (digest !== blob.digest) throw new Failure("E_HASH_MISMATCH", `${blob.digest} was to come, not ${digest}`);
      counts.sent += blob.size;
      renameSync(file, fileOf(blob));
    },
    async *read(blob) {
      const hash = createHash("sha256");
      for await (const chunk of createReadStream(fileOf(blob)) as AsyncIterable<Buffer>) {
        hash.update(chunk);
        yield chunk;
      }
      if (hash.digest("hex") !== hexOf(blob.digest)) throw new Failure("E_HASH_MISMATCH", "A blob is another one");
    },
    lookup: async (task) => {
      const answer = known.get(keyOf(task));
      return answer?.outputs.every(({ blob }) => isThere(blob)) ? { ...answer, isCached: true } : undefined;
    },
    async run(task, signal) {
      const place = await mkdtemp(join(folder, "task-"));
      try {
        for (const { path, blob } of task.files) {
          if (!isThere(blob)) throw new Failure("E_REMOTE_MISSING", `${blob.digest} is missing`);
          await mkdir(dirname(join(place, path)), { recursive: true });
          await copyFile(fileOf(blob), join(place, path));
        }
        counts.run++;
        await runTask(place, task, Failure, AbortSignal.any([signal, running.signal]));
        const outputs = task.outputs.map((path) => {
          const bytes = readFileSync(join(place, path));
          const blob = { digest: digestOf(bytes), size: bytes.length };
          renameSync(join(place, path), fileOf(blob));
          return { path, blob };
        });
        const answer = { outputs, isCached: false, worker: "child" };
        known.set(keyOf(task), answer);
        return answer;
      } finally {
        await rm(place, { recursive: true });
      }
    },
    close: async () => running.abort(),
  };
}

/** Has the task's command run in its folder. */
export async function runIn(
  folder: string,
  { command, environment, timeoutSeconds }: RemoteTask,
  Failure: typeof ImageDslError,
  signal: AbortSignal,
): Promise<void> {
  const [program, ...args] = command as readonly [string, ...string[]];
  const child = spawn(program, args, {
    cwd: folder,
    // Where this host has Node.
    env: { ...environment, PATH: process.env["PATH"] },
    stdio: ["ignore", "ignore", "pipe"],
    timeout: timeoutSeconds * 1000,
  });
  const stop = (): void => void child.kill("SIGKILL");
  signal.addEventListener("abort", stop);
  let text = "";
  child.stderr.on("data", (chunk) => (text += String(chunk)));
  try {
    const [status, ended] = await new Promise<[number | null, string | null]>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (...how) => resolve(how));
    });
    if (signal.aborted) throw new Failure("E_ABORTED", "The task was ended");
    if (ended !== null) throw new Failure("E_REMOTE_TASK", `The worker was lost: ${ended}`);
    if (status !== 0) throw new Failure("E_REMOTE_TASK", `The task ended with status ${status}: ${text}`);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
