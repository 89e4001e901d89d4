/** What the presets (`buildLayeredImage`, …) write and the pipeline reads. Frozen plain data. */
import type { WarningCode } from "../warning-codes.ts";
import type { EntryMeta } from "./entry.ts";
import type { ImageConfig } from "./image-config.ts";
import type { LayeringPipeline } from "./layering-pipeline.ts";
import type { Platform } from "./platform.ts";
import type { Source } from "./source.ts";

/** What becomes of a path that two nodes bring differently: `E_TREE_COLLISION`, or the first or the last of them wins. */
export type Collisions = "error" | "first" | "last";

/** What a docker archive as a whole is compressed with, in dockerTools' words; its layers are plain tars. */
export type Compressor = "none" | "gz" | "zstd";

/** What each layer is compressed with, where an image is distributed: in OCI layouts and registries. */
export type LayerCompression = (typeof LAYER_COMPRESSIONS)[number];

/** As `--compression` takes them, the default first. */
export const LAYER_COMPRESSIONS = ["gzip", "zstd", "none"] as const;

/** How the manifests of an image are written: as OCI's, or as Docker's schema 2. */
export type ManifestFormat = (typeof MANIFEST_FORMATS)[number];

/** As `--format` takes them, the default first. */
export const MANIFEST_FORMATS = ["oci", "docker"] as const;

/** Texts by their names (OCI image spec, annotations.md). */
export type Annotations = Readonly<Record<string, string>>;

/** By what they are said of, in buildx's words; a descriptor is an entry in the list of an index. */
export interface ImageAnnotations extends IndexAnnotations {
  /** Of the image's manifest itself, part of its digest. */
  readonly manifest?: Annotations;
  /** In the index, or of an image for one platform in a layout's index.json. */
  readonly manifestDescriptor?: Annotations;
}

/** Texts said of an image for several platforms. */
export interface IndexAnnotations {
  /** Of the index itself, part of its digest. */
  readonly index?: Annotations;
  /** In a layout's index.json; registries list no indexes. */
  readonly indexDescriptor?: Annotations;
}

/** A script's body: bash text, or a function that gets zx's `$` and the rest of its context. */
export type Script = string | ((context: ScriptContext) => unknown);

/** What a script function is called with. */
export interface ScriptContext {
  /** zx's `$`, bound to the runner and to `root`. Its commands run as the runner says (under fakeroot, …). */
  readonly $: ScriptShell;
  /**
   * The directory that holds the tree while the script runs, also its working directory. There is none in namespaces and virtual
   * machines, and a script of `image` that asks for it is run by fakechroot.
   */
  readonly root: string;
  /** `uid:gid` of a user of the image's passwd file. */
  id(user: string): string;
  /** A read-only directory with a source's tree. As `root`, not in namespaces and virtual machines. */
  path(source: Source): Promise<string>;
  /** The environment of its commands. */
  readonly env: Readonly<Record<string, string>>;
  /** Aborted when the build is. */
  readonly signal: AbortSignal;
}

/** zx's tagged template, as far as image-dsl promises it. */
export interface ScriptShell {
  (pieces: TemplateStringsArray, ...values: unknown[]): PromiseLike<ScriptOutput>;
}

/** What a command of a script function wrote; one that fails throws instead. */
export interface ScriptOutput {
  /** All of it, decoded as UTF-8. */
  readonly stdout: string;
  /** All of it, decoded as UTF-8. */
  readonly stderr: string;
  /** 0, since any other status is thrown. */
  readonly exitCode: number | null;
}

/** A virtual machine, for runners that have one. Their own defaults without it. */
export interface MachineSpec {
  /** What the guest has in all, its kernel's part included. */
  readonly memoryMiB?: number;
  /** What the script may write. */
  readonly diskMiB?: number;
  /** After which it is ended. It may take any time without. */
  readonly timeoutSeconds?: number;
}

/** One script over the merged tree: what runs, by whom, and what it may depend on. */
export interface RunSpec {
  /** What `runAsRoot` gives its files stays; in an image of one layer those of `command` get the image's own `owner`. */
  readonly stage: "command" | "runAsRoot";
  /** `host`, `fakeroot`, `fakechroot`, …: the key of the `run` hook. */
  readonly runner: string;
  /** The argument it came from, for messages: `extraCommands`, `fakeRootCommands`, … */
  readonly name: string;
  /** Bash text goes into the script's key as it is, a function by the digest of its modules. */
  readonly script: Script;
  /** Only what these globs match is laid out for the script; all of the tree without them. */
  readonly needs?: readonly string[];
  /** Values declared by the user that the script may depend on; they are part of its key. */
  readonly env?: Readonly<Record<string, string>>;
  /** For runners that start a virtual machine; others ignore it. */
  readonly machine?: MachineSpec;
  /** The host's network, for runners that give none otherwise. What comes from there is not part of its key. */
  readonly network?: boolean;
  /** In bubblewrap, by runners whose programs are the host's: neither its files, its network nor its processes are to be seen. */
  readonly sandbox?: boolean;
  /**
   * When `--check` runs it again, directories list their files in the same order as the first time: for scripts that are not the user's to
   * mend, by runners that always list them in one order.
   */
  readonly keepsOrder?: true;
}

/**
 * What an image keeps of its base's config: `env`, its environment alone, as dockerTools does; `all`, what a
 * Dockerfile's FROM keeps; or these fields. The image's own fields win.
 */
export type Inherit = "env" | "all" | readonly (keyof ImageConfig)[];

/** What an image is built on: another image of the config, or one from elsewhere, by its kind. */
export interface BaseSpec {
  /** A source's kind is asked by the hook `base`; an image of the config is built first. */
  readonly image: ImageSpec | Source;
  /** Which fields of the base's config are kept where the image's own says nothing. */
  readonly inherit: Inherit;
  /** Nobody wrote what is inherited: what is dropped is told. */
  readonly isDefault?: true;
}

/** Numbers, and the names that tars carry beside them. */
export type EntryOwner = Pick<EntryMeta, "uid" | "gid" | "uname" | "gname">;

/** All that decides one image, with defaults filled in. */
export interface ImageSpec {
  /** Narrows a `TargetSpec`. */
  readonly kind: "image";
  /** Without a tag; with the registry's host where it is for one. */
  readonly name: string;
  /** null: the first 32 hex digits of the config digest. */
  readonly tag: string | null;
  /** Undefined: the image starts empty. */
  readonly base?: BaseSpec;
  /** What the hook `collect` is asked for, in the order that the config has, which collisions go by. */
  readonly contents: readonly Source[];
  /** How a source that has no natural place in the root (a store path) gets there: by links to where it lies, or as a copy. Absent: `link`. */
  readonly placement?: "link" | "copy";
  /** false: store paths are left out, and only what leads to them is there. Absent: true. */
  readonly includeStorePaths?: boolean;
  /** Register the store paths in a Nix database of the image's own. Absent: false. */
  readonly includeNixDB?: boolean;
  /** What containers start with (OCI image spec, config.md, `config`), less what the base brings. */
  readonly config: ImageConfig;
  /** Undefined: the platform being built. */
  readonly platform?: Platform;
  /** What it is built for, as one image for several platforms. Absent: what the config says. */
  readonly platforms?: readonly Platform[];
  /** Seconds since 1970, or `now`. Unset: `SOURCE_DATE_EPOCH`, else 1. */
  readonly created?: number | "now";
  /** Given to every entry that neither the base nor a script brings; in an image of one layer, to those of scripts too. */
  readonly owner?: EntryOwner;
  /** Seconds since 1970, given to every entry of every layer. */
  readonly mtime: number;
  /** Layers in all, base and top layer counted. */
  readonly maxLayers: number;
  /** The name of the planning strategy. */
  readonly layering: string;
  /** An image from elsewhere whose layers the strategy `stable` keeps, where it does not go by the image's own last plan. */
  readonly layersFrom?: Source;
  /** What the strategy `pipeline` does, step by step. */
  readonly layeringPipeline?: LayeringPipeline;
  /** Which node wins a path that several bring differently. */
  readonly collisions: Collisions;
  /** The image's own scripts, in order; the hook `scripts` adds to them. */
  readonly runs: readonly RunSpec[];
  /** Of a docker archive that is a file. Absent: `none`. */
  readonly compressor?: Compressor;
  /** Of OCI layouts and registries. Absent: `gzip`, which everything reads. */
  readonly layerCompression?: LayerCompression;
  /** Of registries. Absent: `oci`, or what an image from elsewhere has. */
  readonly manifestFormat?: ManifestFormat;
  /** For outputs with OCI manifests; a docker archive has no place for them. */
  readonly annotations?: ImageAnnotations;
  /** A docker archive gets the entries that Docker before 1.10 reads. */
  readonly legacyArchive?: true;
  /** What is to be said of how the image was asked for. */
  readonly warnings?: readonly { readonly code: WarningCode; readonly message: string; readonly hint: string }[];
  /** What the build finds wrong with the finished image is an error, not a warning. */
  readonly strict?: true;
  /** Nothing is added: the image is its base, with the same config, byte for byte where that comes from elsewhere. */
  readonly asIs?: true;
  /** Nothing was selected of it: the index that it came in is handed on with it. */
  readonly isWhole?: true;
  /** Where it goes when neither the command line nor the config says: an output with its placeholders. */
  readonly output?: string;
}

/** Several images that are one target: they go into one archive. */
export interface BundleSpec {
  /** Narrows a `TargetSpec`. */
  readonly kind: "bundle";
  /** At least one, each with a name of its own unless they are an index. */
  readonly images: readonly ImageSpec[];
  /** Of the archive, whatever the images' own. */
  readonly compressor?: Compressor;
  /** They are one image for several platforms. */
  readonly index?: IndexSpec;
}

/** An index (OCI image spec, image-index.md) of images that have platforms of their own. */
export interface IndexSpec {
  /** Without a tag; with the registry's host where it is for one. */
  readonly name: string;
  /** null: the first 32 hex digits of the index's digest. */
  readonly tag: string | null;
  /** Of the index; those of its images stay theirs. */
  readonly annotations?: IndexAnnotations;
  /** Of the index and its images, whatever they say of it. */
  readonly manifestFormat?: ManifestFormat;
}

/** What one name of the config's `images` stands for; `imagesOf` treats both alike. */
export type TargetSpec = ImageSpec | BundleSpec;

/** The images of a target. */
export function imagesOf(spec: TargetSpec): readonly ImageSpec[] {
  return spec.kind === "bundle" ? spec.images : [spec];
}
