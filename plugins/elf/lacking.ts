/**
 * What programs for another machine need and this host cannot have: it is what the image's own sources bring, or its base. As with native
 * addons of npm packages, who brings it becomes a need of the program.
 */
import {
  ImageDslError,
  baseNameOf,
  displayBytes,
  type ClosureGraph,
  type Entry,
  type FileTree,
  type Platform,
} from "../../core/index.ts";
import { factsIn, isSameKind, type ObjectKind } from "./check/objects.ts";

export interface LackingObject extends ObjectKind {
  /** The id of its closure node. */
  readonly node: string;
  /** On the host, as it was found. */
  readonly path: string;
  readonly needed: readonly string[];
}

/** Throws `E_ELF_NOT_FOUND` for what is nowhere in the merged tree. */
export function refuseLacking(
  lacking: readonly LackingObject[],
  { nodes }: ClosureGraph,
  tree: FileTree,
  { architecture }: Platform,
): void {
  const asked = lacking.filter(({ node }) => nodes.has(node));
  const present = named(tree, new Set(asked.flatMap(({ needed }) => needed)));
  for (const object of asked) {
    const isThere = (name: string): boolean =>
      (present.get(name) ?? []).some((entry) => {
        const facts = factsIn(tree, entry);
        return facts?.format === "elf" && isSameKind(facts, object);
      });
    const missing = object.needed.filter((name) => !isThere(name));
    if (missing.length === 0) continue;
    throw new ImageDslError(
      "E_ELF_NOT_FOUND",
      `${displayBytes(object.path)} needs ${missing.map(displayBytes).join(", ")} for ${architecture}, and nothing in the image brings ${missing.length === 1 ? "it" : "them"}`,
      {
        hint: `Libraries for another machine come from the image's own sources: debian({ suite, packages: ["libc6", …] }), or give root: a directory with a root file system of ${architecture}`,
      },
    );
  }
}

function named(tree: FileTree, names: ReadonlySet<string>): ReadonlyMap<string, readonly Entry[]> {
  const found = new Map<string, Entry[]>();
  for (const entry of tree.entries()) {
    const name = baseNameOf(entry.path);
    if (entry.type !== "directory" && names.has(name)) found.set(name, [...(found.get(name) ?? []), entry]);
  }
  return found;
}
