/**
 * The runtime half of an image's configuration (OCI image spec, config.md, `config`), with the fields that
 * Docker alone knows (Healthcheck, Memory, …). Durations are nanoseconds, as in the JSON.
 */
import type { StopSignal } from "./stop-signal.ts";

/** What containers of the image are started with. Names are those of the image's JSON. */
export interface ImageConfig {
  /** Who runs: a name or number, or `user:group`. Without it, root. */
  readonly User?: string;
  /** `80/tcp`, `53/udp`: keys of an object whose values are empty objects. */
  readonly ExposedPorts?: Readonly<Record<Port, Record<string, never>>>;
  /** `NAME=value`. */
  readonly Env?: readonly string[];
  /** The program and its first arguments, which `Cmd` or those of `docker run` follow. */
  readonly Entrypoint?: readonly string[];
  /** A list, never one string: nothing splits it. */
  readonly Cmd?: readonly string[];
  /** Absolute paths as keys of an object whose values are empty objects. */
  readonly Volumes?: Readonly<Record<AbsolutePath, Record<string, never>>>;
  /** The folder that the program starts in; default `/`. */
  readonly WorkingDir?: "" | AbsolutePath;
  /** Any texts by their names: `{ "org.opencontainers.image.source": "https://…" }`. */
  readonly Labels?: Readonly<Record<string, string>>;
  /** What `docker stop` sends: `SIGTERM`, a name or a number. */
  readonly StopSignal?: StopSignal;
  /** Of Windows' images: the command is one text that is escaped already. */
  readonly ArgsEscaped?: boolean;
  /** Of old images, in bytes; today's Docker keeps it and takes no notice. */
  readonly Memory?: number;
  /** Of old images, in bytes, memory and swap together; today's Docker takes no notice. */
  readonly MemorySwap?: number;
  /** Of old images, the processor's share beside other containers' 1024; today's Docker takes no notice. */
  readonly CpuShares?: number;
  /** How Docker asks whether the container is well. Durations are nanoseconds. */
  readonly Healthcheck?: Healthcheck;
  /** Instructions that a Dockerfile runs which starts from this image. */
  readonly OnBuild?: readonly string[];
  /** What runs the commands of a Dockerfile that starts from this image: `["/bin/sh", "-c"]`. */
  readonly Shell?: readonly string[];
  /** Seconds that `docker stop` waits before it kills. */
  readonly StopTimeout?: number;
}

/** A path inside the container, from its root. */
export type AbsolutePath = `/${string}`;
/** `8080` or with its protocol, `53/udp`; TCP without one. A config with a number out of range is refused. */
export type Port = `${number}` | `${number}/${"tcp" | "udp" | "sctp"}`;

/** How Docker asks whether the container is well; 0 or nothing inherits the base's. */
export interface Healthcheck {
  /** `["NONE"]`, `["CMD", …]` or `["CMD-SHELL", text]`. */
  readonly Test?: readonly string[];
  /** Nanoseconds between two checks: 30 s are `30_000_000_000`. */
  readonly Interval?: number;
  /** Nanoseconds after which a check has failed. */
  readonly Timeout?: number;
  /** Nanoseconds from the start in which failures do not count. */
  readonly StartPeriod?: number;
  /** Failures in a row after which the container is unhealthy. */
  readonly Retries?: number;
}
