/** `--dry-run` of a push: what would have to be sent. It asks, and changes nothing. */
import { digestOfBlob, type BlobDigest, type BuildContext, type PackedTarget } from "../../../core/index.ts";
import { RegistryRefusal } from "../refusal.ts";
import type { Repository } from "../repository.ts";
import { isThere } from "./is-there.ts";
import type { PushTally } from "./push-blobs.ts";
import { otherRepository, whereabouts } from "../whereabouts.ts";

export async function previewPush(
  target: PackedTarget,
  repository: Repository,
  context: BuildContext,
): Promise<PushTally> {
  const tally: PushTally = { sentBlobs: 0, sentBytes: 0, mounted: 0, present: 0 };
  const places = whereabouts(repository, context.store);
  for (const { layers, config } of (await target.parts()).manifests) {
    const { descriptor } = await config();
    const blobs = [];
    // One after the other, as making one takes all processors.
    for (const layer of new Set(layers))
      blobs.push({ ...(await digestOfBlob(layer)), from: otherRepository(repository, layer.repository) });
    await context.tasks.map("net", [...blobs, { ...descriptor, from: undefined }], async ({ digest, size, from }) => {
      const elsewhere = from ?? (await places.elsewhere(digest));
      if (await isThere(repository, { digest, size }, ["pull"])) tally.present++;
      else if (elsewhere !== undefined && (await canMount(repository, { digest, size }, elsewhere))) tally.mounted++;
      else {
        tally.sentBlobs++;
        tally.sentBytes += size;
      }
    });
  }
  return tally;
}

/** What was there once may be gone with its repository, or not be ours to read. */
async function canMount({ client }: Repository, blob: BlobDigest, from: string): Promise<boolean> {
  try {
    return await isThere({ client, name: from }, blob, ["pull"]);
  } catch (error) {
    if (error instanceof RegistryRefusal) return false;
    throw error;
  }
}
