/** What all of dockerTools' image functions have in common: from their arguments to an image's spec. */
import { DEFAULT_MTIME, ImageDslError, isImageCall, parseTime } from "../../core/index.ts";
import type {
  BaseSpec,
  EntryOwner,
  ImageConfig,
  ImageSpec,
  Platform,
  RunSpec,
  Script,
  Source,
  SpecOf,
} from "../../core/index.ts";
import type { ParsedStreamLayeredImageOptions } from "./options.ts";

export type CommonOptions = Pick<
  ParsedStreamLayeredImageOptions,
  | "name"
  | "tag"
  | "fromImage"
  | "fromImageName"
  | "fromImageTag"
  | "inherit"
  | "config"
  | "architecture"
  | "variant"
  | "platforms"
  | "created"
  | "mtime"
  | "uid"
  | "gid"
  | "uname"
  | "gname"
  | "includeNixDB"
  | "layerCompression"
  | "manifestFormat"
  | "annotations"
  | "strict"
>;

export function commonSpec(options: CommonOptions, specOf: SpecOf) {
  const { created, mtime, layerCompression, manifestFormat, annotations } = options;
  const base = baseOf(options, specOf);
  const platform = platformOf(options);
  const owner = ownerOf(options);
  return {
    kind: "image",
    name: options.name,
    tag: options.tag ?? null,
    config: withoutUndefined(options.config ?? {}),
    mtime: mtime === undefined ? DEFAULT_MTIME : requireTime(mtime),
    ...(base && { base }),
    ...(platform && { platform }),
    ...(options.platforms && { platforms: options.platforms }),
    ...(owner && { owner }),
    ...(options.includeNixDB && { includeNixDB: true }),
    ...(options.strict && { strict: true }),
    ...(layerCompression && { layerCompression }),
    ...(manifestFormat && { manifestFormat }),
    ...(annotations && { annotations }),
    ...(created === undefined ? {} : { created: created === "now" ? created : requireTime(created) }),
  } as const satisfies Partial<ImageSpec>;
}

/** Throws `E_CONFIG_INVALID` where the arguments do not fit each other. */
export function baseOf(
  {
    fromImage,
    fromImageName,
    fromImageTag,
    inherit: asked,
  }: Pick<CommonOptions, "fromImage" | "fromImageName" | "fromImageTag" | "inherit">,
  specOf: SpecOf,
): BaseSpec | undefined {
  const inherited = { inherit: asked ?? ("env" as const), ...(asked === undefined && { isDefault: true as const }) };
  const selects = fromImageName !== undefined || fromImageTag !== undefined;
  if (typeof fromImage === "string" && !isInRegistry(fromImage)) {
    const wish = {
      ...(fromImageName !== undefined && { name: fromImageName }),
      ...(fromImageTag !== undefined && { tag: fromImageTag }),
    };
    return { image: imageSource(fromImage, wish), ...inherited };
  }
  if (selects) {
    throw new ImageDslError(
      "E_CONFIG_INVALID",
      "fromImageName and fromImageTag choose among the images of an archive, but fromImage is none's path",
    );
  }
  if (fromImage === undefined) return undefined;
  if (typeof fromImage === "string") return { image: imageSource(fromImage, {}), ...inherited };
  return { image: isImageCall(fromImage) ? specOf(fromImage) : fromImage, ...inherited };
}

/** `docker://` and an image's name in a registry, or the path of an archive or layout and which of its images. */
export function imageSource(text: string, wish: object): Source {
  if (isInRegistry(text)) return { kind: "registry-image", options: { reference: text } };
  return { kind: "image-archive", options: { file: text, ...wish } };
}

function isInRegistry(text: string): boolean {
  return text.startsWith("docker://");
}

function platformOf({ architecture, variant, platforms }: CommonOptions): Platform | undefined {
  if (architecture !== undefined && platforms !== undefined) {
    throw new ImageDslError(
      "E_CONFIG_INVALID",
      "has both architecture and platforms, of which one says what it is for",
    );
  }
  if (architecture !== undefined) return { os: "linux", architecture, ...(variant !== undefined && { variant }) };
  if (variant === undefined) return undefined;
  throw new ImageDslError("E_CONFIG_INVALID", `variant says "${variant}", but there is no architecture`);
}

function ownerOf({ uid, gid, uname, gname }: CommonOptions): EntryOwner | undefined {
  if (uid === undefined && gid === undefined && uname === undefined && gname === undefined) return undefined;
  return { uid: uid ?? 0, gid: gid ?? 0, ...(uname !== undefined && { uname }), ...(gname !== undefined && { gname }) };
}

export function sourcesOf(contents: Source | readonly Source[] | undefined): readonly Source[] {
  if (contents === undefined) return [];
  return Array.isArray(contents) ? (contents as readonly Source[]) : [contents as Source];
}

/** Scripts without a word in them are none. `sandbox`: of those that run on the host. */
export function runOf(name: string, runner: string, script: Script | undefined, sandbox = false): RunSpec[] {
  if (script === undefined || (typeof script === "string" && script.trim() === "")) return [];
  return [{ stage: "command", runner, name, script, ...(sandbox && { sandbox }) }];
}

function requireTime(text: string): number {
  const seconds = parseTime(text);
  if (seconds === undefined) throw new Error(`The schema let the time ${text} pass`);
  return seconds;
}

/** A config file may write `Cmd: condition ? [...] : undefined`; the pipeline knows absent fields only. */
function withoutUndefined(config: NonNullable<CommonOptions["config"]>): ImageConfig {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined)) as ImageConfig;
}
