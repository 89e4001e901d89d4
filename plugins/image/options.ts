/** The arguments of `image`, in the words of Dockerfiles, and what is allowed in each. */
import * as v from "valibot";
import {
  MAX_PORT,
  accountNameSchema,
  baseSchema,
  createdSchema,
  idSchema,
  imageAnnotationsSchema,
  imageConfigSchema,
  imageNameSchema,
  isPort,
  isSource,
  layerCompressionSchema,
  layeringPipelineSchema,
  manifestFormatSchema,
  recordOf,
  platformsSchema,
  scriptSchema,
  sourcesSchema,
  tagSchema,
  timeSchema,
} from "../../core/index.ts";
import type {
  AbsolutePath,
  Annotations,
  Collisions,
  ImageAnnotations,
  ImageCall,
  LayerCompression,
  ManifestFormat,
  PipelineStep,
  Port,
  Script,
  Source,
  StopSignal,
} from "../../core/index.ts";
import { durationSchema } from "./duration.ts";

/** Arguments of `image`. */
export interface ImageOptions {
  /** The image's name, with a registry's address in front where wanted: `svc`, `registry.example:5000/team/svc`. */
  readonly name: string;
  /** null: the first 32 hex digits of the image's config digest. @default "latest" */
  readonly tag?: string | null | undefined;
  /**
   * What the image is built on, as a Dockerfile's FROM: another image of the config; the path of an archive or an OCI layout,
   * which begins with `./`, `../` or `/`; or an image's name in a registry, `node:22-slim`, whose tag the lock pins. All of its
   * config is kept. @default "scratch"
   */
  readonly from?: string | ImageCall | Source | undefined;
  /** What is in the image: one source or several, such as `debian({ … })`, `files("dist", { dest: "/app" })`, `text(…)`. @default [] */
  readonly contents?: Source | readonly Source[] | undefined;
  /**
   * Scripts that run as root in the finished tree, one after the other: bash text, or functions that are given zx's `$`.
   * Absolute paths are the image's. There is no network. @default []
   */
  readonly run?: Script | readonly Script[] | undefined;
  /** Environment variables, by name; they replace those that the base has of the same name. @default {} */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /**
   * Who runs the container's program: a name, a number, `NAME:GROUP` or `UID:GID`. A name that neither the base nor the contents have
   * is made, as a system user with the next free id; `{ name, uid, … }` says which. @default the base's, else root
   */
  readonly user?: string | number | UserOptions | undefined;
  /** The working directory, which is made where it is missing. Absolute. @default the base's, else "/" */
  readonly workdir?: AbsolutePath | undefined;
  /** The program that is always run, as a list of words: `["/usr/bin/tini", "--"]`. @default the base's */
  readonly entrypoint?: readonly string[] | undefined;
  /** The program, or the entry point's arguments, as a list of words: `["node", "dist/server.js"]`. @default the base's, without an entrypoint */
  readonly cmd?: readonly string[] | undefined;
  /** Ports that the program listens on: `8080`, `"53/udp"`. @default [] */
  readonly expose?: readonly (number | Port)[] | undefined;
  /** Folders whose content is to outlive the container. Absolute. @default [] */
  readonly volumes?: readonly AbsolutePath[] | undefined;
  /** Labels, by name; they replace those that the base has of the same name. @default {} */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** How the engine finds out whether the container works; `"none"`: not at all, whatever the base says. @default the base's */
  readonly healthcheck?: HealthcheckOptions | "none" | undefined;
  /** What ends the program: a name such as `SIGTERM`, or a number. @default the base's, else the engine's, SIGTERM */
  readonly stopSignal?: StopSignal | undefined;
  /** When the image was made: an ISO 8601 time with its zone, or "now", which makes every build a new image. @default SOURCE_DATE_EPOCH where it is set, else "1970-01-01T00:00:01Z" */
  readonly created?: string | undefined;
  /** The time of every file, as in `created`. @default "1970-01-01T00:00:01Z" */
  readonly mtime?: string | undefined;
  /** What it is built for, such as `linux/arm64`, whatever else is built. @default the one that is built */
  readonly platform?: string | undefined;
  /** What it is built for as a target, as one image for several platforms: `["linux/amd64", "linux/arm64"]`. `--platform` outranks it. @default the config's `platforms` */
  readonly platforms?: readonly string[] | undefined;
  /** How files are shared out among layers. */
  readonly layers?: LayersOptions | undefined;
  /** In OCI layouts and registries: `{ "org.opencontainers.image.source": "…" }`, or by what they are said of. @default {} */
  readonly annotations?: Annotations | ImageAnnotations | undefined;
  /** How its manifest is written where an output has the choice; `--format` outranks it. @default "oci" */
  readonly manifestFormat?: ManifestFormat | undefined;
  /** What happens when two sources hold different files of one name: stop, or take one of them. @default "error" */
  readonly collisions?: Collisions | undefined;
  /** Fail where a build would only warn of what is wrong with the finished image. @default false */
  readonly strict?: boolean | undefined;
}

/** A user that is made where the image has none of that name. */
export interface UserOptions {
  /** The user's name. */
  readonly name: string;
  /** The user's number. @default the next free one below 1000, which the lock keeps */
  readonly uid?: number | undefined;
  /** Of the group of the same name. @default uid, where it is free */
  readonly gid?: number | undefined;
  /** Made where it is missing, as the user's. @default "/nonexistent" */
  readonly home?: AbsolutePath | undefined;
}

/** A Dockerfile's HEALTHCHECK. Times are texts such as `"30s"`. */
export interface HealthcheckOptions {
  /** Words of a program, or a text that the image's shell reads. */
  readonly cmd: readonly string[] | string;
  /** Between two of them. @default the engine's, 30s */
  readonly interval?: string | undefined;
  /** What one may take. @default the engine's, 30s */
  readonly timeout?: string | undefined;
  /** From the start, in which failing does not count. @default the engine's, 0s */
  readonly startPeriod?: string | undefined;
  /** Failures in a row after which the container is unhealthy. @default the engine's, 3 */
  readonly retries?: number | undefined;
}

/** How files are shared out among layers. */
export interface LayersOptions {
  /** Layers in all, the base's and the top one among them: at least 2. More than 127 no runtime takes. @default 100 */
  readonly max?: number | undefined;
  /** `auto`: by size, so that little changes often; `stable`: as the lock remembers, so that an update moves the fewest bytes; `popularity`: what most packages need lies lowest. @default "auto" */
  readonly strategy?: "auto" | "stable" | "popularity" | (string & {}) | undefined;
  /**
   * With the strategy `stable`: an image whose layers stay where they hold what this one has, named as in `from` above; the lock pins
   * which they are until `--update-lock`. @default the image's own last plan, which the lock remembers
   */
  readonly from?: string | Source | undefined;
  /** The layers step by step, in place of a strategy: what `layering` gives, or the path of a JSON file. */
  readonly pipeline?: string | readonly PipelineStep[] | undefined;
  /** What its layers are compressed with in OCI layouts and registries; `--compression` outranks it. @default "gzip" */
  readonly compression?: LayerCompression | undefined;
}

const { User, WorkingDir, Entrypoint, Cmd, Labels, StopSignal: signal } = imageConfigSchema.entries;

const variable = v.pipe(v.string(), v.regex(/^[^=\0]+$/, "expected a variable's name"));
const value = v.pipe(v.string(), v.regex(/^[^\0]*$/, "expected a text without NUL characters"));
const absolute = v.pipe(v.string(), v.regex(/^\/[^\0]*$/, 'expected an absolute path, such as "/data"'));
const portMessage = `expected a port from 1 to ${MAX_PORT}, such as 8080, "53/udp" or "38412/sctp"`;
const port = v.pipe(
  v.custom<number | string>((value) => isPort(String(value)), portMessage),
  v.transform((each) => (String(each).includes("/") ? String(each) : `${each}/tcp`)),
);
/** It is a field of a line of /etc/passwd. */
const home = v.pipe(absolute, v.regex(/^[^:\n]*$/, "expected a path without colons and line ends"));
const userMessage = "expected a user's name or number, or { name, uid, gid, home }";
const user = v.union(
  [
    v.pipe(v.number(), idSchema, v.transform(String)),
    v.pipe(
      User.wrapped,
      v.check(
        (text) =>
          text.split(":").length <= 2 &&
          text.split(":").every((word) => /^\d*$/.test(word) || v.is(accountNameSchema, word)),
        userMessage,
      ),
    ),
    v.strictObject({
      name: accountNameSchema,
      uid: v.optional(idSchema),
      gid: v.optional(idSchema),
      home: v.optional(home),
    }),
  ],
  userMessage,
);
const healthcheck = v.union(
  [
    v.literal("none"),
    v.strictObject({
      cmd: v.union(
        [
          v.pipe(v.string(), v.trim(), v.nonEmpty("names no program to run")),
          v.pipe(v.array(value), v.nonEmpty("names no program to run")),
        ],
        'expected words of a program, such as ["/app/health"], or a text that the shell reads',
      ),
      interval: v.optional(durationSchema),
      timeout: v.optional(durationSchema),
      startPeriod: v.optional(durationSchema),
      retries: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1))),
    }),
  ],
  'expected { cmd, interval, … } or "none"',
);

const layers = v.pipe(
  v.strictObject({
    max: v.optional(v.pipe(v.number(), v.integer(), v.minValue(2))),
    strategy: v.optional(
      v.pipe(
        v.string(),
        v.nonEmpty(),
        v.check((name) => name !== "pipeline", "is said by layers.pipeline, without a strategy"),
      ),
    ),
    from: v.optional(
      v.custom<string | Source>(
        (value) => (typeof value === "string" && value !== "") || isSource(value),
        "expected an image's name in a registry, or the path of an archive",
      ),
    ),
    pipeline: v.optional(layeringPipelineSchema),
    compression: v.optional(layerCompressionSchema),
  }),
  v.check(
    ({ strategy, from }) => from === undefined || strategy === "stable",
    'has from, which only the strategy "stable" goes by',
  ),
  v.check(
    ({ strategy, pipeline }) => strategy === undefined || pipeline === undefined,
    "has both strategy and pipeline, of which one says how files are shared out",
  ),
);

export const imageSchema = v.pipe(
  v.strictObject({
    name: imageNameSchema,
    tag: v.nullish(tagSchema),
    from: v.optional(baseSchema),
    contents: v.optional(sourcesSchema),
    run: v.optional(
      v.union(
        [v.array(scriptSchema), scriptSchema],
        "expected bash text, a function such as ({ $ }) => $`mkdir -p /data`, or a list of them",
      ),
    ),
    env: v.optional(recordOf(variable, v.optional(value), '{ NAME: "value" }')),
    user: v.optional(user),
    workdir: WorkingDir,
    entrypoint: Entrypoint,
    cmd: Cmd,
    expose: v.optional(v.array(port, "expected a list of ports, such as [8080]")),
    volumes: v.optional(v.array(absolute, 'expected a list of absolute paths, such as ["/data"]')),
    labels: Labels,
    healthcheck: v.optional(healthcheck),
    stopSignal: signal,
    created: v.optional(createdSchema),
    mtime: v.optional(timeSchema),
    platform: v.optional(
      v.pipe(
        v.string(),
        v.transform((text) => [text]),
        platformsSchema,
      ),
    ),
    platforms: v.optional(platformsSchema),
    layers: v.optional(layers),
    annotations: v.optional(imageAnnotationsSchema),
    manifestFormat: v.optional(manifestFormatSchema),
    collisions: v.optional(v.picklist(["error", "first", "last"])),
    strict: v.optional(v.boolean()),
  }),
  v.check(
    ({ platform, platforms }) => platform === undefined || platforms === undefined,
    "has both platform and platforms, of which one says what it is for",
  ),
);

export type ParsedImageOptions = v.InferOutput<typeof imageSchema>;
