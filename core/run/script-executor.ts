/** Who runs a script over a tree: what its results depend on, and the run itself. */
import type { RunContext } from "../pipeline/hooks.ts";
import type { ExecutedScript, TravellingScript } from "../pipeline/script-places.ts";
import type { ImageSpec, RunSpec } from "../model/image-spec.ts";
import type { Store } from "../store/store.ts";
import type { FileTree } from "../tree/file-tree.ts";
import type { HostTool } from "./host-tools.ts";

/** A way of running scripts that shows what changed, rather than a tree on disk. */
export interface ScriptExecutor {
  /** The key of the `run` hook. */
  readonly kind: string;
  /** Programs of the host whose versions may change a script's outcome; each answers to `--version`. */
  readonly tools: readonly HostTool[];
  /**
   * Nothing of this machine reaches what runs, beside its system's programs: no environment, no network, no files, no function of the
   * config. Machines of the same system may share the result.
   */
  readonly isWalledOff?: boolean;
  /** What another machine is to have and to be given, where workers are named; or why it runs here, for people. Nothing is told without it. */
  readonly elsewhere?: TravellingScript | string;
  /** Throws `E_RUNNER_UNSUPPORTED` where scripts over this tree cannot work, before one is started. */
  readonly check?: (tree: FileTree, context: RunContext) => Promise<void>;
  /** `again`: the second run of `--check`, in which what the script must not depend on is to be another. */
  execute(run: RunSpec, tree: FileTree, context: RunContext, again: boolean): Promise<ExecutedScript>;
}

/** Of a build, what running a script in a directory takes. */
export interface ExecutionContext extends Pick<
  RunContext,
  "signal" | "emit" | "target" | "keepFailed" | "knownTreeOf" | "onStart"
> {
  readonly spec: Pick<ImageSpec, "mtime">;
  readonly store: Pick<Store, "directory" | "temporaryDirectory" | "putBlob" | "deriveDirectory">;
}
