/** The closure: what an image needs and why, as a graph. Plain data, printable as JSON but for the trees. */
import type { FileTree } from "../tree/file-tree.ts";

/** How often something becomes another: what is pinned by a hash, what commands make, the project's own files, texts of its config. */
export type Volatility = (typeof VOLATILITIES)[number];

/** From the bottom of an image to its top. */
export const VOLATILITIES = ["pinned", "made", "project", "text"] as const;

/** One thing that is needed whole or not at all: a package, a store path, a library, a folder of files. */
export interface ClosureNode {
  /** Unique in the graph and stable from build to build, such as `debian:amd64/redis-server=5:7.0.15-1`. */
  readonly id: string;
  /** The kind of source it came from: `files`, `debian`, … */
  readonly kind: string;
  /** As people know it, for messages and for the selectors of layering pipelines; need not be unique. */
  readonly name: string;
  /** Shown beside the name; undefined of what has none, such as the project's own files. */
  readonly version?: string;
  /** What it brings: its own files alone, at the paths that they have in the image. */
  readonly tree: FileTree;
  /** Bytes of its regular files. */
  readonly size: number;
  /** Ids of the nodes it needs. */
  readonly needs: readonly string[];
  /** It shares no layer with what changes more or less often. Absent: `made`. */
  readonly volatility?: Volatility;
  /** Those of one layer's name are that layer; `top`: they join what belongs to the whole image. Absent: as the strategy says. */
  readonly layer?: string;
  /** What it is released with: nodes of one kind, family and version are updated together (Debian's source package). */
  readonly family?: string;
  /** Ids of nodes whose files it may take over without a collision (Debian's `Replaces`). */
  readonly overrides?: readonly string[];
}

/** Nodes in a stable order (sources in config order), every reference resolved. */
export interface ClosureGraph {
  /** By id; in this order ties are broken, and collisions told first and last. */
  readonly nodes: ReadonlyMap<string, ClosureNode>;
  /** Ids of what the config asked for itself. */
  readonly roots: readonly string[];
}
