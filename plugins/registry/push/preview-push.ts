/** `--dry-run` of a push: what would have to be sent. It asks, and changes nothing. */
import { digestOfBlob, type BuildContext, type PackedTarget } from "../../../core/index.ts";
import { finish } from "../client.ts";
import { ACCEPTED_MANIFESTS, blobPathIn, manifestPathIn, scopeOf, type Repository } from "../repository.ts";
import type { PushTally } from "./push-blobs.ts";
import { otherRepository, whereabouts } from "../whereabouts.ts";

export async function previewPush(
  target: PackedTarget,
  repository: Repository,
  context: BuildContext,
): Promise<PushTally> {
  const tally: PushTally = { sentBlobs: 0, sentBytes: 0, mounted: 0, present: 0 };
  const places = whereabouts(repository, context.store);
  const { descriptor: top } = await target.top();
  if (await answers(repository, manifestPathIn(repository, top.digest))) return tally;
  for (const { layers, config } of target.images) {
    const { descriptor } = await config();
    const blobs = [];
    // One after the other, as making one takes all processors.
    for (const layer of new Set(layers))
      blobs.push({ ...(await digestOfBlob(layer)), from: otherRepository(repository, layer.repository) });
    await context.tasks.map("net", [...blobs, { ...descriptor, from: undefined }], async ({ digest, size, from }) => {
      const elsewhere = from ?? (await places.find(digest)).find((name) => name !== repository.name);
      if (await answers(repository, blobPathIn(repository, digest))) tally.present++;
      else if (elsewhere !== undefined) tally.mounted++;
      else {
        tally.sentBlobs++;
        tally.sentBytes += size;
      }
    });
  }
  return tally;
}

async function answers(repository: Repository, path: string): Promise<boolean> {
  const scopes = [scopeOf(repository, "pull")];
  const headers = { accept: `${ACCEPTED_MANIFESTS}, */*` };
  const response = await repository.client.send({ method: "HEAD", path, scopes, headers, accepts: [404] });
  await finish(response);
  return response.status === 200;
}
