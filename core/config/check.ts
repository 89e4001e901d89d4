/**
 * From what a config says to a build graph: every part is checked, all problems are told at once, each with its path.
 * Checking runs nothing but the config's own functions.
 */
import { basename } from "node:path";
import { createBuilder } from "../pipeline/builder.ts";
import type { Builder, Plugin } from "../pipeline/plugin.ts";
import { ImageDslError, messageOf, type ErrorPlace } from "../error.ts";
import { placeInFile, sourcePlace } from "../source-place.ts";
import type { BuildGraph } from "../graph/build-graph.ts";
import { isImageCall } from "../graph/preset.ts";
import { hostArchitecture } from "../host.ts";
import type { TargetSpec } from "../model/image-spec.ts";
import { canonicalJson, type Json } from "../model/json.ts";
import { isSource } from "../model/source.ts";
import { architectureOfNode, parsePlatform, platformText, type Platform } from "../model/platform.ts";
import { checkImage, type CheckedImages } from "./check-image.ts";
import { PACKAGE_KEY, readShape, type ConfigShape } from "./config-shape.ts";
import type { ConfigContext } from "./config-types.ts";
import { describeValue, pathText, type Problem } from "./problem.ts";
import type { OwnExports } from "./own-exports.ts";
import { configShell } from "./shell.ts";
import { unknownExportHint } from "./unknown-export.ts";
import { watchArgs, type UnreadArg } from "./watched-args.ts";

export interface CheckOptions {
  /** The built-in plugins; the config's own come after them. */
  readonly plugins: readonly Plugin[];
  /** Absolute. */
  readonly directory: string;
  readonly configFile?: string | undefined;
  /** `--arg`. */
  readonly args?: Readonly<Record<string, string>> | undefined;
  /** What image-dsl exports, for names that it does not. */
  readonly exports?: OwnExports | undefined;
  /** `--platform`; outranks the config's `platforms`. */
  readonly platforms?: readonly Platform[] | undefined;
}

/** A config without mistakes, ready to be built. */
export interface CheckedConfig {
  /** Has all plugins applied, image-dsl's own and the config's. */
  readonly builder: Builder;
  /** What `runBuild` and `planBuild` take; frozen. */
  readonly graph: BuildGraph;
  /** Of `args`, by now: functions of scripts may still read some. */
  readonly unreadArgs: readonly UnreadArg[];
}

/** Throws `E_CONFIG_INVALID` with every problem in its message, or what a function of the config threw as its cause. */
export async function checkConfig(value: unknown, given: CheckOptions): Promise<CheckedConfig> {
  const { args, unread } = watchArgs(given.args ?? {});
  const options = { ...given, args };
  const problems: Problem[] = [];
  const shapes = new Map<string, ConfigShape>();
  const shapeFor = async (platform: Platform): Promise<ConfigShape> => {
    const known = shapes.get(platformText(platform));
    if (known) return known;
    const shape = readShape(await saidFor(value, platform, options), problems);
    shapes.set(platformText(platform), shape);
    return shape;
  };
  const shape = await shapeFor(options.platforms?.[0] ?? hostPlatform());
  const builder = createBuilder([...options.plugins, ...shape.plugins]);
  const named = [options.platforms, shape.platforms].find((each) => each?.length);
  const platforms = named ?? [hostPlatform()];

  const byPlatform = new Map<string, ReadonlyMap<string, TargetSpec>>();
  const imagesFor = async (platform: Platform): Promise<ReadonlyMap<string, TargetSpec>> => {
    const said = await shapeFor(platform);
    requireSameSettings(shape, said, options.configFile);
    const images = said.images && (await callConfig("images", said.images, platform, options));
    const checked = await checkImages(images, builder, problems);
    byPlatform.set(platformText(platform), checked);
    return checked;
  };
  const own = options.platforms?.length ? new Map<string, never>() : ownPlatforms(await imagesFor(platforms[0]!));
  if (typeof value === "function" || shape.perPlatform) {
    for (const platform of [...platforms, ...[...own.values()].flat()]) {
      if (!byPlatform.has(platformText(platform))) await imagesFor(platform);
    }
  } else if (byPlatform.size === 0) await imagesFor(platforms[0]!);
  if (problems.length > 0) throw invalid(problems, options.configFile);

  const [first = new Map<string, TargetSpec>(), ...further] = byPlatform.values();
  for (const other of further) requireSameTargets(first, other, options.configFile);
  const unreadArgs = unread();
  const graph: BuildGraph = Object.freeze({
    images: first,
    byPlatform,
    outputs: Object.freeze([...shape.outputs]),
    ...(shape.limits && { limits: Object.freeze(shape.limits) }),
    ...(shape.sharedCache && { sharedCache: Object.freeze(shape.sharedCache) }),
    ...(shape.remote && { remote: Object.freeze(shape.remote) }),
    ...(shape.virtualMachine && { virtualMachine: Object.freeze(shape.virtualMachine) }),
    platforms: Object.freeze([...platforms]),
    ownPlatforms: own,
    isHostsPlatform: named === undefined,
    narrowed: (options.platforms ?? []).length > 0 || Object.keys(given.args ?? {}).length > 0,
    directory: options.directory,
    ...(options.configFile === undefined ? {} : { configFile: options.configFile }),
    args: Object.freeze({ ...given.args }),
  });
  return { builder, graph, unreadArgs };
}

/** By target. */
function ownPlatforms(images: ReadonlyMap<string, TargetSpec>): ReadonlyMap<string, readonly Platform[]> {
  return new Map(
    [...images].flatMap(([target, spec]) =>
      spec.kind === "image" && spec.platforms !== undefined ? [[target, spec.platforms] as const] : [],
    ),
  );
}

/** Linux on this machine's processor. */
export function hostPlatform(): Platform {
  return parsePlatform(`linux/${architectureOfNode(hostArchitecture())}`);
}

/** What a config says for a platform, in whatever way it comes by that. */
async function saidFor(value: unknown, platform: Platform, options: CheckOptions): Promise<unknown> {
  if (typeof value !== "function") return callConfig("promise", () => value, platform, options);
  const make = value as (context: ConfigContext) => unknown;
  return callConfig("function", make, platform, options);
}

const FAILED = {
  function: "The config's function failed",
  images: "The config's images function failed",
  promise: "The promise that is the config was not kept",
};

async function callConfig(
  what: keyof typeof FAILED,
  make: (context: ConfigContext) => unknown,
  platform: Platform,
  { args = {}, directory, configFile, exports }: CheckOptions,
): Promise<unknown> {
  try {
    return await make(Object.freeze({ $: configShell(directory), args, platform }));
  } catch (cause) {
    const unknownExport = exports && (await unknownExportHint(cause, exports));
    throw new ImageDslError("E_CONFIG_LOAD", `${FAILED[what]}: ${messageOf(cause)}`, {
      cause,
      hint: unknownExport ?? (cause instanceof ImageDslError ? cause.hint : undefined),
      place: configFile === undefined ? undefined : placeOfFailure(cause, configFile, what),
    });
  }
}

function placeOfFailure(cause: unknown, file: string, what: keyof typeof FAILED): ErrorPlace {
  const own = cause instanceof ImageDslError ? cause.place : undefined;
  return { file, ...(own ?? sourcePlace(cause)), ...(what === "images" && { path: "images" }) };
}

/** A function that gives a whole config is asked for each platform; only the images may differ. */
function requireSameSettings(a: ConfigShape, b: ConfigShape, file: string | undefined): void {
  const differing = PLATFORMLESS.find((key) => canonicalJson(settingOf(a, key)) !== canonicalJson(settingOf(b, key)));
  if (differing === undefined) return;
  throw new ImageDslError("E_CONFIG_INVALID", `The config's ${differing} depend on the platform it is asked for`, {
    hint: "Only images may; in outputs, {platform} is replaced by the platform's name",
    place: file === undefined ? undefined : { ...placeInConfig(file, [differing]), path: differing },
  });
}

const PLATFORMLESS = ["plugins", "outputs", "platforms", "limits", "sharedCache", "remote", "virtualMachine"] as const;

function settingOf(shape: ConfigShape, key: (typeof PLATFORMLESS)[number]): Json {
  if (key === "plugins") return shape.plugins.map(({ name }) => name);
  if (key === "platforms") return shape.platforms?.map(platformText) ?? null;
  return (shape[key] ?? null) as Json;
}

/** A single image's target is the last component of its name. */
async function checkImages(images: unknown, builder: Builder, problems: Problem[]) {
  const checked = new Map<string, TargetSpec>();
  const calls: CheckedImages = new Map();
  if (images === undefined) return checked;
  if (isImageCall(images) || isSource(images)) {
    const spec = await checkImage(images, ["images"], builder, problems, calls);
    if (spec) checked.set(targetOf(spec), spec);
    return checked;
  }
  if (typeof images !== "object" || images === null || Array.isArray(images) || images instanceof Promise) {
    problems.push({ path: ["images"], message: `expected an image or named images, found ${describeValue(images)}` });
    return checked;
  }
  const entries = Object.entries(images);
  if (entries.length === 0) problems.push({ path: ["images"], message: "expected at least one image, found none" });
  for (const [target, image] of entries) {
    const path = ["images", target];
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(target)) {
      problems.push({ path, message: "is no name of a target; expected letters, digits, and . _ - after the first" });
    }
    const spec = await checkImage(image, path, builder, problems, calls);
    if (spec) checked.set(target, spec);
  }
  return checked;
}

function targetOf(spec: TargetSpec): string {
  return spec.kind === "bundle" ? "images" : spec.name.slice(spec.name.lastIndexOf("/") + 1);
}

function requireSameTargets(a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>, file?: string): void {
  const [one, other] = [a, b].map((images) => [...images.keys()].join(", "));
  if (one === other) return;
  throw new ImageDslError("E_CONFIG_INVALID", `The images depend on the platform: one gets ${one}, another ${other}`, {
    hint: "Give the same targets for every platform, or build one platform at a time with --platform",
    place: file === undefined ? undefined : { ...placeInConfig(file, ["images"]), path: "images" },
  });
}

/** The call that it is about, or else what the file itself says at its path. */
function problemPlace({ path, of, keys }: Problem, file: string | undefined): ErrorPlace {
  const call = of && sourcePlace(of, keys);
  return call ?? (file === undefined ? {} : placeInConfig(file, path));
}

function placeInConfig(file: string, path: readonly PropertyKey[]): ErrorPlace {
  const prefix = basename(file) === "package.json" ? [PACKAGE_KEY] : [];
  const place = placeInFile(file, [...prefix, ...path]);
  // An image or a record alone is short for `images`, which then stands nowhere.
  const around = placeInFile(file, prefix);
  const isShort = path[0] === "images" && place.line === around.line && place.column === around.column;
  return isShort ? placeInFile(file, [...prefix, ...path.slice(1)]) : place;
}

function invalid(problems: readonly Problem[], file: string | undefined): ImageDslError {
  // Several platforms find the same problem again.
  const told = new Map(problems.map((each) => [`${pathText(each.path) || "config"}: ${each.message}`, each]));
  const [first] = told;
  if (told.size === 1 && first !== undefined) {
    const [text, problem] = first;
    const place = { ...problemPlace(problem, file), ...(problem.path.length > 0 && { path: pathText(problem.path) }) };
    return new ImageDslError("E_CONFIG_INVALID", `The config is wrong: ${text}`, { place });
  }
  const lines = [...told].map(([text, problem]) => {
    const at = problemPlace(problem, file);
    return at.file === undefined || at.line === undefined ? text : `${text} (${basename(at.file)}:${at.line})`;
  });
  const message = `The config has ${told.size} problems\n  ${lines.join("\n  ")}`;
  return new ImageDslError("E_CONFIG_INVALID", message, { place: file === undefined ? {} : { file } });
}
