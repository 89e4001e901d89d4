/** What a plugin that speaks to other machines says of itself. */
import type { RemoteOptions } from "../model/remote-options.ts";
import type { RemoteWorkers } from "../model/remote-work.ts";
import type { DoctorCheck } from "./builder-hooks.ts";
import type { BuildContext } from "./context.ts";

/** How a plugin has work done by machines that are reached in one way. */
export interface RemoteDefinition {
  /** What users write before `://`; unique among the plugins of a build. */
  readonly transport: string;
  /** How it is written, for messages: `grpc://HOST:PORT`. */
  readonly usage: string;
  /** Asks nobody anything yet. Throws `E_USAGE` for a place that cannot be one, and `E_CREDENTIALS`. */
  open(options: RemoteOptions, context: RemoteContext): Promise<RemoteWorkers>;
  /** What `doctor` says of them. Throws as `open` does. */
  examine(options: RemoteOptions, context: RemoteContext): Promise<DoctorCheck>;
}

/** What other machines are opened with. */
export interface RemoteContext extends Pick<BuildContext, "signal" | "insecureHosts" | "directory"> {}
