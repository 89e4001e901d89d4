/** An image, or an index of several, into a repository: blobs first, manifests of the images next, the tag last. */
import type { BuildContext, Digest, DocumentBlob, HttpResponse, PackedTarget } from "../../../core/index.ts";
import { finish } from "../client.ts";
import { RegistryRefusal } from "../refusal.ts";
import { withForeignLayers } from "./foreign-layers.ts";
import { manifestPathIn, scopeOf, type Repository } from "../repository.ts";
import { manifestDigest } from "./is-there.ts";
import { pushBlobs, type Belief, type PushSettings, type PushTally } from "./push-blobs.ts";
import { seemsWhole } from "./spot-check.ts";
import { ALSO_STORED, checkStored } from "./stored-digest.ts";
import { whereabouts, type Whereabouts } from "../whereabouts.ts";

export interface Pushed extends PushTally {
  /** Of the manifest or index that has the tag now. */
  readonly digest: Digest;
}

/** `tags`: without any, it is there by its digest alone. Throws `E_REGISTRY` and its like, `E_NETWORK`. */
export async function pushTarget(
  target: PackedTarget,
  repository: Repository,
  tags: readonly string[],
  context: BuildContext,
): Promise<Pushed> {
  const places = whereabouts(repository, context.store);
  try {
    return await pushTo({ repository, places }, target, tags, context);
  } finally {
    await places.save();
  }
}

async function pushTo(
  { repository, places }: Pick<PushSettings, "repository" | "places">,
  target: PackedTarget,
  tags: readonly string[],
  context: BuildContext,
): Promise<Pushed> {
  const tally: PushTally = { sentBlobs: 0, sentBytes: 0, mounted: 0, present: 0 };
  const known = await knownDigest(target);
  // Where layers are made anew the tag means something else, and whether there are images is mostly known from before.
  const asks = known !== undefined || !(await hasSome(target, places));
  const asked = tags[0] ?? known;
  const before = asks && asked !== undefined ? await manifestDigest(repository, asked) : undefined;
  const isSame = before !== undefined && before === known;
  const isLost = isSame && !(await seemsWhole(target, repository, context));
  if (isSame && !isLost && (await areAll(repository, tags.slice(1), before))) return { ...tally, digest: before };
  const hasImages = !asks || before !== undefined || (known === undefined && (await hasTags(repository)));

  async function push(belief: Belief): Promise<void> {
    tally.present = tally.mounted = 0;
    const { manifests, indexes } = await target.parts();
    for (const each of manifests) await pushBlobs(each, { repository, places, hasImages, belief, tally }, context);
    const top = await target.top();
    const inner = [...(await Promise.all(manifests.map((each) => each.manifest()))), ...indexes];
    for (const each of inner) {
      const { digest } = each.descriptor;
      if (digest !== top.descriptor.digest) await putManifest(repository, digest, each);
    }
    for (const each of tags.length > 0 ? tags : [top.descriptor.digest]) await putManifest(repository, each, top);
  }

  for (const belief of isLost ? (["registry"] as const) : (["memory", "registry"] as const)) {
    try {
      await push(belief);
      return { ...tally, digest: (await target.top()).descriptor.digest };
    } catch (error) {
      // It has lost what an earlier push left there, or says of what it has not that it has it.
      if (!lacksBlobs(error)) throw error;
    }
  }
  await push("nothing");
  return { ...tally, digest: (await target.top()).descriptor.digest };
}

/** Whether an earlier push left layers of this target there. */
async function hasSome({ images }: PackedTarget, places: Whereabouts): Promise<boolean> {
  for (const layer of images.flatMap(({ layers }) => layers)) {
    const known = await layer.known();
    if (known !== undefined && (await places.has(known.digest))) return true;
  }
  return false;
}

async function areAll(repository: Repository, tags: readonly string[], digest: Digest): Promise<boolean> {
  for (const tag of tags) if ((await manifestDigest(repository, tag)) !== digest) return false;
  return true;
}

/** Where it cannot be told, nothing is known to be there. */
async function hasTags(repository: Repository): Promise<boolean> {
  const { client, name } = repository;
  try {
    const scopes = [scopeOf(repository, "pull", "push")];
    const response = await client.send({ path: `${name}/tags/list?n=1`, scopes });
    await finish(response);
    return true;
  } catch (error) {
    if (error instanceof RegistryRefusal) return false;
    throw error;
  }
}

/** Undefined where layers would have to be made for it. */
async function knownDigest({ images, top }: PackedTarget): Promise<Digest | undefined> {
  const known = await Promise.all(images.flatMap(({ layers }) => layers.map((layer) => layer.known())));
  return known.includes(undefined) ? undefined : (await top()).descriptor.digest;
}

/** Gives the answer's headers. Throws `E_REGISTRY` and its like. */
export async function putManifest(
  repository: Repository,
  reference: string,
  { descriptor, bytes }: DocumentBlob,
): Promise<HttpResponse["headers"]> {
  const { client } = repository;
  const sent = client.send({
    method: "PUT",
    path: manifestPathIn(repository, reference),
    scopes: [scopeOf(repository, "pull", "push")],
    headers: { "content-type": descriptor.mediaType },
    body: bytes,
    accepts: ALSO_STORED,
  });
  const response = await sent.catch((error: unknown) => {
    throw withForeignLayers(error, bytes);
  });
  await finish(response);
  checkStored(repository, "manifest", descriptor.digest, response);
  return response.headers;
}

/** A manifest was refused because it names what the repository has not, whatever was known of that. */
function lacksBlobs(error: unknown): boolean {
  return error instanceof RegistryRefusal && error.refused.codes.some((code) => LACKING.has(code));
}

const LACKING = new Set(["MANIFEST_BLOB_UNKNOWN", "BLOB_UNKNOWN", "MANIFEST_UNKNOWN"]);
