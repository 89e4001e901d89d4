/** A remote task's main: a process on another machine, in the task's folder, with nothing but Node. Its files travel with the task. */
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { codeIdentity } from "../../code-identity.ts";
import { messageOf } from "../../error.ts";
import { makeLayers } from "../../tasks/remote/make-layers.ts";
import { decodeTask, TASK_FILE } from "../../tasks/remote/task-document.ts";
import { makeStep } from "./make-step.ts";

async function doTask(folder: string, code: string): Promise<void> {
  const { kind } = decodeTask(await readFile(join(folder, TASK_FILE)), code);
  await (kind === "steps" ? makeStep : makeLayers)(folder, code, new AbortController().signal);
}

doTask(resolve("."), codeIdentity ?? "").catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
});
