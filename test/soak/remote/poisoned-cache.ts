/** A repository as a shared cache in which nothing is to be believed: signed by somebody else, or each name with another's contents. */
import { newKeyPair, type KeyPair } from "../../../core/store/shared-cache/entry-signature.ts";
import { buildPacks, type Packs, type PacksWish } from "../../e2e/remote-project.ts";
import type { DockerRegistry } from "../../plugins/registry/support/docker-registry.ts";

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

export interface PoisonedCache {
  /** What a reader is to say. */
  readonly warning: string;
  readonly wish: NonNullable<PacksWish["sharedCache"]>;
}

/** All that a build of the packs publishes is there. */
export async function poisonedCaches(registry: DockerRegistry, packs: Packs): Promise<readonly PoisonedCache[]> {
  const [ours, others] = [newKeyPair(), newKeyPair()];
  await publish(registry, packs, "signed-by-others", others);
  await publish(registry, packs, "exchanged", ours);
  await exchange(registry, "exchanged");
  const reader = (name: string) => ({ at: placeOf(registry, name), publicKeys: [ours.publicKey] });
  return [
    { warning: "W_SHARED_CACHE_UNSIGNED", wish: reader("signed-by-others") },
    { warning: "W_SHARED_CACHE_UNSIGNED", wish: reader("exchanged") },
  ];
}

async function publish(registry: DockerRegistry, packs: Packs, name: string, { privateKey }: KeyPair): Promise<void> {
  await buildPacks(packs, {
    sharedCache: { at: placeOf(registry, name), privateKey: { text: privateKey, from: "the soak" } },
  });
}

function placeOf({ host }: DockerRegistry, name: string): string {
  return `docker://${host}/${name}`;
}

/** Each tag gets the manifest of the next. */
async function exchange({ url }: DockerRegistry, name: string): Promise<void> {
  const at = `${url}/v2/${name}`;
  const { tags } = (await (await fetch(`${at}/tags/list`)).json()) as { readonly tags: readonly string[] };
  const manifests = await Promise.all(
    tags.map(async (tag) => (await fetch(`${at}/manifests/${tag}`, { headers: { accept: MANIFEST } })).text()),
  );
  for (const [index, tag] of tags.entries()) {
    const body = manifests[(index + 1) % tags.length]!;
    const { status } = await fetch(`${at}/manifests/${tag}`, {
      method: "PUT",
      body,
      headers: { "content-type": MANIFEST },
    });
    if (status !== 201) throw new Error(`The registry takes no exchanged manifest: ${status}`);
  }
}
