/**
 * The one folder that a bench works in. It goes away with the bench, also when that is interrupted; what a killed one
 * left is swept by the next. Its name tells whose it is.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { pruneDockerImagesLater } from "./docker.ts";
import { killRunning, runOrThrow } from "./run.ts";

const NAME = /^image-dsl-bench-(\d+)-/;

export function makeWorkFolder(): string {
  sweep();
  const work = mkdtempSync(join(tmpdir(), `image-dsl-bench-${process.pid}-`));
  process.on("exit", () => {
    killRunning();
    remove(work);
    pruneDockerImagesLater();
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => process.exit(128 + constants.signals[signal]));
  }
  return work;
}

function sweep(): void {
  for (const name of readdirSync(tmpdir())) {
    const [, pid] = NAME.exec(name) ?? [];
    if (pid !== undefined && !isBench(pid)) remove(join(tmpdir(), name));
  }
}

/** A number may have been given to another process meanwhile. */
function isBench(pid: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("bench");
  } catch {
    return false;
  }
}

/** A file or a folder with all in it. What was killed may still write for a moment. */
export function remove(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

/** Large folders: by `rm`, which is much faster. */
export async function wipe(paths: readonly string[]): Promise<void> {
  await runOrThrow(`rm -rf ${paths.map((path) => `'${path}'`).join(" ")}`);
}
