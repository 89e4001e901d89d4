/** Finished images into a registry. */
import {
  packTargets,
  sizeText,
  splitReference,
  writtenImage,
  type BuildContext,
  type Destination,
  type OutputImage,
  type OutputResult,
} from "../../../core/index.ts";
import { registryClient } from "../client.ts";
import { readDestination } from "../destination.ts";
import type { PushTally } from "./push-blobs.ts";
import { pushTarget, type Pushed } from "./push-target.ts";

export async function pushOutput(
  images: readonly OutputImage[],
  destination: Destination,
  context: BuildContext,
): Promise<OutputResult> {
  const { registry, repository: name, tag } = readDestination(destination);
  const [target] = packTargets(images, "kept", context);
  const failure = new AbortController();
  const signal = AbortSignal.any([context.signal, failure.signal]);
  const client = registryClient({ registry, insecureHosts: context.insecureHosts, signal });
  const own = tag ?? splitReference(await target!.reference())[1];
  if (context.dryRun) {
    const { previewPush } = await import("./preview-push.ts");
    return {
      message: `Would push ${registry}/${name}:${own}; ${countText(await previewPush(target!, { client, name }, context))}`,
    };
  }
  let pushed: Pushed;
  try {
    pushed = await pushTarget(target!, { client, name }, [own], { ...context, signal });
  } catch (error) {
    // What else is on its way is not waited for.
    failure.abort(error);
    throw error;
  }
  const message = `Pushed ${registry}/${name}:${own}@${pushed.digest}; ${countText(pushed)}`;
  return { message, written: [{ ...(await writtenImage(target!)), reference: `${registry}/${name}:${own}` }] };
}

function countText({ sentBlobs, sentBytes, mounted, present }: PushTally): string {
  return [
    sentBlobs === 0 ? "nothing new" : `${sentBlobs} new blobs of ${sizeText(sentBytes)}`,
    ...(mounted > 0 ? [`${mounted} mounted`] : []),
    ...(present > 0 ? [`${present} there already`] : []),
  ].join(", ");
}
