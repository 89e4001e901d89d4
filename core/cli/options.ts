/** The options that several commands share, in the words of the reference; and how their values are read. */
import { resolve } from "node:path";
import type { InferredOptionTypes } from "yargs";
import { ImageDslError } from "../error.ts";
import { LAYER_COMPRESSIONS, MANIFEST_FORMATS } from "../model/image-spec.ts";
import { ACCELERATIONS, type VirtualMachineOptions } from "../model/virtual-machine.ts";
import { remoteOptions } from "./remote-options.ts";
import { readSharedCache, sharedCacheOptions } from "./shared-cache-options.ts";
import { parsePlatform, type Platform } from "../model/platform.ts";

export const configOptions = {
  config: {
    alias: "c",
    type: "string",
    requiresArg: true,
    describe: "The config file, in place of the one that is found",
  },
  arg: {
    type: "string",
    array: true,
    requiresArg: true,
    describe: "A value for the config's functions, as args.K: K=V",
  },
  platform: { type: "string", array: true, requiresArg: true, describe: "Build for OS/ARCH, such as linux/arm64" },
} as const;

export const lockOptions = {
  "update-lock": {
    type: "string",
    describe: "Resolve what is pinned again: everything, or one target, image or package",
  },
  "frozen-lock": {
    type: "boolean",
    describe: "Fail where the lock would change (default with CI set and a lock there)",
  },
} as const;

export const cacheOptions = {
  "no-cache": { type: "boolean", describe: "Take no results of earlier builds: read and run everything" },
  check: { type: "boolean", describe: "Run each script twice and fail where the second result is another one" },
  explain: { type: "boolean", describe: "Say of each layer whether it is known and, if not, what changed" },
  ...sharedCacheOptions,
} as const;

export const virtualMachineOptions = {
  "vm-accel": {
    choices: ACCELERATIONS,
    requiresArg: true,
    describe: "What runs the processor of virtual machines (default: KVM where it is seen to work)",
  },
  "vm-kernel": {
    type: "string",
    requiresArg: true,
    describe: "A kernel's file for virtual machines (default: Debian's for virtual machines)",
  },
  "vm-modules": {
    type: "string",
    requiresArg: true,
    describe: "The folder of that kernel's modules (default: none)",
  },
} as const;

export const workOptions = {
  jobs: {
    alias: "j",
    type: "string",
    requiresArg: true,
    describe: "How much to do at a time (default: the processors)",
  },
  "keep-failed": { type: "boolean", describe: "Keep the work directory of a script that fails" },
  "require-sandbox": { type: "boolean", describe: "Fail where a step, or run of image(), would run without a sandbox" },
  tag: {
    alias: "t",
    type: "string",
    array: true,
    requiresArg: true,
    describe: "NAME:TAG, or :TAG of the same name, in place of the image's own; repeated: further names of it",
  },
  ...virtualMachineOptions,
} as const;

export const outputOptions = {
  json: { type: "boolean", describe: "Say everything in JSON" },
  verbose: { alias: "v", type: "boolean", describe: "Say more: script output, layers, stacks of errors" },
} as const;

export const quietOption = {
  quiet: {
    alias: "q",
    type: "boolean",
    describe:
      "Nothing but errors, and of each image the digest: what a registry knows it by where it was pushed, else its id",
  },
} as const;

export const insecureOption = {
  type: "string",
  array: true,
  requiresArg: true,
  describe: "A registry, HOST[:PORT], that may be without TLS or have an unknown certificate",
} as const;

export const formatOption = {
  choices: MANIFEST_FORMATS,
  requiresArg: true,
  describe: "How manifests are written in registries: OCI's, or Docker's schema 2",
} as const;

export const buildOptions = {
  output: {
    alias: "o",
    type: "string",
    array: true,
    requiresArg: true,
    describe: "Where to (repeatable)",
  },
  compression: {
    choices: LAYER_COMPRESSIONS,
    requiresArg: true,
    describe: "What layers are compressed with in registries and OCI layouts, whatever the image says",
  },
  format: formatOption,
  push: { type: "boolean", describe: "Push each image to the registry that its name begins with" },
  load: { type: "boolean", describe: "Load each image into the daemon that is there: docker's, else podman's" },
  "keep-going": { type: "boolean", describe: "Where a target fails, make the others all the same" },
  affected: {
    type: "string",
    describe: "Of the targets, those that are made of what changed since a git revision (without one: since HEAD)",
  },
  shard: {
    type: "string",
    requiresArg: true,
    describe: "Build one part of the targets, I/N (auto: as the job array says); merge: all, when the parts are done",
  },
  ...workOptions,
  ...configOptions,
  ...lockOptions,
  ...cacheOptions,
  ...remoteOptions,
  insecure: insecureOption,
  "dry-run": { type: "boolean", describe: "Do everything but write the outputs" },
  watch: {
    type: "boolean",
    describe: "Build again whenever something is saved that the last build read; Ctrl-C ends it",
  },
  exec: {
    type: "string",
    requiresArg: true,
    describe:
      "With --watch: a shell command that is started anew after each build, with IMAGE_DSL_REFERENCE and IMAGE_DSL_DIGEST",
  },
  ...outputOptions,
  ...quietOption,
} as const;

/** Those that say one thing. */
export const singleOptions: readonly string[] = Object.entries(buildOptions)
  .filter(([, option]) => !("array" in option) && !("type" in option && option.type === "boolean"))
  .map(([name]) => name);

/** By their letters, those that take a value. */
export const lettersWithValue: ReadonlyMap<string, string> = new Map(
  Object.entries(buildOptions).flatMap(([name, option]) =>
    "alias" in option && !("type" in option && option.type === "boolean") ? [[option.alias, name] as const] : [],
  ),
);

export type BuildArguments = InferredOptionTypes<typeof buildOptions> & { readonly targets: readonly string[] };
export type ConfigArguments = InferredOptionTypes<typeof configOptions>;
export type LockArguments = InferredOptionTypes<typeof lockOptions>;
export type CacheArguments = InferredOptionTypes<typeof cacheOptions>;
export type WorkArguments = InferredOptionTypes<typeof workOptions>;

/** `--arg`s as a record; the last of one key counts. Throws `E_USAGE`. */
export function readArgs(texts: readonly string[] = []): Readonly<Record<string, string>> {
  const pairs = texts.map((text) => {
    const equals = text.indexOf("=");
    if (equals < 1) {
      throw new ImageDslError("E_USAGE", `--arg "${text}" has no value`, { hint: "Write --arg NAME=VALUE" });
    }
    return [text.slice(0, equals), text.slice(equals + 1)] as const;
  });
  return Object.fromEntries(pairs);
}

/** `--platform`, repeated or with commas. Throws `E_PLATFORM_INVALID`. */
export function readPlatforms(texts: readonly string[] = []): readonly Platform[] {
  return [...new Set(texts.flatMap((text) => text.split(",")))].map((text) => parsePlatform(text));
}

/** JSON events hold the explanation in any case. */
export function readCacheOptions(given: CacheArguments & { readonly json: boolean | undefined }) {
  return {
    noCache: given["no-cache"] ?? false,
    check: given.check ?? false,
    explain: (given.explain ?? false) || (given.json ?? false),
    sharedCache: readSharedCache(given),
  };
}

/** What the engine calls these, without the ones that were not given. */
export function readBuildOptions(given: LockArguments & WorkArguments) {
  const update = given["update-lock"];
  return {
    ...readJobs(given.jobs),
    ...(given.tag === undefined ? {} : { tags: given.tag }),
    ...(given["keep-failed"] === undefined ? {} : { keepFailed: given["keep-failed"] }),
    ...(given["require-sandbox"] === undefined ? {} : { requireSandbox: given["require-sandbox"] }),
    virtualMachine: readVirtualMachine(given),
    ...(given["frozen-lock"] === undefined ? {} : { frozenLock: given["frozen-lock"] }),
    // Without a name the option's text is empty: everything.
    ...(update === undefined ? {} : { updateLock: update === "" ? (true as const) : update }),
  };
}

/** `--jobs`. */
export function readJobs(text: string | undefined): { readonly jobs?: number } {
  if (text === undefined) return {};
  const jobs = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(jobs) && jobs >= 1) return { jobs };
  throw new ImageDslError("E_USAGE", `--jobs "${text}" is no whole number of 1 or more`, {
    hint: "Without it, as much is done at a time as there are processors",
  });
}

/** The modules of the config are of the config's kernel. */
function readVirtualMachine({
  "vm-accel": acceleration,
  "vm-kernel": kernel,
  "vm-modules": modules,
}: WorkArguments): VirtualMachineOptions {
  const folder = modules === undefined ? undefined : resolve(modules);
  return {
    ...(acceleration && { acceleration }),
    ...(folder !== undefined && { modules: folder }),
    ...(kernel !== undefined && { kernel: resolve(kernel), modules: folder }),
  };
}
