/** The layer plan: which nodes share a layer, in which order, and why. */
import type { LayeringPipeline } from "./layering-pipeline.ts";

export interface PlanLimits {
  /** Layers that the closure may fill: `maxLayers` less the base's and the top one. At least 1. */
  readonly layers: number;
  /** What the strategy `pipeline` does. */
  readonly pipeline?: LayeringPipeline;
}

/** Nodes that share a layer, and why. */
export interface LayerGroup {
  /** Their ids. */
  readonly nodes: readonly string[];
  /** One phrase a person can read: `largest remaining: libc6 (12.3 MB)`, `cycle: libc6, libgcc-s1`, … */
  readonly reason: string;
  /** Bytes of the nodes' regular files, before merging. */
  readonly size: number;
}

/** Bottom layer first. Every node of the graph is in exactly one group, or in `top`. */
export interface LayerPlan {
  /** What made it. */
  readonly strategy: string;
  /** The layer of the groups holds what belongs to no node, and what scripts change, too: there is one layer in all. */
  readonly joinsTop?: true;
  /** Each is a layer. */
  readonly groups: readonly LayerGroup[];
  /** Nodes that join what belongs to no node, in the layer above the groups. */
  readonly top?: readonly string[];
}
