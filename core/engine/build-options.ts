/** What a build is asked for besides its graph. */
import type { FoundPins } from "../lock/found-pins.ts";
import type { LockFile } from "../lock/lock-file.ts";
import type { BuildEvent } from "../model/event.ts";
import type { HostReads } from "../model/host-reads.ts";
import type { LayerCompression, ManifestFormat } from "../model/image-spec.ts";
import type { SharedCacheOptions } from "../model/shared-cache-options.ts";
import type { RemoteOptions } from "../model/remote-options.ts";
import type { RemoteWorkers } from "../model/remote-work.ts";
import type { VirtualMachineOptions } from "../model/virtual-machine.ts";
import type { WorkRates } from "../tasks/places/work-ledger.ts";
import type { Changes } from "./affected.ts";
import type { ScriptModules } from "./script-settings.ts";
import type { Shard } from "./shards.ts";

/** What `runBuild` is asked for; each option is the command line's of the same name. */
export interface BuildOptions {
  /** Empty: all of the config's. */
  readonly targets?: readonly string[];
  /** Of these targets, those that may be others by what changed. */
  readonly changes?: Changes;
  /** Of these targets, the part that one of several machines builds. */
  readonly shard?: Shard;
  /** Raw `--output` texts. Without any: the config's `outputs`, else the images' own, else a docker archive for each target. */
  readonly outputs?: readonly string[];
  /** Besides those: to the registry's repository that each image is named after. */
  readonly push?: boolean;
  /** Besides those: into the daemon that is there. */
  readonly load?: boolean;
  /** `NAME:TAG`, or `:TAG` of the same name, in place of the image's own; the others are further names of it. */
  readonly tags?: readonly string[];
  /** What layers are compressed with where an image is distributed, in place of the image's own `layerCompression`. */
  readonly compression?: LayerCompression;
  /** How manifests are written where an output has the choice, in place of the image's own `manifestFormat`. */
  readonly format?: ManifestFormat;
  /** Default: processors. */
  readonly jobs?: number;
  /** The work directory of a script that fails stays, and its error says where; default false. */
  readonly keepFailed?: boolean;
  /** Where a target fails, make the others all the same; throws `TargetsFailed` at the end. */
  readonly keepGoing?: boolean;
  /** Run each script twice, and fail where its second result is another one. */
  readonly check?: boolean;
  /** Fail where a step, or `run` of `image()`, would run without a sandbox. */
  readonly requireSandbox?: boolean;
  /** In place of what the config says of virtual machines. */
  readonly virtualMachine?: VirtualMachineOptions;
  /** Take no results of earlier builds. */
  readonly noCache?: boolean;
  /** Say of layers that have to be made anew what changed in them. */
  readonly explain?: boolean;
  /** In place of the lock beside the config: for what no config asks for. */
  readonly pins?: LockFile;
  /** Throws `E_LOCK_FROZEN` where the lock would have to change; default false. */
  readonly frozenLock?: boolean;
  /** Answers to seek anew: all of them, or those of one target or package by its name. */
  readonly updateLock?: true | string;
  /** `HOST` or `HOST:PORT`: for these registries alone, plain http and unknown certificates are allowed. */
  readonly insecureHosts?: readonly string[];
  /** Everything but the outputs; those that can say what they would do. */
  readonly dryRun?: boolean;
  /** A cache that machines share, in place of the config's `sharedCache`. */
  readonly sharedCache?: Partial<SharedCacheOptions> & {
    /** Results are published, signed by it: a private key in PEM, and where it is from, for messages. */
    readonly privateKey?: { readonly text: string; readonly from: string };
  };
  /** Machines that are to do work, in place of what the config's `remote` says of them; `"none"`: all is done here. */
  readonly remote?: Partial<RemoteOptions> | "none";
  /** Other machines that do what they are sooner done with, in place of those of `remote`; and what is known of how fast they are. */
  readonly remoteWorkers?: { readonly workers?: RemoteWorkers; readonly rates?: WorkRates };
  /** Absolute; default as `IMAGE_DSL_CACHE` and XDG say. */
  readonly store?: string;
  /** Where the config's functions come from; without it those that are scripts run on every build. */
  readonly modules?: ScriptModules | undefined;
  /** Is told what the build reads of the host. */
  readonly reads?: HostReads;
  /** Once it fires, what runs is ended and the build throws `E_ABORTED`. */
  readonly signal?: AbortSignal;
  /** Of builds that follow one another: once its signal fires, this one ends as by `signal`, but finds first what it seeks for the lock. */
  readonly overtaken?: { readonly signal: AbortSignal; readonly found: FoundPins };
  /** Told of each step as it happens, after taps of the hook `event`; docs/events.md lists them. */
  readonly onEvent?: (event: BuildEvent) => void;
}
