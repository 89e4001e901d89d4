/** Remembered layers of many images by the nodes in them: what one image shares with others is found without a look at all of theirs. */
import type { RememberedLayer } from "./plan-memory.ts";

/** What is remembered of all images that share what they can. */
export interface LayersOfImages {
  /** Of an image once, or in several parts. */
  add(image: string, layers: readonly RememberedLayer[]): void;
  /** Those of all images but this one. */
  others(image: string): OtherLayers;
}

/** Layers of all images but one. */
export interface OtherLayers {
  /** As they were added; of those of the same nodes the first. */
  all(): Iterable<RememberedLayer>;
  /** Whether there is one of the same nodes, of whatever versions. */
  has(layer: RememberedLayer): boolean;
}

interface Owned {
  readonly image: string;
  readonly layer: RememberedLayer;
}

/** Of no image yet. */
export function layersOfImages(): LayersOfImages {
  /** The first, and the first of another image. */
  const byNodes = new Map<string, readonly Owned[]>();
  const otherThan = (image: string, owned: readonly Owned[] = []) => owned.find((each) => each.image !== image)?.layer;

  return {
    add(image, layers) {
      for (const layer of layers) {
        const nodes = nodesOf(layer);
        const owned = byNodes.get(nodes) ?? [];
        if (owned.length < 2 && owned[0]?.image !== image) byNodes.set(nodes, [...owned, { image, layer }]);
      }
    },
    others: (image) => ({
      *all() {
        for (const owned of byNodes.values()) {
          const layer = otherThan(image, owned);
          if (layer !== undefined) yield layer;
        }
      },
      has: (layer) => otherThan(image, byNodes.get(nodesOf(layer))) !== undefined,
    }),
  };
}

function nodesOf(layer: RememberedLayer): string {
  return [...layer.keys()].sort().join("\0");
}
