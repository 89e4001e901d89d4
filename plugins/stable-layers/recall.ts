/** What the lock remembers of an image's layers, and of those of the config's other images. */
import {
  indexOfPrevious,
  layersOfImages,
  type LayersOfImages,
  type Lock,
  type OtherLayers,
  type PlanMemory,
  type PreviousAnswer,
} from "../../core/index.ts";
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
  const before = new WeakMap<Lock, ByPlatform>();
  const [first, latest] = [byPlatform(), byPlatform()];
  return (request, lock) => {
    const known = before.get(lock) ?? first(lock);
    before.set(lock, known);
    // With a frozen lock this throws, as for all that is not pinned.
    const memory =
      lock.peek(LOCK_KIND, { ...request }, memorySchema) ??
      lock.read(LOCK_KIND, request.target, { ...request }, memorySchema);
    return { memory, others: othersOf(request, memory === undefined ? latest(lock) : known) };
  };
}

type ByPlatform = Map<string, LayersOfImages>;

function byPlatform(): (lock: Lock) => ByPlatform {
  return indexOfPrevious(LOCK_KIND, memorySchema, () => new Map(), addTo);
}

function addTo(all: ByPlatform, entry: PreviousAnswer<PlanMemory>): void {
  const request = entry.request as unknown as ImageRequest;
  const layers = all.get(request.platform) ?? layersOfImages();
  layers.add(imageKey(request), entry.answer().layers);
  all.set(request.platform, layers);
}

function othersOf(request: ImageRequest, all: ByPlatform): OtherLayers | undefined {
  return all.get(request.platform)?.others(imageKey(request));
}

function imageKey({ target, image }: ImageRequest): string {
  return JSON.stringify([target, image]);
}
