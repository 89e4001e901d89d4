/** `buildNixShellImage`, `streamNixShellImage`: what users may say, in dockerTools' names. */
import * as v from "valibot";
import { idSchema, imageNameSchema, isSource, tagSchema, type Compressor, type Source } from "../../../core/index.ts";
import { requestSchema, type NixRequest } from "../source.ts";

/** Arguments of `streamNixShellImage`. */
export interface StreamNixShellImageOptions {
  /** The derivation whose environment the image has; it is not built. */
  readonly drv: NixRequest;
  /** The image's name. @default the derivation's name and "-env" */
  readonly name?: string | undefined;
  /** null: the first 32 hex digits of the image's config digest. @default null */
  readonly tag?: string | null | undefined;
  /** Of the user that containers run as. @default 1000 */
  readonly uid?: number | undefined;
  /** Of the user's group. @default 1000 */
  readonly gid?: number | undefined;
  /** The user's, where the shell starts. @default "/build" */
  readonly homeDirectory?: string | undefined;
  /** A bash, by its path in the image: in the Nix store, or brought by `contents`. @default the derivation's builder, where that is a bash */
  readonly shell?: string | undefined;
  /** A command for the interactive shell, which ends with it. Not together with `run`. */
  readonly command?: string | undefined;
  /** A command for a shell that is not interactive. */
  readonly run?: string | undefined;
  /** What is in the image besides: a shell, tools, certificates. @default [] */
  readonly contents?: Source | readonly Source[] | undefined;
  /** Fail where a build would only warn of what is wrong with the finished image. @default false */
  readonly strict?: boolean | undefined;
}

/** Arguments of `buildNixShellImage`. */
export interface NixShellImageOptions extends StreamNixShellImageOptions {
  /** What the docker archive is compressed with as a whole, where it is a file. @default "none" */
  readonly compressor?: Compressor | undefined;
}

const source = v.custom<Source>(isSource, "expected a source, such as nix({ … })");
// Both stand in /etc/passwd.
const place = v.pipe(v.string(), v.regex(/^\/[^:\n]*$/, "expected an absolute path, without colons"));

const entries = {
  drv: requestSchema,
  name: v.optional(imageNameSchema),
  tag: v.nullish(tagSchema),
  uid: v.optional(idSchema),
  gid: v.optional(idSchema),
  homeDirectory: v.optional(place),
  shell: v.optional(place),
  command: v.optional(v.string()),
  run: v.optional(v.string()),
  contents: v.optional(v.union([source, v.array(source)])),
  strict: v.optional(v.boolean()),
};

const BOTH = "has both command and run: the one is for an interactive shell, the other for one that is not";

export const streamNixShellImageSchema = v.pipe(
  v.strictObject(entries),
  v.check(({ command, run }) => command === undefined || run === undefined, BOTH),
);

export const nixShellImageSchema = v.pipe(
  v.strictObject({
    ...entries,
    compressor: v.optional(v.picklist(["none", "gz", "zstd"], `expected "none", "gz" or "zstd"`)),
  }),
  v.check(({ command, run }) => command === undefined || run === undefined, BOTH),
);

export type ParsedNixShellImageOptions = v.InferOutput<typeof nixShellImageSchema>;
