/** Which of an image's layers a daemon has: as many from the bottom as an image that is there begins with. */
import { isRecord, type Digest } from "../../../core/index.ts";
import type { DockerClient } from "./client.ts";

/** So many images are looked at: those of the same name, then the youngest. */
const MOST_LOOKS = 64;
/** At a time. */
const LANES = 8;

/** 0 also where the daemon takes no archive without all layers. `name` is the image's, without a tag. */
export async function presentLayers(client: DockerClient, diffIDs: readonly Digest[], name: string): Promise<number> {
  if (diffIDs.length === 0) return 0;
  const [images, info] = await Promise.all([client.ask("/images/json"), client.ask("/info")]);
  if (!keepsLayersByChain(info)) return 0;
  const ids = likeliest(Array.isArray(images) ? images : [], name).slice(0, MOST_LOOKS);
  let most = 0;
  for (let at = 0; at < ids.length && most < diffIDs.length; at += LANES) {
    const looks = ids.slice(at, at + LANES).map((id) => client.ask(`/images/${encodeURIComponent(id)}/json`));
    for (const image of await Promise.all(looks)) most = Math.max(most, sharedWith(image, diffIDs));
  }
  return most;
}

/**
 * Docker's own store of layers knows them by what lies below them, too, and opens no file for one that it knows. With containerd's
 * store of images (and in podman, which answers as Docker does) an archive has to have all that it names.
 */
function keepsLayersByChain(info: unknown): boolean {
  if (!isRecord(info) || !Array.isArray(info["DriverStatus"]) || isContainerds(info)) return false;
  return typeof info["ServerVersion"] === "string" && info["BuildahVersion"] === undefined;
}

/** Whether a daemon that describes itself like that keeps its images in containerd's store, where their ids are the manifests' digests. */
export function isContainerds(info: unknown): boolean {
  const status: unknown = isRecord(info) ? info["DriverStatus"] : undefined;
  return (
    Array.isArray(status) && status.some((row) => Array.isArray(row) && String(row[1]).startsWith("io.containerd."))
  );
}

function likeliest(images: readonly unknown[], name: string): readonly string[] {
  return images
    .filter(isRecord)
    .flatMap(({ Id, RepoTags, Created }) => {
      if (typeof Id !== "string") return [];
      const tags = Array.isArray(RepoTags) ? RepoTags : [];
      const isNamed = tags.some((tag) => typeof tag === "string" && tag.startsWith(`${name}:`));
      return [{ id: Id, isNamed, created: typeof Created === "number" ? Created : 0 }];
    })
    .toSorted((a, b) => Number(b.isNamed) - Number(a.isNamed) || b.created - a.created || (a.id < b.id ? -1 : 1))
    .map(({ id }) => id);
}

/** How many of the layers from the bottom are the same. */
function sharedWith(image: unknown, diffIDs: readonly Digest[]): number {
  const layers = layersOf(image);
  const differs = diffIDs.findIndex((diffID, index) => layers[index] !== diffID);
  return differs < 0 ? diffIDs.length : differs;
}

/** Of an image as a daemon describes it. */
export function layersOf(image: unknown): readonly unknown[] {
  const rootFS = isRecord(image) ? image["RootFS"] : undefined;
  const layers: unknown = isRecord(rootFS) ? rootFS["Layers"] : undefined;
  return Array.isArray(layers) ? layers : [];
}
