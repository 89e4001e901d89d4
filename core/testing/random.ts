/** Random trees, closures and images from a seed: the same seed gives the same thing on every machine. */
import { encodeText } from "../model/bytes.ts";
import { closureGraph } from "../closure/closure-graph.ts";
import { assembleImage, historyOf } from "../image/assemble.ts";
import { cutLayers } from "../image/cut.ts";
import type { Image } from "../image/image.ts";
import { hashedTar, recipeLayer } from "../image/layer.ts";
import type { ClosureGraph, ClosureNode } from "../closure/closure.ts";
import { metaOf, type Entry, type EntryMeta } from "../model/entry.ts";
import { treePath } from "../model/path.ts";
import { planAuto } from "../plan/auto.ts";
import { FileTree } from "../tree/file-tree.ts";
import { inlineFile } from "../tree/inline-file.ts";
import { mergeTrees } from "../tree/merge.ts";

/** A whole number from 0 to `below` − 1. */
export type Random = (below: number) => number;

/** Mulberry32 (public domain, Tommy Ettinger): 32 bits of state, good enough to shuffle test data. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000) * below);
  };
}

/** Files, links, directories and devices with awkward names, modes, owners and sizes, all below `prefix`. */
export function randomTree(seed: number, size = 20, prefix = ""): FileTree {
  const random = seededRandom(seed);
  const entries: Entry[] = [];
  for (let index = 0; index < size; index++) {
    const path = treePath(`${prefix}/d${random(4)}/${NAMES[random(NAMES.length)]}-${index}`);
    const meta = {
      path,
      mode: random(0o7777),
      uid: random(3) * 1_000_000,
      gid: random(3) * 1000,
      mtime: 1 + random(2e9),
    };
    const earlier = entries.find(({ type }) => type === "file");
    const kind = random(8);
    if (kind === 0) entries.push({ ...meta, type: "symlink", target: encodeText(`../${NAMES[random(NAMES.length)]}`) });
    else if (kind === 1) entries.push({ ...meta, type: "directory" });
    else if (kind === 2) entries.push({ ...meta, type: "character", major: random(300), minor: random(300) });
    else if (kind === 3 && earlier) entries.push({ ...metaOf(earlier), path, type: "hardlink", target: earlier.path });
    else entries.push(randomFile(random, meta));
  }
  return FileTree.of(entries);
}

/** A closure whose edges may form cycles. Each node has files of its own. */
export function randomClosure(seed: number, size = 10): ClosureGraph {
  const random = seededRandom(seed);
  const nodes = Array.from({ length: size }, (_, index): ClosureNode => {
    const tree = randomTree(random(2 ** 31), 1 + random(8), `/n${index}`);
    const needs = Array.from({ length: random(4) }, () => `random:${random(size)}`);
    return { id: `random:${index}`, kind: "random", name: `node-${index}`, tree, size: tree.contentSize(), needs };
  });
  return closureGraph(nodes, ["random:0"]);
}

/** A whole image, planned by size into at most `layers` layers. */
export function randomImage(seed: number, layers = 5): Image {
  const graph = randomClosure(seed);
  const parts = [...graph.nodes.values()].map(({ id, tree }) => ({ origin: id, tree }));
  const tree = mergeTrees(parts, { collisions: "error" });
  const scripts = { tree, changes: { changed: [], removed: [] } };
  const cut = cutLayers({ tree, scripts, plan: planAuto(graph, { layers }) });
  const { signal } = new AbortController();
  return assembleImage({
    name: `random-${seed}`,
    tag: null,
    platform: { os: "linux", architecture: "amd64" },
    config: {},
    created: 1,
    layers: cut.map(({ entries, nodes }) =>
      recipeLayer({ entries }, nodes.join(" "), { read: () => hashedTar({ entries }, signal) }),
    ),
    history: cut.map(({ nodes }) => historyOf(1, nodes.join(" "))),
    tree,
  });
}

const NAMES = ["plain", "with blank", "-dash", "käse", "new\nline", "quote'\"", "a".repeat(120), "日本語"];

function randomFile(random: Random, meta: EntryMeta): Entry {
  const bytes = Buffer.alloc(random(10) === 0 ? random(100_000) : random(600), random(256));
  return inlineFile(meta.path, bytes, meta);
}
