/** The oracle: what must hold for every image, checked on every build. All that is broken is reported at once. */
import { ImageDslError } from "../error.ts";
import type { Entry } from "../model/entry.ts";
import { ROOT, comparePaths, displayPath, liesIn, nameStartsWith, parentOf, type TreePath } from "../model/path.ts";
import { WHITEOUT } from "../model/whiteout.ts";
import { sameMeta } from "../tree/equal.ts";
import type { FileTree } from "../tree/file-tree.ts";
import { atOnce, visitAll, type Pausing } from "../tree/turns.ts";
import { overlayLayers } from "./flatten.ts";
import type { Image, Layer } from "./image.ts";

/** Overlay file systems stop at 128 mounts, so no runtime takes more. */
export const MAX_LAYERS = 127;

/** Docker's own store of layers ends here (moby, layer/layer_store.go, maxLayerDepth). */
export const DOCKER_LAYERS = 125;

const SHOWN = 10;

/** Throws `E_IMAGE_INVALID` naming every broken rule (the first ten). Reads no content. */
export function validateImage(image: Image): void {
  atOnce(validateInPieces(image));
}

/** As `validateImage`, with pauses. */
export function* validateInPieces(image: Image): Pausing<void> {
  const problems: string[] = [];
  if (image.layers.length > MAX_LAYERS)
    problems.push(`it has ${image.layers.length} layers, and ${MAX_LAYERS} is the most that any runtime takes`);
  // A tree is in order and has every parent directory; so has what holds just its entries.
  const isTree = isLoneLayerTheTree(image);
  for (const [index, layer] of image.layers.entries()) {
    for (const what of [...(isTree ? [] : placeProblems(layer)), ...entryProblems(layer)]) {
      problems.push(`layer ${index + 1}: ${what}`);
    }
    yield;
  }
  // Layers that are broken in themselves have no sum.
  if (problems.length === 0 && !isTree) {
    for (const each of yield* treeProblems(yield* overlayLayers(image.layers), image.tree)) problems.push(each);
  }
  if (problems.length === 0) return;
  const more = problems.length > SHOWN ? `\n  … and ${problems.length - SHOWN} more` : "";
  throw new ImageDslError(
    "E_IMAGE_INVALID",
    `The image "${image.name}" breaks ${problems.length === 1 ? "a rule" : "rules"}:${problems
      .slice(0, SHOWN)
      .map((line) => `\n  ${line}`)
      .join("")}${more}`,
  );
}

/** Order and parents. */
function placeProblems({ entries }: Layer): string[] {
  const problems: string[] = [];
  const directories = new Set<TreePath>([ROOT]);
  let last: TreePath = ROOT;
  let lastParent: TreePath = ROOT;
  for (const { path, type } of entries) {
    if (comparePaths(last, path) >= 0) problems.push(`${displayPath(path)} is out of order or stands twice`);
    last = path;
    if (!liesIn(path, lastParent)) {
      const parent = parentOf(path);
      if (directories.has(parent)) lastParent = parent;
      else problems.push(`${displayPath(path)} has no parent directory`);
    }
    if (type === "directory") directories.add(path);
  }
  return problems;
}

/** Hard links and modes. */
function entryProblems({ entries }: Layer): string[] {
  const problems: string[] = [];
  const files = new Set<TreePath>();
  const hasLinks = entries.some(({ type }) => type === "hardlink");
  for (const entry of entries) {
    const { path, type, mode } = entry;
    if (type === "hardlink" && !files.has(entry.target)) {
      problems.push(
        `${displayPath(path)} is a hard link to ${displayPath(entry.target)}, which does not stand before it`,
      );
    }
    if (mode < 0 || mode > 0o7777) problems.push(`${displayPath(path)} has the mode ${mode.toString(8)}`);
    if (type === "file" && hasLinks) files.add(path);
  }
  return problems;
}

/** One layer that deletes nothing gives just what it holds: no sum of very many entries need be made of it. */
function isLoneLayerTheTree({ layers: [lone, ...others], tree }: Image): boolean {
  if (lone === undefined || others.length > 0 || lone.entries.length !== tree.size) return false;
  const entries = tree.entries();
  return lone.entries.every((layered, index) => {
    const entry = entries[index]!;
    return layered.path === entry.path && isAsInTree(layered, entry) && !nameStartsWith(layered.path, WHITEOUT);
  });
}

function* treeProblems(layers: ReadonlyMap<TreePath, Entry>, tree: FileTree): Pausing<string[]> {
  const problems: string[] = [];
  yield* visitAll(tree.entries(), (entry) => {
    const layered = layers.get(entry.path);
    if (layered === undefined) problems.push(`${displayPath(entry.path)} is in the tree but in no layer`);
    else if (!isAsInTree(layered, entry)) {
      problems.push(`${displayPath(entry.path)} differs between the tree and the layers`);
    }
  });
  if (problems.length === 0 && layers.size === tree.size) return [];
  for (const path of layers.keys())
    if (!tree.has(path)) problems.push(`${displayPath(path)} is in a layer but not in the tree`);
  return problems;
}

function isAsInTree(layered: Entry, entry: Entry): boolean {
  return layered === entry || (kindOf(layered) === kindOf(entry) && sameMeta(layered, entry));
}

/** Whether a name is a file or a further name of one depends on the cut. */
function kindOf(entry: Entry): string {
  return entry.type === "hardlink" ? "file" : entry.type;
}
