/** `copy`: an image from one transport to another. What can stay as it is stays: layers byte for byte, configs, manifests. */
import { ImageDslError } from "../../error.ts";
import { passingLock } from "../../lock/passing-lock.ts";
import { platformText, type Platform } from "../../model/platform.ts";
import type { BuildResult } from "../../pipeline/builder-hooks.ts";
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
  const there = await withImages(source, { ...reading, options }, (images) => Promise.resolve(platformsOf(images)));
  const takesIndexes = builder.outputs.get(to.split(":", 1)[0]!)?.indexes ?? false;
  const chosen = platforms.length > 0 ? platforms : takesIndexes ? there : hostOf(there, platform, from);
  const graph = graphOf(source, chosen.length > 0 ? chosen : [platform], directory);
  return runBuild(builder, graph, { ...options, outputs: [to] });
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
