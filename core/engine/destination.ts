/** Parsing `--output`: `transport:rest`, placeholders replaced. What cannot work is refused before anything is built. */
import { ImageDslError } from "../error.ts";
import { nearest } from "../model/nearest.ts";
import { platformText, type Platform } from "../model/platform.ts";
import type { Destination, OutputDefinition } from "../pipeline/hooks.ts";
import { refuseSharedPlaces } from "./shared-places.ts";

/** What one destination gets: one image, or all of them in a bundle. */
export interface OutputJob {
  readonly destination: Destination;
  /** Indexes into `made`. */
  readonly images: readonly number[];
}

export interface MadeImage {
  readonly target: string;
  readonly platform: Platform;
}

/**
 * Which images go where. `made` is in the order of the targets; `textsOf` gives an image's `--output` texts. Throws
 * `E_OUTPUT_INVALID` for a transport that no plugin brings, and where one output would overwrite another.
 */
export function outputJobs(
  made: readonly MadeImage[],
  textsOf: (index: number) => readonly string[],
  known: ReadonlyMap<string, OutputDefinition>,
): OutputJob[] {
  const byText = new Map<string, number[]>();
  for (const index of made.keys()) {
    for (const text of new Set(textsOf(index))) byText.set(text, [...(byText.get(text) ?? []), index]);
  }
  const jobs = [...byText].flatMap(([text, indexes]) => jobsOf(text, indexes, made, known));
  refuseSharedPlaces(
    jobs.map(({ destination }) => destination),
    known,
  );
  return jobs;
}

const PLACEHOLDERS = ["{target}", "{platform}"];

/** The text with its placeholders replaced. */
export function withTarget(text: string, { target, platform }: MadeImage): string {
  return text.replaceAll("{target}", target).replaceAll("{platform}", platformText(platform).replaceAll("/", "-"));
}

function jobsOf(
  text: string,
  indexes: readonly number[],
  made: readonly MadeImage[],
  known: ReadonlyMap<string, OutputDefinition>,
): OutputJob[] {
  const transport = /^([a-z][a-z0-9-]*)(?::|$)/.exec(text)?.[1] ?? "";
  const definition = known.get(transport);
  if (definition === undefined) {
    throw new ImageDslError("E_OUTPUT_INVALID", `"${text}" names no output that is known`, {
      hint: `Write one of ${usages(known, () => true)}`,
    });
  }
  if (definition.usage.includes(":") && text.length <= transport.length + 1) {
    throw new ImageDslError("E_OUTPUT_INVALID", `"${text}" does not say where to`, {
      hint: `Write ${definition.usage}`,
    });
  }

  const unknown = text.match(/\{\w+\}/g)?.find((each) => !PLACEHOLDERS.includes(each));
  if (unknown !== undefined) {
    throw new ImageDslError("E_OUTPUT_INVALID", `"${text}" has ${unknown}, which stands for nothing`, {
      hint: `Did you mean ${nearest(unknown, PLACEHOLDERS) ?? PLACEHOLDERS.join(" or ")}?`,
    });
  }
  const groups = new Map<string, number[]>();
  for (const index of indexes) {
    const filled = withTarget(text, made[index]!);
    groups.set(filled, [...(groups.get(filled) ?? []), index]);
  }

  const jobs: OutputJob[] = [];
  for (const [filled, images] of groups) {
    const destination = { transport, rest: filled.slice(transport.length + 1), text: filled };
    definition.check?.(destination, ofOnePlatform(images, made));
    // A destination without a place (`digest`, `load`) overwrites nothing: each target has its own.
    if (!definition.usage.includes(":")) {
      jobs.push(...eachTarget(images, made, definition).map((own) => ({ destination, images: own })));
    } else jobs.push({ destination, images: checked(text, images, made, definition, known) });
  }
  return jobs;
}

/** The images of one target go together where all its platforms are taken at once, and one by one elsewhere. */
function eachTarget(
  images: readonly number[],
  made: readonly MadeImage[],
  { indexes }: OutputDefinition,
): readonly (readonly number[])[] {
  if (!indexes) return images.map((image) => [image]);
  const targets = new Set(images.map((index) => made[index]!.target));
  return Array.from(targets, (target) => images.filter((index) => made[index]!.target === target));
}

/** The most images that there are for one platform. */
function ofOnePlatform(images: readonly number[], made: readonly MadeImage[]): number {
  const counts = new Map<string, number>();
  for (const index of images) {
    const platform = platformText(made[index]!.platform);
    counts.set(platform, (counts.get(platform) ?? 0) + 1);
  }
  return Math.max(...counts.values());
}

function checked(
  text: string,
  images: readonly number[],
  made: readonly MadeImage[],
  definition: OutputDefinition,
  known: ReadonlyMap<string, OutputDefinition>,
): readonly number[] {
  const platforms = new Set(images.map((index) => platformText(made[index]!.platform)));
  const targets = new Set(images.map((index) => made[index]!.target));
  if (platforms.size > 1 && !definition.indexes) {
    throw new ImageDslError(
      "E_OUTPUT_INVALID",
      `"${text}" would hold images of several platforms (${[...platforms].join(", ")})`,
      {
        hint: `Put {platform} into the destination, or take one of ${usages(known, ({ indexes = false }) => indexes)}`,
      },
    );
  }
  if (ofOnePlatform(images, made) > 1 && !definition.bundles) {
    throw new ImageDslError("E_OUTPUT_INVALID", `"${text}" would hold several images (${[...targets].join(", ")})`, {
      hint:
        targets.size > 1
          ? "Put {target} into the destination; for --push, give each image a name or a tag of its own"
          : `Several images go into one of ${usages(known, ({ bundles }) => bundles)}`,
    });
  }
  return images;
}

function usages(known: ReadonlyMap<string, OutputDefinition>, isMeant: (each: OutputDefinition) => boolean): string {
  return Array.from(known.values())
    .filter(isMeant)
    .map(({ usage }) => usage)
    .toSorted()
    .join(", ");
}
