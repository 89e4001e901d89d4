/**
 * The runtime half of an image's configuration (OCI image spec, config.md, `config`), with the fields that
 * Docker alone knows (Healthcheck, Memory, …). Durations are nanoseconds, as in the JSON.
 */
import type { StopSignal } from "./stop-signal.ts";

export interface ImageConfig {
  readonly User?: string;
  /** `80/tcp`, `53/udp`: keys of an object whose values are empty objects. */
  readonly ExposedPorts?: Readonly<Record<Port, Record<string, never>>>;
  /** `NAME=value`. */
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[];
  /** A list, never one string: nothing splits it. */
  readonly Cmd?: readonly string[];
  /** Absolute paths as keys of an object whose values are empty objects. */
  readonly Volumes?: Readonly<Record<AbsolutePath, Record<string, never>>>;
  readonly WorkingDir?: "" | AbsolutePath;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly StopSignal?: StopSignal;
  readonly ArgsEscaped?: boolean;
  readonly Memory?: number;
  readonly MemorySwap?: number;
  readonly CpuShares?: number;
  readonly Healthcheck?: Healthcheck;
  readonly OnBuild?: readonly string[];
  readonly Shell?: readonly string[];
  readonly StopTimeout?: number;
}

export type AbsolutePath = `/${string}`;
export type Port = `${number}` | `${number}/${"tcp" | "udp" | "sctp"}`;

export interface Healthcheck {
  /** `["NONE"]`, `["CMD", …]` or `["CMD-SHELL", text]`. */
  readonly Test?: readonly string[];
  readonly Interval?: number;
  readonly Timeout?: number;
  readonly StartPeriod?: number;
  readonly Retries?: number;
}
