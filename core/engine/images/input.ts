/** Images that are named on the command line: from a transport's text, or a path, to a source and what it holds. */
import { ImageDslError } from "../../error.ts";
import type { BuildGraph } from "../../graph/build-graph.ts";
import { asIs } from "../../image/as-is.ts";
import { passingLock } from "../../lock/passing-lock.ts";
import { platformText, type Platform } from "../../model/platform.ts";
import type { Source } from "../../model/source.ts";
import type { StoredImages } from "../../distribution/stored-image.ts";
import type { StageContext } from "../../pipeline/hooks.ts";
import type { Builder } from "../../pipeline/plugin.ts";
import type { BuildOptions } from "../build-options.ts";
import { stageContext } from "../plan-image.ts";
import { withSession, type Session } from "../session.ts";

/** Throws `E_USAGE`. */
export function sourceOf(text: string, { inputs }: Builder): Source {
  const transport = /^([a-z][a-z0-9-]*):/.exec(text)?.[1];
  const named = transport === undefined ? undefined : inputs.get(transport);
  if (named !== undefined) return named.sourceOf(text.slice(named.transport.length + 1), text);
  const path = [...inputs.values()].find(({ takesPath }) => takesPath?.(text));
  if (path !== undefined) return path.sourceOf(text, text);
  const usages = [...inputs.values()].map(({ usage }) => usage).toSorted();
  throw new ImageDslError("E_USAGE", `"${text}" is no image that is known: no transport, and no file or folder`, {
    hint: `Write a path, or one of ${usages.join(", ")}`,
  });
}

/** The graph of one image that is handed on as it is; `isWhole`: with the index that it came in. */
export function graphOf(
  source: Source,
  platforms: readonly Platform[],
  directory: string,
  isWhole = false,
): BuildGraph {
  const image = { ...asIs("image", { image: source, inherit: "all" }), ...(isWhole && { isWhole }) };
  return Object.freeze({
    images: new Map([["image", image]]),
    byPlatform: new Map(),
    outputs: [],
    platforms,
    isHostsPlatform: false,
    narrowed: true,
    directory,
  });
}

/** How images are looked at that no config asks for. */
export interface ImageReading {
  readonly builder: Builder;
  /** Of an image for several, which. */
  readonly platform: Platform;
  /** Relative paths start here. */
  readonly directory: string;
  readonly options: BuildOptions;
}

/** What a source holds, for as long as `work` goes on. No lock is looked at. */
export async function withImages<Result>(
  source: Source,
  { builder, platform, directory, options }: ImageReading,
  work: (images: StoredImages, context: StageContext) => Promise<Result>,
): Promise<Result> {
  const graph = graphOf(source, [platform], directory);
  return withSession(builder, graph, { pins: passingLock(), ...options }, (session) =>
    readImages(source, session, work),
  );
}

export async function readImages<Result>(
  source: Source,
  { builds: [build], context }: Session,
  work: (images: StoredImages, context: StageContext) => Promise<Result>,
): Promise<Result> {
  const inner = stageContext(build!, context);
  const images = await build!.hooks.images.for(source.kind).promise(source, inner);
  if (images === undefined) {
    throw new ImageDslError("E_USAGE", `The kind "${source.kind}" does not tell which images there are`);
  }
  return work(images, inner);
}

/** The platforms of images that differ in nothing else. Throws `E_USAGE` where one is there twice: they are several images. */
export function platformsOf({ shown, images }: StoredImages): readonly Platform[] {
  const platforms = images.flatMap(({ platform }) => platform ?? []);
  const texts = platforms.map(platformText);
  const isOne = images.length === 1 || (platforms.length === images.length && new Set(texts).size === texts.length);
  if (isOne) return platforms;
  const names = images.flatMap(({ names: [name] }) => name ?? []);
  throw new ImageDslError("E_USAGE", `"${shown}" holds ${images.length} images, where one is wanted`, {
    hint: names.length > 0 ? `Name one: ${names.slice(0, 10).join(", ")}` : "Give each image a place of its own",
  });
}
