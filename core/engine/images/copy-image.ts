/** `copy`: an image from one transport to another. What can stay as it is stays: layers byte for byte, configs, manifests. */
import { ImageDslError } from "../../error.ts";
import { shownText } from "../../distribution/unsound.ts";
import type { ImageIndex } from "../../image/image.ts";
import { passingLock } from "../../lock/passing-lock.ts";
import { platformText, type Platform } from "../../model/platform.ts";
import type { BuildResult } from "../../pipeline/builder-hooks.ts";
import type { BuildOptions } from "../build-options.ts";
import { runBuild } from "../run-build.ts";
import { graphOf, platformsOf, sourceOf, withImages, type ImageReading } from "./input.ts";

/**
 * `platforms`: without any, all that are there; where the destination takes one only, `reading.platform`, this machine's.
 * Throws `E_USAGE`, `E_OUTPUT_INVALID`, and what reading and writing throw.
 */
export async function copyImage(
  from: string,
  to: string,
  platforms: readonly Platform[],
  reading: ImageReading,
): Promise<readonly BuildResult[]> {
  const { builder, platform, directory } = reading;
  const source = sourceOf(from, builder);
  // What a tag means is asked once: it could mean another image when the copy begins.
  const options = { ...reading.options, pins: passingLock() };
  const { there, index } = await withImages(source, { ...reading, options }, (images) =>
    Promise.resolve({ there: platformsOf(images), index: images.index }),
  );
  const takesIndexes = builder.outputs.get(to.split(":", 1)[0]!)?.indexes ?? false;
  const chosen = platforms.length > 0 ? platforms : takesIndexes ? there : hostOf(there, platform, from);
  const wanted = chosen.length > 0 ? chosen : [platform];
  const isWhole = platforms.length === 0;
  if (!takesIndexes || !isWhole) tellLeftOut(from, there, wanted, index, options);
  const graph = graphOf(source, wanted, directory, isWhole);
  return runBuild(builder, graph, { ...options, outputs: [to] });
}

/** What the source has and the destination will not have. */
function tellLeftOut(
  from: string,
  there: readonly Platform[],
  wanted: readonly Platform[],
  index: ImageIndex | undefined,
  { onEvent }: BuildOptions,
): void {
  const texts = new Set(wanted.map(platformText));
  const lost = [
    ...there.map(platformText).filter((text) => !texts.has(text)),
    ...(index?.others ?? []).map(({ digest, mediaType }) => `${digest} (${shownText(mediaType)})`),
  ];
  if (lost.length === 0) return;
  onEvent?.({
    type: "warning",
    code: "W_INDEX",
    message: `Of "${from}", only ${[...texts].join(", ")} is copied: ${lost.join(", ")} ${lost.length === 1 ? "is" : "are"} left out`,
    hint: "Without --platform, a registry or an OCI layout gets all of it",
  });
}

function hostOf(there: readonly Platform[], host: Platform, from: string): readonly Platform[] {
  if (there.length < 2) return there;
  const found = there.find(({ os, architecture }) => os === host.os && architecture === host.architecture);
  if (found !== undefined) return [found];
  throw new ImageDslError(
    "E_USAGE",
    `"${from}" is not for this machine's platform, and one platform has to be chosen`,
    {
      hint: `Write --platform ${there.map(platformText).join(" or --platform ")}`,
    },
  );
}
