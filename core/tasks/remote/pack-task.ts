/** A task of the runner's, as it travels: its document, the runner itself, and what it is done to. */
import { digestOf } from "../../model/digest.ts";
import { oneChunk } from "../../model/one-chunk.ts";
import type { RemoteTask } from "../../model/remote-work.ts";
import type { PackedWork, WorkInput } from "../../model/work.ts";
import type { RunnerTool } from "./runner-tool.ts";
import { TASK_FILE, type TaskKind } from "./task-document.ts";
import { inputPath } from "./travelling-entries.ts";

/** Where workers look for Node; they know themselves what else there is. */
const ENVIRONMENT = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" };

export interface RunnerTask extends Pick<RemoteTask, "outputs" | "timeoutSeconds"> {
  readonly kind: TaskKind;
  readonly document: Uint8Array;
  readonly inputs: readonly WorkInput[];
  /** What a worker has to be for it, besides. */
  readonly platform?: RemoteTask["platform"];
}

export function packTask({ files, command }: RunnerTool, task: RunnerTask): PackedWork {
  const { kind, outputs, timeoutSeconds, inputs, platform = {} } = task;
  const document = inMemory(task.document);
  return {
    inputs: [document, ...files.map(({ bytes }) => inMemory(bytes)), ...inputs],
    task: {
      kind,
      command,
      files: [
        { path: TASK_FILE, blob: document.blob },
        ...files.map(({ path, blob }) => ({ path, blob })),
        ...inputs.map(({ blob }) => ({ path: inputPath(blob.digest), blob })),
      ],
      platform,
      environment: ENVIRONMENT,
      outputs,
      timeoutSeconds,
    },
  };
}

function inMemory(bytes: Uint8Array): WorkInput {
  return {
    blob: { digest: digestOf(bytes), size: bytes.length },
    open: () => oneChunk(bytes),
  };
}
