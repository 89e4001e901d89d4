/** Finished images into a registry. */
import {
  DOCKER_TAKES,
  MANIFEST_FORMATS,
  compressionOfType,
  packTargets,
  sizeText,
  splitReference,
  writtenImage,
  type BuildContext,
  type Destination,
  type OutputImage,
  type OutputResult,
  type PackedTarget,
} from "../../../core/index.ts";
import { readDestination } from "../destination.ts";
import { ownClient } from "../own-client.ts";
import type { PushTally } from "./push-blobs.ts";
import { pushTarget, type Pushed } from "./push-target.ts";

export async function pushOutput(
  images: readonly OutputImage[],
  destination: Destination,
  context: BuildContext,
): Promise<OutputResult> {
  const place = readDestination(destination);
  const { registry, repository: name } = place;
  const [target] = packTargets(images, MANIFEST_FORMATS, context);
  const failure = new AbortController();
  const signal = AbortSignal.any([context.signal, failure.signal]);
  const client = await ownClient(place, context.insecureHosts, signal);
  const tags = place.tag === undefined ? await ownTags(target!, `${registry}/${name}`) : [place.tag];
  const [tagged, ...aliases] = tags.map((tag) => `${registry}/${name}:${tag}`);
  const also = aliases.map((alias) => `, ${alias}`).join("");
  if (context.dryRun) {
    const { previewPush } = await import("./preview-push.ts");
    const preview = await previewPush(target!, { client, name }, context);
    const reference = tagged ?? `${registry}/${name}@${(await target!.top()).descriptor.digest}`;
    return { message: `Would push ${reference}${also}; ${countText(preview)}` };
  }
  tellDemands(target!, context);
  let pushed: Pushed;
  try {
    pushed = await pushTarget(target!, { client, name }, tags, { ...context, signal });
  } catch (error) {
    // What else is on its way is not waited for.
    failure.abort(error);
    throw error;
  }
  const byDigest = `${tagged ?? `${registry}/${name}`}@${pushed.digest}`;
  const message = `Pushed ${byDigest}${also}; ${countText(pushed)}`;
  return { message, written: [{ ...(await writtenImage(target!)), reference: tagged ?? byDigest }], aliases };
}

/** Those of the target's names that are in this repository, else those of all of them. None of what comes from elsewhere and has none. */
async function ownTags(target: PackedTarget, repository: string): Promise<readonly string[]> {
  const own = await target.reference();
  const tag = target.called?.tag;
  if (own === undefined) return tag === undefined ? [] : [tag];
  const references = [own, ...target.aliases].map(splitReference);
  const here = references.filter(([name]) => name === repository);
  return [...new Set((here.length > 0 ? here : references).map(([, tag]) => tag))];
}

/** What those who pull it need. */
function tellDemands({ target, images }: PackedTarget, { emit }: BuildContext): void {
  const isZstd = images.some(({ layers }) => layers.some(({ mediaType }) => compressionOfType(mediaType) === "zstd"));
  if (!isZstd) return;
  const since = DOCKER_TAKES.find(({ what }) => what === "zstd layers")!.since;
  emit({ type: "note", message: `${target} has zstd layers, which Docker before ${since} cannot pull` });
}

function countText({ sentBlobs, sentBytes, mounted, present }: PushTally): string {
  return [
    sentBlobs === 0 ? "nothing new" : `${sentBlobs} new blobs of ${sizeText(sentBytes)}`,
    ...(mounted > 0 ? [`${mounted} mounted`] : []),
    ...(present > 0 ? [`${present} there already`] : []),
  ].join(", ");
}
