/** What a config may be, as types: they are its documentation in the editor. `check.ts` checks the same at run time. */
import type { Plugin } from "../pipeline/plugin.ts";
import type { ImageCall } from "../graph/preset.ts";
import type { RaisedLimits } from "../limits/limits.ts";
import type { ScriptShell } from "../model/image-spec.ts";
import type { Platform } from "../model/platform.ts";
import type { RemoteOptions } from "../model/remote-options.ts";
import type { SharedCacheOptions } from "../model/shared-cache-options.ts";
import type { VirtualMachineOptions } from "../model/virtual-machine.ts";

/** Named images. A name is the target's: `image-dsl build NAME`. */
export interface ImageRecord {
  readonly [target: string]: ImageCall;
}

/** What an `images` function is given. */
export interface ConfigContext {
  /** zx's `$`, quiet, in the config's folder. */
  readonly $: ScriptShell;
  /** `--arg K=V` of the command line. */
  readonly args: Readonly<Record<string, string | undefined>>;
  /** The platform that images are wanted for; the function is called once for each. */
  readonly platform: Platform;
}

/** One image, named ones, or a function that makes either, also asynchronously. */
export type Images =
  | ImageCall
  | ImageRecord
  | ((context: ConfigContext) => ImageCall | ImageRecord | Promise<ImageCall | ImageRecord>);

/** A config: its images, and how they are built. */
export interface ConfigObject {
  /** Plugins besides the built-in ones. */
  readonly plugins?: readonly Plugin[];
  /**
   * Where images go without `-o`: `docker-archive:PATH[:NAME:TAG]`, `rootfs:PATH`, `digest`, …; `{target}` and
   * `{platform}` are replaced.
   *
   * @default ["docker-archive:{target}.docker.tar"]
   */
  readonly outputs?: readonly string[];
  /** `linux/amd64`, `linux/arm64`, …: what to build for without `--platform`. @default the host's */
  readonly platforms?: readonly string[];
  /**
   * How much is taken of what others made, by the names of docs/limits.md: `{ "tar.entries": 4_000_000 }`. `--limit` of the command
   * line says the same; where both name one, the larger counts.
   *
   * @default {}
   */
  readonly limits?: RaisedLimits;
  /** A cache that several machines share: `docs/cache.md`. @default none */
  readonly sharedCache?: SharedCacheOptions;
  /** Machines that do what they are sooner done with than this one: `docs/remote-execution.md`. @default none */
  readonly remote?: RemoteOptions;
  /**
   * The virtual machines that `runAsRoot` scripts run in.
   *
   * @default { acceleration: "auto" }
   */
  readonly virtualMachine?: VirtualMachineOptions;
  /** One image, or several by the names of their targets; a function is called with the command line's `--arg`. */
  readonly images: Images;
}

/** A whole config, or what is short for one with nothing but `images`. */
type Said = ConfigObject | ImageCall | ImageRecord;

/** What is asked for the config, once for each platform. Only the images may differ from platform to platform. */
export type ConfigFunction = (context: ConfigContext) => Said | Promise<Said>;

/** What a config may export by default: `ConfigObject`, images alone, or a function or promise that gives them. */
export type Config = Said | Promise<Said> | ConfigFunction;

/**
 * Gives the config back as it is; it is there for the editor. A bare image or record is short for `images`; a function
 * or a promise may give any of these.
 *
 * @example
 * export default defineConfig({
 *   images: { hello: buildLayeredImage({ name: "hello", contents: [text("/hello", "Hello\n")] }) },
 * });
 */
export function defineConfig<Given>(config: Meant<Given>): Given {
  return config as Given;
}

/**
 * Which kind of config it is meant to be, so that the compiler tells of that one what is wrong. Overloads would say first that none
 * of them matches. The first line is where the compiler finds `Given`, the second what functions get before it is known.
 */
type Meant<Given> = [Given] extends [never]
  ? Given
  : unknown extends Given
    ? Config
    : Given extends ImageCall
      ? ImageCall
      : Given extends Promise<unknown>
        ? Promise<Said>
        : Given extends (...given: never[]) => unknown
          ? ConfigFunction
          : keyof Given & keyof ConfigObject extends never
            ? ImageRecord
            : ConfigObject;
