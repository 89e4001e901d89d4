/** Links from where programs look for something to where it is, in the merged tree. */
import {
  BASE,
  ImageDslError,
  lookup,
  resolvePath,
  withEntries,
  type Collected,
  type FileTree,
  type MergeContext,
} from "../../core/index.ts";
import { placeIn } from "./place.ts";

export interface WantedLinks {
  /** The source's function, for messages. */
  readonly by: string;
  /** The links' paths, absolute. */
  readonly paths: readonly string[];
  /** Where it may be: absolute byte strings, the likeliest first. */
  readonly targets: readonly string[];
  /** A package of Debian's that brings it. */
  readonly package: string;
  /** What `from` brought. */
  readonly from?: Collected;
}

/** Links that were settled: where all of them lead. */
export interface SettledLinks extends WantedLinks {
  readonly target: string;
}

/** Where the links are to lead. Throws `E_FILES` where `from` was given and brings nothing of the kind. */
export function settleLinks(tree: FileTree, wanted: WantedLinks): SettledLinks {
  const { by, targets, from } = wanted;
  const found =
    targets.find((target) => isFile(tree, target)) ??
    (from && findBelowRoots(tree, targets, from)) ??
    // A link into a store that is left out of the image on purpose.
    targets.find((target) => tree.has(placeIn(tree, target)));
  if (found === undefined && from !== undefined) {
    throw new ImageDslError("E_FILES", `${by} finds no ${targets[0]} in what its from brings`, {
      hint: `Name a source that has it, such as Debian's package ${wanted.package}, or say where it is`,
    });
  }
  return { ...wanted, target: found ?? targets[0]! };
}

/** `tree` with the links, as its collision rule allows. Throws `E_TREE_COLLISION`. */
export function withLinks(tree: FileTree, links: SettledLinks, context: MergeContext): FileTree {
  return links.paths.reduce((current, path) => withLink(current, path, links, context), tree);
}

/** Tells of links that lead nowhere in the finished image. */
export function warnOfDanglingLinks(
  tree: FileTree,
  { by, paths, target, package: name }: SettledLinks,
  emit: MergeContext["emit"],
): void {
  const dangling = paths.filter((path) => !isFile(tree, path));
  if (dangling.length === 0) return;
  emit({
    type: "warning",
    code: "W_LINK_DANGLING",
    message: `${by}: ${dangling.join(", ")} should lead to ${target}, which is not in the image`,
    hint: `Say what brings it, as in ${by.replace("()", "")}({ from: debian({ …, packages: ["${name}"] }) })`,
  });
}

function withLink(tree: FileTree, path: string, { by, target }: SettledLinks, context: MergeContext): FileTree {
  const place = placeIn(tree, path);
  const goal = resolvePath(tree, target);
  if (resolvePath(tree, place) === goal) return tree;
  const present = tree.get(place);
  const origin = present?.origin ?? "image";
  if (present !== undefined && origin !== BASE && !givesWay(path, origin, by, context)) return tree;
  const link = {
    type: "symlink",
    path: place,
    target,
    mode: 0o777,
    uid: 0,
    gid: 0,
    mtime: 1,
    origin: "image",
  } as const;
  return withEntries(tree, [link]);
}

/** Our links come after all sources: `first` keeps what is there. */
function givesWay(path: string, origin: string, by: string, { spec, emit }: MergeContext): boolean {
  if (spec.collisions === "error") {
    throw new ImageDslError(
      "E_TREE_COLLISION",
      `${by} cannot put its link at ${path}: ${origin} has something else there`,
      {
        hint: `Leave ${by} out, or set collisions: "last" to have its link, "first" to keep what is there`,
      },
    );
  }
  const [kept, dropped] = spec.collisions === "last" ? [by, origin] : [origin, by];
  emit({ type: "warning", code: "W_COLLISION", message: `${path} of ${dropped} gave way to that of ${kept}` });
  return spec.collisions === "last";
}

/** A source whose files lie in a folder of their own (a store path) has the target below that, as near as any. */
function findBelowRoots(tree: FileTree, targets: readonly string[], { nodes, roots }: Collected): string | undefined {
  for (const { tree: own } of nodes.filter(({ id }) => roots.includes(id))) {
    for (const target of targets) {
      const found = own.entries().filter(({ path }) => path.endsWith(target) && isFile(tree, path));
      const [nearest] = found.toSorted((a, b) => a.path.length - b.path.length);
      if (nearest !== undefined) return `/${nearest.path}`;
    }
  }
  return undefined;
}

function isFile(tree: FileTree, path: string): boolean {
  return lookup(tree, path)?.type === "file";
}
