/** What comes back of a task that made layers, as far as it says of itself. */
import { isDigest, type Digest } from "../../model/digest.ts";
import { isRecord } from "../../model/json.ts";
import type { RemoteBlob } from "../../model/remote-work.ts";

/** The blob is the layer as it is compressed. */
export interface LayerResult extends RemoteBlob {
  readonly diffID: Digest;
}

/** Undefined for what is no list of so many layers. */
export function readMadeLayers(text: string, count: number): readonly LayerResult[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return Array.isArray(value) && value.length === count && value.every(isMadeLayer) ? value : undefined;
}

function isMadeLayer(value: unknown): value is LayerResult {
  if (!isRecord(value)) return false;
  const { diffID, digest, size } = value;
  return isDigest(diffID) && isDigest(digest) && Number.isSafeInteger(size) && (size as number) > 0;
}
