/** `prefetch`: an image into the store, so that a build that names its digest, or whose lock does, finds it there. */
import { storedBase } from "../../distribution/stored-image.ts";
import type { StoredImages } from "../../distribution/stored-image.ts";
import { ImageDslError } from "../../error.ts";
import type { Digest } from "../../model/digest.ts";
import type { StageContext } from "../../pipeline/hooks.ts";
import { lockFileOf } from "../lock-place.ts";
import { withSession } from "../session.ts";
import { graphOf, readImages, sourceOf, withImages, type ImageReading } from "./input.ts";

/** Gives the digest of what the name means: a manifest's, or that of an index for several platforms. Throws what reading throws. */
export function prefetchImage(text: string, reading: ImageReading): Promise<Digest> {
  return withImages(sourceOf(text, reading.builder), reading, fetchImage);
}

export interface Pin {
  readonly digest: Digest;
  /** Where it stands. */
  readonly file: string;
  /** Whether it was there before: then it is what was fetched, whatever the name means by now. */
  readonly isOld: boolean;
}

/** The same by the lock of a config, which is pinned to it as a build of that config would do it. */
export function pinImage(text: string, configFile: string, reading: ImageReading): Promise<Pin> {
  const { builder, platform, directory, options } = reading;
  const source = sourceOf(text, builder);
  const graph = Object.freeze({ ...graphOf(source, [platform], directory), configFile });
  return withSession(builder, graph, options, async (session) => {
    const digest = await readImages(source, session, fetchImage);
    // Not before all of it is here.
    const isNew = await session.lock.save(false);
    return { digest, file: lockFileOf(graph), isOld: !isNew };
  });
}

async function fetchImage(images: StoredImages, context: StageContext): Promise<Digest> {
  await storedBase(images, { platform: context.platform }, context);
  if (images.digest !== undefined) return images.digest;
  throw new ImageDslError("E_USAGE", `"${images.shown}" has no digest of its own`, {
    hint: "Name an image in a registry: HOST/NAME:TAG",
  });
}
