/** What the lock remembers of an image's layers, and of those of the config's other images. */
import { layersOfImages, type LayersOfImages, type Lock, type OtherLayers, type PlanMemory } from "../../core/index.ts";
import { LOCK_KIND, memorySchema } from "./memory-json.ts";

export interface Recalled {
  /** Undefined of an image that was not planned before. */
  readonly memory: PlanMemory | undefined;
  /** Layers of the others, for the same platform. */
  readonly others: OtherLayers | undefined;
}

export interface ImageRequest {
  readonly target: string;
  readonly platform: string;
  /** Its name, where the target is several images. */
  readonly image?: string;
}

/**
 * For all builds together, since an image's plan must not depend on which others are built with it: others count as they were before
 * any of them was planned. The first plan of an image, which is pinned then, may take what it finds.
 */
export function recaller(): (request: ImageRequest, lock: Lock) => Recalled {
  const before = new WeakMap<Lock, Indexed>();
  const latest = new WeakMap<Lock, Indexed>();
  return (request, lock) => {
    const known = before.get(lock) ?? indexed(rememberedIn(lock));
    before.set(lock, known);
    // With a frozen lock this throws, as for all that is not pinned.
    const memory =
      lock.peek(LOCK_KIND, { ...request }, memorySchema) ??
      lock.read(LOCK_KIND, request.target, { ...request }, memorySchema);
    if (memory !== undefined) return { memory, others: othersOf(request, known) };
    const now = indexed(rememberedIn(lock), latest.get(lock));
    latest.set(lock, now);
    return { memory, others: othersOf(request, now) };
  };
}

interface Remembered {
  readonly request: ImageRequest;
  readonly memory: PlanMemory;
}

function rememberedIn(lock: Lock): readonly Remembered[] {
  return lock.previous(LOCK_KIND, memorySchema).map(({ request, answer }) => ({
    request: request as unknown as ImageRequest,
    memory: answer(),
  }));
}

interface Indexed {
  readonly of: readonly Remembered[];
  readonly byPlatform: Map<string, LayersOfImages>;
}

/** `shorter` goes on where it is of the first ones: mostly, one image was planned since. */
function indexed(all: readonly Remembered[], shorter?: Indexed): Indexed {
  const goesOn = shorter?.of.every(({ memory }, index) => memory === all[index]?.memory) === true;
  const byPlatform = goesOn ? shorter.byPlatform : new Map<string, LayersOfImages>();
  for (const { request, memory } of goesOn ? all.slice(shorter.of.length) : all) {
    const layers = byPlatform.get(request.platform) ?? layersOfImages();
    layers.add(imageKey(request), memory.layers);
    byPlatform.set(request.platform, layers);
  }
  return { of: all, byPlatform };
}

function othersOf(request: ImageRequest, { byPlatform }: Indexed): OtherLayers | undefined {
  return byPlatform.get(request.platform)?.others(imageKey(request));
}

function imageKey({ target, image }: ImageRequest): string {
  return JSON.stringify([target, image]);
}
