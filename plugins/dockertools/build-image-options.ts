/** The arguments of `buildImage`, in dockerTools' names, and what is allowed in each. */
import * as v from "valibot";
import { EXECUTORS, machineSchemas, sourcesSchema, type Executor, type Source } from "../../core/index.ts";
import { layeredImageSchema, type LayeredImageOptions } from "./options.ts";

/** What it has in common with the layered images, under the same names. */
const COMMON = [
  "name",
  "tag",
  "fromImage",
  "fromImageName",
  "fromImageTag",
  "inherit",
  "config",
  "architecture",
  "variant",
  "platforms",
  "uid",
  "gid",
  "uname",
  "gname",
  "created",
  "mtime",
  "extraCommands",
  "sandbox",
  "includeNixDB",
  "layerCompression",
  "manifestFormat",
  "annotations",
  "collisions",
  "strict",
  "compressor",
] as const;

/** Arguments of `buildImage`. */
export interface BuildImageOptions extends Pick<LayeredImageOptions, (typeof COMMON)[number]> {
  /** What is in the image: one source or several. A later one's file replaces an earlier one's, unless `collisions` says otherwise. @default [] */
  readonly copyToRoot?: Source | readonly Source[] | undefined;
  /** What is in the image. @deprecated `copyToRoot` is its name. */
  readonly contents?: Source | readonly Source[] | undefined;
  /** Bash text that runs as root in a virtual machine, with the image as `/` and, without `network`, with none, before `extraCommands`. */
  readonly runAsRoot?: string | undefined;
  /**
   * Who runs `runAsRoot`: a virtual machine; namespaces of the host's kernel, at the host's speed, where what they cannot do is an error;
   * or `auto`, namespaces where they can do all of it and else the virtual machine. @default "vm"
   */
  readonly executor?: Executor | undefined;
  /**
   * Whether `runAsRoot`, and text of `extraCommands` beside it, reach the host's network. What they fetch may be another thing next time,
   * while a result that is kept stays: `--no-cache` fetches anew. @default false
   */
  readonly network?: boolean | undefined;
  /** MiB that `runAsRoot` may write. @default 1024 */
  readonly diskSize?: number | undefined;
  /** MiB of the virtual machine's memory. @default 512 */
  readonly buildVMMemorySize?: number | undefined;
  /** Seconds that `runAsRoot` may take, and `extraCommands` beside it. @default unbounded */
  readonly buildVMTimeout?: number | undefined;
  /** Links to directories are respected in any case: what lies below one goes where it leads. @default false */
  readonly keepContentsDirlinks?: boolean | undefined;
  /** Put into a docker archive what Docker before 1.10 reads too. Its layers are then read twice. @default false */
  readonly legacy?: boolean | undefined;
}

/** A week: timers know no longer ones. */
const MAX_TIMEOUT = 7 * 24 * 60 * 60;

export const buildImageSchema = v.pipe(
  v.strictObject({
    ...v.pick(layeredImageSchema, COMMON).entries,
    copyToRoot: v.optional(sourcesSchema),
    contents: v.optional(sourcesSchema),
    keepContentsDirlinks: v.optional(v.boolean()),
    legacy: v.optional(v.boolean()),
    runAsRoot: v.optional(v.string()),
    executor: v.optional(v.picklist(EXECUTORS)),
    network: v.optional(v.boolean()),
    ...machineSchemas,
    buildVMTimeout: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(MAX_TIMEOUT))),
  }),
  v.check(
    ({ copyToRoot, contents }) => copyToRoot === undefined || contents === undefined,
    "has both copyToRoot and contents, which is its old name",
  ),
  v.check(
    ({ runAsRoot, executor, network, diskSize, buildVMMemorySize, buildVMTimeout }) =>
      runAsRoot !== undefined ||
      [executor, network, diskSize, buildVMMemorySize, buildVMTimeout].every((each) => each === undefined),
    "has executor, network, diskSize, buildVMMemorySize or buildVMTimeout, which are of runAsRoot, but no runAsRoot",
  ),
  v.check(
    ({ executor, buildVMMemorySize }) => executor !== "namespace" || buildVMMemorySize === undefined,
    'has buildVMMemorySize, which is of the virtual machine, and executor "namespace", which has none',
  ),
);

export type ParsedBuildImageOptions = v.InferOutput<typeof buildImageSchema>;
