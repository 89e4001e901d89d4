/** Who runs a script over a tree: what its results depend on, and the run itself. */
import type { RunContext } from "../pipeline/hooks.ts";
import type { RunSpec } from "../model/image-spec.ts";
import type { FileTree } from "../tree/file-tree.ts";
import type { TreeChanges } from "../tree/diff.ts";
import type { HostTool } from "./host-tools.ts";
import type { UsedSource } from "./script-result.ts";

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
  /** Throws `E_RUNNER_UNSUPPORTED` where scripts over this tree cannot work, before one is started. */
  readonly check?: (tree: FileTree, context: RunContext) => Promise<void>;
  /** `again`: the second run of `--check`, in which what the script must not depend on is to be another. */
  execute(run: RunSpec, tree: FileTree, context: RunContext, again: boolean): Promise<ExecutedScript>;
}

/** What a script did. */
export interface ExecutedScript {
  /** Against the tree that `execute` was given. */
  readonly changes: TreeChanges;
  /** Undefined where the result must not be used again. */
  readonly used: readonly UsedSource[] | undefined;
}
