/** What every stage is given: the only way to cancel, tell, keep, pin or run in parallel. */
import type { VirtualMachineOptions } from "../model/virtual-machine.ts";
import type { BuildEvent } from "../model/event.ts";
import type { LayerPlaces } from "../model/made-layer.ts";
import type { HostReads } from "../model/host-reads.ts";
import type { Lock } from "../lock/lock.ts";
import type { SharedResults } from "../store/shared-cache/shared-results.ts";
import type { Store } from "../store/store.ts";
import type { ModuleGraph } from "../model/module-graph.ts";
import type { Tasks } from "../model/tasks.ts";
import type { ScriptPlaces } from "./script-places.ts";
import type { Deferral } from "../tree/deferred-archives.ts";

/** What all taps of a build are given, whatever the stage. */
export interface BuildContext {
  /** Fires on Ctrl-C and when another part of the build failed; hand it on to all that waits. */
  readonly signal: AbortSignal;
  /** Tells taps of `event` and the reporter; docs/events.md lists what can be told. */
  readonly emit: (event: BuildEvent) => void;
  /** Whom to tell what is read of the host, so that `build --watch` sees it change; the trees that sources give tell it themselves. */
  readonly reads: HostReads;
  /** For what can be made again: downloads, decompressed archives, results by key. */
  readonly store: Store;
  /** Results of other machines, where a shared cache is named; for keys that mean the same on all of them. */
  readonly shared?: SharedResults;
  /** Where layers are made: by this machine's threads, and by other machines where workers are named. */
  readonly layerPlaces: LayerPlaces;
  /** Who runs steps that other machines may run, where workers are named. */
  readonly scriptPlaces?: ScriptPlaces;
  /** Nothing but layers takes more of an archive's bytes than planning does: what others have indexed may be brought later. */
  readonly deferral?: Deferral;
  /** For answers that the world gives and that must stay the same until somebody updates them. */
  readonly lock: Lock;
  /** Bounds how much is done at a time, and has work done in threads. */
  readonly tasks: Tasks;
  /** As the command line asked for them; runners obey `keepFailed` and `check`. */
  readonly scripts: ScriptSettings;
  /** The config's options, or those of the program that builds. */
  readonly virtualMachine: VirtualMachineOptions;
  /** The folder that relative paths of the config start from. */
  readonly directory: string;
  /** Absolute paths of what builds of this config write: outputs, the lock, the cache. No source takes them by the folder. */
  readonly written: readonly string[];
  /** Whether what is there at one of those paths is nothing that a build has written. */
  readonly isForeign: (path: string) => boolean;
  /** `--dry-run`: outputs say what they would do. */
  readonly dryRun: boolean;
  /** `HOST` or `HOST:PORT` of registries that may be spoken to without TLS, or with certificates that nobody vouches for. */
  readonly insecureHosts: readonly string[];
  /** The config and its arguments; unset for a graph made by a program. */
  readonly config?: { readonly file: string; readonly args: Readonly<Record<string, string>> };
}

/** How a build runs scripts and steps, and what stands for the code of the config's functions in their keys. */
export interface ScriptSettings {
  /** Keep the work directory of a script that fails. */
  readonly keepFailed: boolean;
  /** Run each script twice, and fail where its second result is another one. */
  readonly check: boolean;
  /** Fail where what is to run in a sandbox cannot. */
  readonly requireSandbox: boolean;
  /** What stands for the code of the config's functions; undefined: they are not cached. Read once, when first asked for. */
  moduleGraph(): Promise<ModuleGraph | undefined>;
}
