/** Stage collect: sources → closure graph. Sources are collected in parallel and joined in config order. */
import { closureGraph } from "../../closure/closure-graph.ts";
import { ImageDslError } from "../../error.ts";
import type { ClosureGraph, ClosureNode } from "../../closure/closure.ts";
import type { Source } from "../../model/source.ts";
import { treeDigest } from "../../tree/digest.ts";
import type { FileTree } from "../../tree/file-tree.ts";
import { mergeInPieces, type MergePart } from "../../tree/merge.ts";
import { tellFiles } from "../../tree/tell-files.ts";
import { inTurns } from "../../tree/turns.ts";
import type { Build } from "../../pipeline/build.ts";
import type { CollectContext, Collected, StageContext } from "../../pipeline/hooks.ts";
import { allUnlessInterrupted } from "../../tasks/settled.ts";
import { knownTreeOfSource } from "../known-tree-of-source.ts";
import { ofPart } from "../of-part.ts";

export interface Closure {
  readonly graph: ClosureGraph;
  /** What the sources bring beside their nodes, in config order. */
  readonly image: readonly FileTree[];
}

/** The image's contents, then `further` sources. */
export async function collectClosure(
  build: Build,
  context: StageContext,
  further: readonly Source[] = [],
): Promise<Closure> {
  const work = [...build.spec.contents, ...further].map((source) => collectSource(build, context, source));
  const collected = await allUnlessInterrupted(work, context.signal);
  const graph = closureGraph(
    joinNodes(collected),
    collected.flatMap(({ roots }) => roots),
  );
  const final = await build.hooks.closure.promise(graph, context);
  return {
    // A tap may have made a graph of its own.
    graph: final === graph ? graph : closureGraph(final.nodes.values(), final.roots),
    image: collected.flatMap(({ image }) => image ?? []),
  };
}

/**
 * The same package may come from two sources; it is one node. Two things that only share an id stay two, so that where
 * they claim the same paths the merge says so.
 */
function joinNodes(collected: readonly Collected[]): Iterable<ClosureNode> {
  const nodes = new Map<string, ClosureNode>();
  for (const node of collected.flatMap((each) => each.nodes)) {
    const known = nodes.get(node.id);
    if (known === undefined) nodes.set(node.id, node);
    else if (treeDigest(known.tree) !== treeDigest(node.tree)) {
      const id = `${node.id}~${nodes.size}`;
      nodes.set(id, { ...node, id });
    }
  }
  return nodes.values();
}

export function collectSource(build: Build, context: StageContext, source: Source): Promise<Collected> {
  return ofPart(source, context, () => collectByPlugin(build, context, source));
}

async function collectByPlugin(build: Build, context: StageContext, source: Source): Promise<Collected> {
  const collectContext: CollectContext = {
    ...context,
    collect: (other, platform = context.platform) => collectSource(build, { ...context, platform }, other),
    treeOf: (other) => treeOfSource(build, context, other),
    knownTreeOf: (other) => knownTreeOfSource(build, context, other, (more) => treeOfSource(build, more, other)),
  };
  const collected = await build.hooks.collect.for(source.kind).promise(source, collectContext);
  if (collected === undefined) {
    throw new ImageDslError("E_CONFIG_INVALID", `No plugin collects sources of the kind "${source.kind}"`, {
      hint: "Add the plugin that brings it to plugins: [] of the config",
    });
  }
  for (const { tree } of collected.nodes) tellFiles(tree, context.reads);
  if (collected.image) tellFiles(collected.image, context.reads);
  return source.name === undefined && source.layer === undefined ? collected : placed(collected, source);
}

/** With the name and the layer that the source asks for. */
function placed(collected: Collected, { name, layer }: Source): Collected {
  const own = layer === "own" ? `own:${collected.roots[0]}` : layer;
  const isOne = collected.nodes.length === 1;
  return {
    ...collected,
    nodes: collected.nodes.map((node) => ({
      ...node,
      ...(name !== undefined && isOne && { name }),
      ...(own !== undefined && { layer: own }),
    })),
  };
}

/** The tree of one source with all that it needs. */
export async function treeOfSource(build: Build, context: StageContext, source: Source): Promise<FileTree> {
  const { nodes, roots, image } = await collectSource(build, context, source);
  const parts = partsOf({ graph: closureGraph(nodes, roots), image: image ? [image] : [] });
  return inTurns(mergeInPieces(parts, { collisions: build.spec.collisions }), context.signal);
}

/**
 * What is merged, in order: what belongs to no node first, so that its links and directories are respected. Entries have their
 * origins here, so that those of a tree that several images have are not copied for each.
 */
export function partsOf({ graph, image }: Closure): MergePart[] {
  return [
    ...image.map((tree) => ({ origin: "image", tree })),
    ...[...graph.nodes.values()].map(({ id, tree, overrides }) => ({
      origin: id,
      tree: tree.withOrigin(id),
      ...(overrides !== undefined && { overrides }),
    })),
  ];
}
