/**
 * The runtime half of an image's configuration (OCI image spec, config.md, `config`), with the fields that
 * Docker alone knows (Healthcheck, Memory, …). Durations are nanoseconds, as in the JSON.
 */
export interface ImageConfig {
  readonly User?: string;
  /** `80/tcp`, `53/udp`: keys of an object whose values are empty objects. */
  readonly ExposedPorts?: Readonly<Record<string, Record<string, never>>>;
  /** `NAME=value`. */
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[];
  /** A list, never one string: nothing splits it. */
  readonly Cmd?: readonly string[];
  /** Paths as keys of an object whose values are empty objects. */
  readonly Volumes?: Readonly<Record<string, Record<string, never>>>;
  readonly WorkingDir?: string;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly StopSignal?: string;
  readonly ArgsEscaped?: boolean;
  readonly Memory?: number;
  readonly MemorySwap?: number;
  readonly CpuShares?: number;
  readonly Healthcheck?: Healthcheck;
  readonly OnBuild?: readonly string[];
  readonly Shell?: readonly string[];
  readonly StopTimeout?: number;
}

export interface Healthcheck {
  /** `["NONE"]`, `["CMD", …]` or `["CMD-SHELL", text]`. */
  readonly Test?: readonly string[];
  readonly Interval?: number;
  readonly Timeout?: number;
  readonly StartPeriod?: number;
  readonly Retries?: number;
}
