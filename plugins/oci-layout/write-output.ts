/** Finished images into a layout's folder or archive. */
import { resolve } from "node:path";
import {
  packTargets,
  writeChunks,
  writtenImage,
  type BuildContext,
  type Destination,
  type OutputImage,
  type OutputResult,
  type PackedTarget,
  type WrittenImage,
} from "../../core/index.ts";
import { layoutArchive } from "./archive.ts";
import { writeLayout } from "./directory.ts";
import { readPlace } from "./place.ts";

export async function writeOutput(
  images: readonly OutputImage[],
  destination: Destination,
  context: BuildContext,
): Promise<OutputResult> {
  const targets = packTargets(images, ["oci"], context);
  const place = readPlace(destination, targets.length);
  if (destination.transport === "oci") await writeLayout(resolve(place.path), targets, place, context);
  else await writeChunks(resolve(place.path), layoutArchive(targets, place.name), context.signal);
  const [{ called, reference }] = targets as readonly [PackedTarget];
  const own = place.name ?? called?.inLayout ?? (await reference());
  const name = targets.length > 1 ? "NAME:TAG" : own;
  const written: WrittenImage[] = [];
  for (const target of targets) written.push(await writtenImage(target));
  return {
    written,
    aliases: place.name === undefined ? targets.flatMap((target) => target.aliases) : [],
    message: `Wrote ${place.path}; run it with: podman run --rm ${destination.transport}:${place.path}${name === undefined ? "" : `:${name}`}`,
  };
}
