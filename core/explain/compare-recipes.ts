/** What changed from one summary of a recipe to the next, in words. */
import { displayBytes } from "../model/bytes.ts";
import { ASPECTS, type Aspect, type RecipeSummary } from "./recipe-summary.ts";
import { readRows } from "./rows.ts";

/** One line for each change, nodes first: `/etc/motd: content`, `/srv/a: mode 644 → 755`, `redis-server: added`. */
export function compareRecipes(before: RecipeSummary, after: RecipeSummary): readonly string[] {
  return [
    ...compareAll(nodesOf(before), nodesOf(after), (node) => displayBytes(node), false),
    ...compareAll(entriesOf(before), entriesOf(after), (path) => `/${displayBytes(path)}`, true),
  ];
}

type Summaries = ReadonlyMap<string, string>;

function nodesOf({ nodes }: RecipeSummary): Summaries {
  return new Map(Object.entries(nodes));
}

function entriesOf({ paths, aspects }: RecipeSummary): Summaries {
  const rows = [...readRows(aspects)];
  return new Map(Array.from(readRows(paths), (path, index) => [path.replaceAll("//", "\n"), rows[index]!]));
}

/** `isPlain`: aspects are what they say, not digests, but for contents and attributes. */
function compareAll(before: Summaries, after: Summaries, nameOf: (key: string) => string, isPlain: boolean): string[] {
  const keys = [...new Set([...before.keys(), ...after.keys()])].sort();
  return keys.flatMap((key) => {
    const [was, is] = [before.get(key), after.get(key)];
    if (was === is) return [];
    if (was === undefined) return [`${nameOf(key)}: added`];
    if (is === undefined) return [`${nameOf(key)}: removed`];
    return [`${nameOf(key)}: ${changedAspects(was.split(" "), is.split(" "), isPlain).join(", ")}`];
  });
}

const DIGESTED: ReadonlySet<Aspect> = new Set(["paths", "attributes", "content"]);

function changedAspects(was: readonly string[], is: readonly string[], isPlain: boolean): readonly string[] {
  return ASPECTS.flatMap((aspect, index) => {
    if (was[index] === is[index]) return [];
    return [isPlain && !DIGESTED.has(aspect) ? `${aspect} ${was[index]} → ${is[index]}` : aspect];
  });
}
