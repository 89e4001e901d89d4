/** Running a step where nothing else is known of the build: from a task's folder, by the same code and in the same sandbox as at home. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ImageDslError } from "../../error.ts";
import { hostArchitecture, isLinux } from "../../host.ts";
import type { BuildEvent } from "../../model/event.ts";
import type { RunSpec } from "../../model/image-spec.ts";
import { writeHashed } from "../../store/write-hashed.ts";
import { TASK_FILE } from "../../tasks/remote/task-document.ts";
import { requireWholeInputs } from "../../tasks/remote/travelling-entries.ts";
import { FileTree } from "../../tree/file-tree.ts";
import { knownTree } from "../../tree/known-tree.ts";
import { executeScript } from "../execute-script.ts";
import type { ExecutionContext } from "../script-executor.ts";
import { stepRunner } from "../step-runner.ts";
import { systemTools } from "../system-tools.ts";
import { encodeStepResult } from "./step-return.ts";
import { CONTENTS_FILE, decodeStepTask, RESULT_FILE, type StepTask } from "./step-task.ts";

/** Leaves what it made in the folder. Throws `E_REMOTE_TASK` where this machine is not as the task wants it, and as scripts do. */
export async function makeStep(folder: string, code: string, signal: AbortSignal): Promise<void> {
  const task = decodeStepTask(await readFile(join(folder, TASK_FILE)), code, folder);
  await requireAlike(task, signal);
  await requireWholeInputs(folder, task.blobs);
  const { script, env, trees } = task;
  const run: RunSpec = { stage: "command", runner: "step", name: "step", script, env, sandbox: true };
  // Nothing is kept for a next run, which has a folder of its own.
  const runner = { ...stepRunner([...trees.keys()], true, true), keepsSources: false };
  const lines: string[] = [];
  const context = contextIn(folder, task, lines, signal);
  await mkdir(dirname(join(folder, CONTENTS_FILE)), { recursive: true });
  const executed = await executeScript(run, FileTree.empty, context, runner, false);
  // Without a byte there are no contents yet.
  await writeFile(join(folder, CONTENTS_FILE), "", { flag: "a" });
  await writeFile(join(folder, RESULT_FILE), encodeStepResult(executed, lines));
}

async function requireAlike({ architecture, tools }: StepTask, signal: AbortSignal): Promise<void> {
  if (!isLinux() || hostArchitecture() !== architecture) throw unlike(`it is no Linux on ${architecture}`);
  const here = await systemTools(Object.keys(tools), signal);
  const other = Object.keys(tools).find((name) => here[name] !== tools[name]);
  if (other !== undefined) throw unlike(`its ${other} is "${here[other]}", and at home it is "${tools[other]}"`);
}

function unlike(why: string): ImageDslError {
  return new ImageDslError("E_REMOTE_TASK", `The worker cannot run this step: ${why}`);
}

function contextIn(folder: string, { trees, mtime }: StepTask, lines: string[], signal: AbortSignal): ExecutionContext {
  return {
    signal,
    target: "another machine",
    keepFailed: false,
    spec: { mtime },
    emit(event: BuildEvent) {
      if (event.type === "script-output") lines.push(event.line);
    },
    knownTreeOf: async ({ options }) => knownTree(FileTree.of(trees.get(options as string)!)),
    store: {
      directory: folder,
      deriveDirectory: async () => undefined,
      async temporaryDirectory() {
        const path = await mkdtemp(join(folder, "work-"));
        return { path, keep: async () => path, dispose: () => rm(path, { recursive: true, force: true }) };
      },
      async putBlob(_, bytes) {
        const file = join(folder, CONTENTS_FILE);
        await writeHashed(file, bytes);
        return file;
      },
    },
  };
}
