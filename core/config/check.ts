/**
 * From what a config says to a build graph: every part is checked, all problems are told at once, each with its path.
 * Checking runs nothing but the config's own `images` function.
 */
import { createBuilder } from "../pipeline/builder.ts";
import type { Builder, Plugin } from "../pipeline/plugin.ts";
import { ImageDslError, messageOf, type ErrorPlace } from "../error.ts";
import type { BuildGraph } from "../graph/build-graph.ts";
import { isImageCall } from "../graph/preset.ts";
import { hostArchitecture } from "../host.ts";
import type { TargetSpec } from "../model/image-spec.ts";
import { isSource } from "../model/source.ts";
import { architectureOfNode, parsePlatform, platformText, type Platform } from "../model/platform.ts";
import { checkImage, type CheckedImages } from "./check-image.ts";
import { readShape, type ConfigShape } from "./config-shape.ts";
import { describeValue, pathText, type Problem } from "./problem.ts";
import type { OwnExports } from "./own-exports.ts";
import { configShell } from "./shell.ts";
import { placeInStack } from "./stack-place.ts";
import { unknownExportHint } from "./unknown-export.ts";

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

export interface CheckedConfig {
  readonly builder: Builder;
  readonly graph: BuildGraph;
}

/** Throws `E_CONFIG_INVALID` with every problem in its message, or what the `images` function threw as its cause. */
export async function checkConfig(value: unknown, options: CheckOptions): Promise<CheckedConfig> {
  const problems: Problem[] = [];
  const shape = readShape(value, problems);
  const builder = createBuilder([...options.plugins, ...shape.plugins]);
  const named = [options.platforms, shape.platforms].find((each) => each?.length);
  const platforms = named ?? [hostPlatform()];

  const byPlatform = new Map<string, ReadonlyMap<string, TargetSpec>>();
  const imagesFor = async (platform: Platform): Promise<ReadonlyMap<string, TargetSpec>> => {
    const images = shape.images && (await callImages(shape.images, platform, options));
    const checked = await checkImages(images, builder, problems);
    byPlatform.set(platformText(platform), checked);
    return checked;
  };
  const own = options.platforms?.length ? new Map<string, never>() : ownPlatforms(await imagesFor(platforms[0]!));
  if (shape.perPlatform) {
    for (const platform of [...platforms, ...[...own.values()].flat()]) {
      if (!byPlatform.has(platformText(platform))) await imagesFor(platform);
    }
  } else if (byPlatform.size === 0) await imagesFor(platforms[0]!);
  if (problems.length > 0) throw invalid(problems, options.configFile);

  const [first = new Map<string, TargetSpec>(), ...further] = byPlatform.values();
  for (const other of further) requireSameTargets(first, other, options.configFile);
  const graph: BuildGraph = Object.freeze({
    images: first,
    byPlatform,
    outputs: Object.freeze([...shape.outputs]),
    ...(shape.unpacking && { unpacking: Object.freeze(shape.unpacking) }),
    ...(shape.virtualMachine && { virtualMachine: Object.freeze(shape.virtualMachine) }),
    platforms: Object.freeze([...platforms]),
    ownPlatforms: own,
    isHostsPlatform: named === undefined,
    narrowed: (options.platforms ?? []).length > 0 || Object.keys(options.args ?? {}).length > 0,
    directory: options.directory,
    ...(options.configFile === undefined ? {} : { configFile: options.configFile }),
    args: Object.freeze({ ...options.args }),
  });
  return { builder, graph };
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

async function callImages(
  images: NonNullable<ConfigShape["images"]>,
  platform: Platform,
  { args = {}, directory, configFile, exports }: CheckOptions,
): Promise<unknown> {
  try {
    return await images(Object.freeze({ $: configShell(directory), args: Object.freeze({ ...args }), platform }));
  } catch (cause) {
    const unknownExport = exports && (await unknownExportHint(cause, exports));
    throw new ImageDslError("E_CONFIG_LOAD", `The config's images function failed: ${messageOf(cause)}`, {
      cause,
      hint: unknownExport ?? (cause instanceof ImageDslError ? cause.hint : undefined),
      place: configFile === undefined ? undefined : placeInImages(cause, configFile),
    });
  }
}

function placeInImages(cause: unknown, file: string): ErrorPlace {
  return { ...(placeInStack(cause, [file]) ?? { file }), path: "images" };
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
    place: file === undefined ? undefined : { file, path: "images" },
  });
}

function invalid(problems: readonly Problem[], file: string | undefined): ImageDslError {
  // Several platforms find the same problem again.
  const lines = [...new Set(problems.map(({ path, message }) => `${pathText(path) || "config"}: ${message}`))];
  const [only] = lines;
  const path = problems[0] === undefined ? "" : pathText(problems[0].path);
  const place = { ...(file === undefined ? {} : { file }), ...(lines.length === 1 && path !== "" ? { path } : {}) };
  const message =
    lines.length === 1
      ? `The config is wrong: ${only}`
      : `The config has ${lines.length} problems\n  ${lines.join("\n  ")}`;
  return new ImageDslError("E_CONFIG_INVALID", message, { place });
}
