/** What the lock remembers of an image's layers, and of those of the config's other images. */
import type { Json, Lock, PlanMemory, RememberedLayer } from "../../core/index.ts";
import { LOCK_KIND, memorySchema } from "./memory-json.ts";

export interface Recalled {
  /** Undefined of an image that was not planned before. */
  readonly memory: PlanMemory | undefined;
  /** Layers of the others. */
  readonly others: readonly RememberedLayer[];
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
  const before = new WeakMap<Lock, readonly Remembered[]>();
  return (request, lock) => {
    const now = rememberedIn(lock);
    const known = before.get(lock) ?? now;
    before.set(lock, known);
    // With a frozen lock this throws, as for all that is not pinned.
    const memory =
      lock.peek(LOCK_KIND, { ...request }, memorySchema) ??
      lock.read(LOCK_KIND, request.target, { ...request }, memorySchema);
    return { memory, others: (memory === undefined ? now : known).flatMap((each) => layersFor(request, each)) };
  };
}

interface Remembered {
  readonly request: Json;
  readonly layers: readonly RememberedLayer[];
}

function rememberedIn(lock: Lock): readonly Remembered[] {
  return lock.previous(LOCK_KIND, memorySchema).map(({ request, answer }) => ({ request, layers: answer().layers }));
}

/** Of another image for the same platform. */
function layersFor(own: ImageRequest, { request, layers }: Remembered): readonly RememberedLayer[] {
  const { target, platform, image } = request as unknown as ImageRequest;
  const isOwn = target === own.target && image === own.image;
  return platform === own.platform && !isOwn ? layers : [];
}
