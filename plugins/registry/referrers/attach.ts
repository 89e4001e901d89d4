/** Files beside an image in its repository, as what refers to it. */
import { packArtifact, type Artifact, type Attached, type BuildContext } from "../../../core/index.ts";
import { pushBlobs } from "../push/push-blobs.ts";
import { putManifest } from "../push/push-target.ts";
import { wholeName } from "../repository.ts";
import type { RegistryImageOptions } from "../source.ts";
import { whereabouts } from "../whereabouts.ts";
import { listUnderTag } from "./referrers-tag.ts";
import { openSubject } from "./subject.ts";

/** Throws `E_REGISTRY` and its like, `E_NETWORK`, `E_BASE_IMAGE`, and what cannot be read. */
export async function attach(
  options: RegistryImageOptions,
  artifact: Artifact,
  context: BuildContext,
): Promise<Attached> {
  const { repository, subject } = await openSubject(options, context);
  const { layers, config, manifest } = await packArtifact(artifact, subject);
  const tally = { sentBlobs: 0, sentBytes: 0, mounted: 0, present: 0 };
  const places = whereabouts(repository, context.store);
  const settings = { repository, places, hasImages: true, belief: "registry", tally } as const;
  await pushBlobs({ layers, config: () => Promise.resolve(config) }, settings, context);
  await places.save();
  const answer = await putManifest(repository, manifest.descriptor.digest, manifest);
  // Who knows of subjects says so; else whoever looks for referrers looks under a tag.
  if (answer["oci-subject"] !== subject.digest)
    await listUnderTag(repository, subject.digest, manifest.descriptor, context);
  return { manifest: manifest.descriptor, subject, place: wholeName(repository) };
}
