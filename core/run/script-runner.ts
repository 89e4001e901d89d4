/** What tells one way of running scripts from another; all else is the same for all of them (`run-script.ts`). */
import type { RunContext } from "../pipeline/hooks.ts";
import type { TravellingScript } from "../pipeline/script-places.ts";
import type { TreePath } from "../model/path.ts";
import type { FileTree } from "../tree/file-tree.ts";
import type { HostTool } from "./host-tools.ts";
import type { NameFiles } from "./names/name-files.ts";
import type { InnerCommand, ScriptPlace, ScriptShellProgram } from "./script-place.ts";

/** A way of running scripts over a tree that is laid out on disk; `runScript` does the rest. */
export interface ScriptRunner {
  /** The key of the `run` hook. */
  readonly kind: string;
  /** Whether scripts see owners, modes and special files that a faked session keeps. */
  readonly faked: boolean;
  /** Programs of the host whose versions may change a script's outcome; each answers to `--version`. */
  readonly tools: readonly HostTool[];
  /** Top-level directories that stay as they were before the script. */
  readonly leaveOut: readonly TreePath[];
  /** Throws `E_RUNNER_UNSUPPORTED` where scripts over this tree cannot work, before one is started. */
  readonly check?: (tree: FileTree, context: RunContext) => Promise<void>;
  /** As a `ScriptExecutor`'s. */
  readonly isWalledOff?: boolean;
  /** Whether nothing that runs can change the directories of other sources: large ones are kept for the next run then. */
  readonly keepsSources?: boolean;
  /** Inputs that a text has, by their names: a function asks for them itself. */
  readonly inputs?: readonly string[];
  /** Whether it waits until a processor is free (`--jobs`), as other heavy work does. */
  readonly takesProcessor?: boolean;
  /** As a `ScriptExecutor`'s. */
  readonly elsewhere?: TravellingScript | string;
  /** The working directory of scripts; the tree's without it. */
  readonly start?: (place: ScriptPlace) => string;
  /**
   * Which users and groups names mean. A function gives files: those, for programs of the host, which `sandbox` of a script can keep from
   * all else of it. `inside`: the command that `enter` gives is the image's own.
   */
  readonly names: ((tree: FileTree) => NameFiles) | "inside";
  /** What to do about a script that wrote these last lines and failed, where the way of running it is to blame. */
  readonly mend?: (lines: readonly string[]) => string | undefined;
  /** The shell that reads the script. */
  shell(tree: FileTree): ScriptShellProgram;
  /** The command that runs another one inside; `env` is added to the script's own. */
  enter(command: readonly string[], place: ScriptPlace): InnerCommand;
}
