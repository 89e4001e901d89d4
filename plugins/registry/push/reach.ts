/** Whether registries answer and let us write: asked while images are planned, so that a long build is not made for nothing. */
import { ImageDslError, type BuildContext, type Destination } from "../../../core/index.ts";
import { readDestination, type PushPlace } from "../destination.ts";
import { ownClient } from "../own-client.ts";
import { manifestDigest } from "./is-there.ts";

/** Throws `E_NETWORK` and `E_REGISTRY_AUTH`. Each registry is asked once, what a push would ask it first. */
export async function reachRegistries(
  destinations: readonly Destination[],
  { insecureHosts, signal }: BuildContext,
): Promise<void> {
  const places = destinations.map(readDestination);
  const byRegistry = new Map(places.toReversed().map((place) => [place.registry, place]));
  await Promise.all(Array.from(byRegistry.values(), (place) => reach(place, insecureHosts, signal)));
}

async function reach(place: PushPlace, insecureHosts: readonly string[], signal: AbortSignal): Promise<void> {
  try {
    const client = await ownClient(place, insecureHosts, signal);
    await manifestDigest({ client, name: place.repository }, place.tag ?? "latest");
  } catch (error) {
    if (error instanceof ImageDslError && FINAL.has(error.code)) throw error;
    // A registry that is busy may not be when there is something to push.
  }
}

const FINAL = new Set(["E_NETWORK", "E_REGISTRY_AUTH", "E_ABORTED"]);
