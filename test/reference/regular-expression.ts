/**
 * Regular expressions by their definition: the set of places where each part may end, from each place where it may begin.
 * Slow, and separate from the engine's instructions and automaton; it shares only the parsed tree.
 */
import type { Node } from "../../plugins/debian/scripts/regular-expression/syntax.ts";

/** The leftmost match, of those the longest. */
export function referenceSpan(root: Node, text: string): readonly [number, number] | undefined {
  for (let start = 0; start <= text.length; start++) {
    const ends = endsOf(root, text, start);
    if (ends.size > 0) return [start, Math.max(...ends)];
  }
  return undefined;
}

function endsOf(node: Node, text: string, at: number): ReadonlySet<number> {
  switch (node.kind) {
    case "set":
      return new Set(at < text.length && node.set[text.charCodeAt(at)] ? [at + 1] : []);
    case "assert":
      return new Set(isThere(node.what, text, at) ? [at] : []);
    case "group":
      return endsOf(node.body, text, at);
    case "sequence":
      return node.items.reduce<ReadonlySet<number>>((places, item) => step(item, text, places), new Set([at]));
    case "alternatives":
      return new Set(node.items.flatMap((item) => [...endsOf(item, text, at)]));
    case "repeat": {
      let places: ReadonlySet<number> = new Set([at]);
      for (let count = 0; count < node.min; count++) places = step(node.body, text, places);
      const all = new Set(places);
      // More rounds than there are characters bring nothing new.
      for (let count = node.min; count < Math.min(node.max, node.min + text.length + 1); count++) {
        places = step(node.body, text, places);
        for (const place of places) all.add(place);
      }
      return all;
    }
  }
}

function step(node: Node, text: string, places: ReadonlySet<number>): ReadonlySet<number> {
  return new Set([...places].flatMap((place) => [...endsOf(node, text, place)]));
}

function isThere(what: (Node & { kind: "assert" })["what"], text: string, at: number): boolean {
  const isWord = (place: number) => /^[A-Za-z0-9_]$/.test(text.charAt(place));
  switch (what) {
    case "start":
      return at === 0;
    case "end":
      return at === text.length;
    case "boundary":
      return isWord(at - 1) !== isWord(at);
    case "no-boundary":
      return isWord(at - 1) === isWord(at);
    case "word-start":
      return !isWord(at - 1) && isWord(at);
    case "word-end":
      return isWord(at - 1) && !isWord(at);
    case "no-word-before":
      return !isWord(at - 1);
    case "no-word-after":
      return !isWord(at);
  }
}
