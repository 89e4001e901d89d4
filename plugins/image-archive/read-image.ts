/** From an archive or an OCI layout to a base image. */
import {
  flattenInPieces,
  inTurns,
  isReference,
  placedIn,
  type BaseImage,
  type StageContext,
} from "../../core/index.ts";
import { baseLayer } from "./base-layer.ts";
import { chooseImage } from "./choose.ts";
import { openImageFiles } from "./files.ts";
import { readConfig } from "./image-config.ts";
import { listImages } from "./manifests.ts";
import type { ImageArchiveOptions } from "./source.ts";
import { wrong } from "./wrong.ts";

/** Throws `E_BASE_IMAGE`, `E_HASH_MISMATCH`, `E_COMPRESSION`, `E_TAR_INVALID`. */
export function readImage(options: ImageArchiveOptions, context: StageContext): Promise<BaseImage> {
  return placedIn(options.file, () => readFrom(options, context));
}

async function readFrom({ file, ...wish }: ImageArchiveOptions, context: StageContext): Promise<BaseImage> {
  const files = await openImageFiles(file, context);
  const stored = chooseImage(await listImages(files), { ...wish, platform: context.platform }, file);
  const parts = await stored.read();
  const { diffIDs, ...config } = readConfig(parts.config, files);
  if (diffIDs.length !== parts.layers.length) {
    throw wrong(files, `its config speaks of ${diffIDs.length} layers, and there are ${parts.layers.length}`);
  }
  const layers = await context.tasks.map("cpu", parts.layers, (place, index) =>
    baseLayer(place, diffIDs[index]!, context),
  );
  const reference = stored.names.find(isReference);
  return {
    ...config,
    layers,
    tree: await inTurns(flattenInPieces(layers), context.signal),
    configBytes: () => Promise.resolve(parts.config),
    ...(reference !== undefined && { reference }),
  };
}
