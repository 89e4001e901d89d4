/** The arguments of the layered images, in dockerTools' names, and what is allowed in each. */
import * as v from "valibot";
import {
  baseSchema,
  createdSchema,
  idSchema,
  imageAnnotationsSchema,
  imageConfigSchema,
  imageNameSchema,
  isImageName,
  layerCompressionSchema,
  layeringPipelineSchema,
  manifestFormatSchema,
  platformsSchema,
  scriptSchema,
  sourcesSchema,
  tagSchema,
  timeSchema,
} from "../../core/index.ts";
import type {
  Annotations,
  Collisions,
  Compressor,
  ImageAnnotations,
  ImageCall,
  ImageConfig,
  Inherit,
  LayerCompression,
  ManifestFormat,
  PipelineStep,
  Script,
  Source,
} from "../../core/index.ts";

/** Arguments of `streamLayeredImage`; `buildLayeredImage` has one more. */
export interface StreamLayeredImageOptions {
  /**
   * The image's name, with a registry's address in front where wanted: `redis`, `registry.example:5000/team/redis`.
   * Written in small letters, whatever is given.
   */
  readonly name: string;
  /** null: the first 32 hex digits of the image's config digest. @default null */
  readonly tag?: string | null | undefined;
  /**
   * What the image is built on: another image of the config, or the path of an archive or an OCI layout, as docker save,
   * skopeo, podman and image-dsl itself write them, compressed or not. Its layers are handed on as they are.
   */
  readonly fromImage?: string | ImageCall | Source | undefined;
  /** Of an archive with several images, which: its name. @default the first one's */
  readonly fromImageName?: string | undefined;
  /** Of an archive with several images, which: its tag. @default the first one's of that name */
  readonly fromImageTag?: string | undefined;
  /**
   * What is kept of the base's config: `env`, its environment; `all`, all that a Dockerfile's FROM keeps; or a list of
   * fields. @default "env"
   */
  readonly inherit?: Inherit | undefined;
  /** What is in the image: one source or several, such as `debian({ … })`, `files({ … })`, `text(…)`. @default [] */
  readonly contents?: Source | readonly Source[] | undefined;
  /** How a container is run: `Cmd`, `Env`, `ExposedPorts`, … as in the OCI image specification. @default {} */
  readonly config?: ImageConfig | null | undefined;
  /** In Go's words: `amd64`, `arm64`, … @default that of the platform which is built */
  readonly architecture?: string | undefined;
  /** Of the architecture, such as `v7` for `arm`. */
  readonly variant?: string | undefined;
  /**
   * What it is built for as a target, one image for several platforms: `["linux/amd64", "linux/arm64"]`. `--platform` outranks
   * it; as a base or in a bundle it is for what that is for. @default the config's `platforms`
   */
  readonly platforms?: readonly string[] | undefined;
  /**
   * When the image was made: an ISO 8601 time with its zone, or "now", which makes every build a new image.
   *
   * @default SOURCE_DATE_EPOCH where it is set, else "1970-01-01T00:00:01Z"
   */
  readonly created?: string | undefined;
  /** The time of every file, as in `created`. @default "1970-01-01T00:00:01Z" */
  readonly mtime?: string | undefined;
  /** Owner of every file of the sources, in place of its own; scripts change files of root's, and what they do stays. */
  readonly uid?: number | undefined;
  /** The group's number of what is in the layers; as `uid`. */
  readonly gid?: number | undefined;
  /** The name that the layers' tars give the owner. `tar` reads it; Docker and podman go by `uid`. */
  readonly uname?: string | undefined;
  /** The name that the layers' tars give the group; as `uname`. */
  readonly gname?: string | undefined;
  /** Layers in all, the base's and the top one (what scripts change) among them: at least 2. More than 127 no runtime takes. @default 100 */
  readonly maxLayers?: number | undefined;
  /**
   * A script over the finished tree, without rights: bash text, or a function that is given zx's `$`. Its directory is
   * the image's root directory, so paths are relative: `mkdir -p data`.
   */
  readonly extraCommands?: Script | undefined;
  /** The same under fakeroot, after `extraCommands`: `chown`, `chmod` and `mknod` are recorded and end in the image. */
  readonly fakeRootCommands?: Script | undefined;
  /** Run `fakeRootCommands` as if the image were the root file system (fakechroot): `/data` is the image's. @default false */
  readonly enableFakechroot?: boolean | undefined;
  /**
   * Run both in bubblewrap: they see the system's programs and the image's tree, and neither your files and environment, nor a network,
   * nor other processes. Fails where it does not work. Not with `enableFakechroot`. @default false
   */
  readonly sandbox?: boolean | undefined;
  /**
   * How files are shared out among layers. `auto`: by size, so that little changes often; `stable`: as the lock remembers,
   * so that an update moves the fewest bytes; `popularity`: what most packages need lies lowest. A plugin may bring more. @default "auto"
   */
  readonly layering?: "auto" | "stable" | "popularity" | (string & {}) | undefined;
  /**
   * The layers step by step, in place of `layering`: a list of steps, as `layering.splitPaths(["redis"])` gives them or in
   * dockerTools' JSON, or the path of a JSON file with one. maxLayers is then 127 unless it is given, and what a pipeline
   * makes beyond it is refused.
   */
  readonly layeringPipeline?: string | readonly PipelineStep[] | null | undefined;
  /** false: store paths of `nix()` are left out; only the links to them are there, for containers that mount a store. @default true */
  readonly includeStorePaths?: boolean | undefined;
  /** Register the store paths in a Nix database of the image's own, so that Nix in a container knows them. @default false */
  readonly includeNixDB?: boolean | undefined;
  /**
   * What its layers are compressed with in OCI layouts. `gzip` is read by everything, `zstd` is smaller and faster (Docker
   * 23 and later); a base's layers stay as they are. `--compression` outranks it. @default "gzip"
   */
  readonly layerCompression?: LayerCompression | undefined;
  /**
   * How its manifest is written where an output has the choice, which registries are: `docker` is schema 2, for those who
   * know nothing else. It has neither zstd layers nor annotations. `--format` outranks it. @default "oci"
   */
  readonly manifestFormat?: ManifestFormat | undefined;
  /**
   * In OCI layouts and registries; other outputs have no place for them. `{ "org.opencontainers.image.source": "…" }` is the
   * manifest's; `{ manifest, manifestDescriptor, index, indexDescriptor }` says of what. @default {}
   */
  readonly annotations?: Annotations | ImageAnnotations | undefined;
  /** What happens when two sources hold different files of one name: stop, or take one of them. @default "error" */
  readonly collisions?: Collisions | undefined;
  /**
   * Fail where a build would only warn of what is wrong with the finished image: a user or a program that it does not
   * have, a base for another platform, … @default false
   */
  readonly strict?: boolean | undefined;
}

/** Arguments of `buildLayeredImage`. */
export interface LayeredImageOptions extends StreamLayeredImageOptions {
  /**
   * What the docker archive is compressed with as a whole, where it is a file. It says nothing of other outputs.
   * @default "none"
   */
  readonly compressor?: Compressor | undefined;
}

const FIELDS = Object.keys(imageConfigSchema.entries) as (keyof ImageConfig)[];

const inherit = v.union(
  [v.picklist(["env", "all"]), v.array(v.picklist(FIELDS))],
  `expected "env", "all" or a list of config fields`,
);
const ownerName = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*\$?$/, "expected a user's or group's name"));

export const streamLayeredImageSchema = v.strictObject({
  name: imageNameSchema,
  tag: v.nullish(tagSchema),
  fromImage: v.optional(baseSchema),
  fromImageName: v.optional(v.pipe(v.string(), v.check(isImageName, "expected an image's name, without its tag"))),
  fromImageTag: v.optional(tagSchema),
  inherit: v.optional(inherit),
  contents: v.optional(sourcesSchema),
  config: v.nullish(imageConfigSchema),
  architecture: v.optional(
    v.pipe(v.string(), v.regex(/^[a-z0-9]+$/, `expected an architecture in Go's words, such as "amd64" or "arm64"`)),
  ),
  variant: v.optional(v.pipe(v.string(), v.regex(/^[a-z0-9.]+$/, `expected a variant, such as "v7"`))),
  platforms: v.optional(platformsSchema),
  uid: v.optional(idSchema),
  gid: v.optional(idSchema),
  uname: v.optional(ownerName),
  gname: v.optional(ownerName),
  created: v.optional(createdSchema),
  mtime: v.optional(timeSchema),
  maxLayers: v.optional(v.pipe(v.number(), v.integer(), v.minValue(2))),
  extraCommands: v.optional(scriptSchema),
  fakeRootCommands: v.optional(scriptSchema),
  enableFakechroot: v.optional(v.boolean()),
  sandbox: v.optional(v.boolean()),
  layering: v.optional(v.pipe(v.string(), v.nonEmpty())),
  layeringPipeline: v.nullish(layeringPipelineSchema),
  includeStorePaths: v.optional(v.boolean()),
  includeNixDB: v.optional(v.boolean()),
  layerCompression: v.optional(layerCompressionSchema),
  manifestFormat: v.optional(manifestFormatSchema),
  annotations: v.optional(imageAnnotationsSchema),
  collisions: v.optional(v.picklist(["error", "first", "last"])),
  strict: v.optional(v.boolean()),
});

export type ParsedStreamLayeredImageOptions = v.InferOutput<typeof streamLayeredImageSchema>;

export const layeredImageSchema = v.strictObject({
  ...streamLayeredImageSchema.entries,
  compressor: v.optional(v.picklist(["none", "gz", "zstd"], `expected "none", "gz" or "zstd"`)),
});

export type ParsedLayeredImageOptions = v.InferOutput<typeof layeredImageSchema>;
