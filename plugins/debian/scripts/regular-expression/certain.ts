/**
 * Where glibc's matcher departs from POSIX, and from itself between versions. Found by trying some hundred thousand
 * expressions on it: an assertion that is repeated may lose matches; groups are surely the ones of the first way to the
 * longest match, but where a part with a group is repeated, an alternative may be empty, or assertions stand among
 * alternatives.
 */
import type { Node } from "./syntax.ts";

/** Whether what is matched is certain. */
export function hasCertainMatches(root: Node): boolean {
  return root.kind === "repeat" ? !contains(root.body, isAssertion) : childrenOf(root).every(hasCertainMatches);
}

/** Whether also what each group takes is. */
export function hasCertainGroups(root: Node): boolean {
  const isUncertain = (node: Node): boolean =>
    node.kind === "repeat"
      ? contains(node.body, ({ kind }) => kind === "group")
      : node.kind === "alternatives" && node.items.some(mayBeEmpty);
  if (contains(root, isUncertain)) return false;
  if (!contains(root, ({ kind }) => kind === "alternatives")) return true;
  // The ends of the whole expression decide nothing among alternatives.
  const isEnd = (node: Node) => node.kind === "assert" && (node.what === "start" || node.what === "end");
  const inner = root.kind === "sequence" ? root.items.filter((item) => !isEnd(item)) : [root];
  return !inner.some((item) => contains(item, isAssertion));
}

/** Whether what mawk's matcher finds is the longest: not where an alternative is an assertion, as in `^|a`. */
export function hasCertainSpans(root: Node): boolean {
  return !contains(root, (node) => node.kind === "alternatives" && contains(node, isAssertion));
}

function isAssertion({ kind }: Node): boolean {
  return kind === "assert";
}

function contains(node: Node, test: (node: Node) => boolean): boolean {
  return test(node) || childrenOf(node).some((child) => contains(child, test));
}

function childrenOf(node: Node): readonly Node[] {
  if (node.kind === "sequence" || node.kind === "alternatives") return node.items;
  return node.kind === "group" || node.kind === "repeat" ? [node.body] : [];
}

function mayBeEmpty(node: Node): boolean {
  switch (node.kind) {
    case "set":
      return false;
    case "assert":
      return true;
    case "group":
      return mayBeEmpty(node.body);
    case "sequence":
      return node.items.every(mayBeEmpty);
    case "alternatives":
      return node.items.some(mayBeEmpty);
    case "repeat":
      return node.min === 0 || mayBeEmpty(node.body);
  }
}
