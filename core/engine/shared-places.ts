/** Outputs that would take each other's place: the second one would replace the first without a word. */
import { lstatSync, readlinkSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { ImageDslError } from "../error.ts";
import type { Destination, OutputDefinition } from "../pipeline/hooks.ts";
import { outputPath } from "./output-path.ts";

/** Throws `E_OUTPUT_INVALID` where two outputs have one path, whatever it is called, or one lies within another. */
export function refuseSharedPlaces(
  destinations: readonly Destination[],
  known: ReadonlyMap<string, OutputDefinition>,
): void {
  const places = destinations.flatMap(({ transport, rest, text }) => {
    const definition = known.get(transport)!;
    const path = outputPath(definition, rest);
    if (path === undefined || isStream(path)) return [];
    return [{ text, adder: (definition.adds ?? false) && transport, place: realPlace(resolve(path)) }];
  });
  for (const [index, { text, place, adder }] of places.entries()) {
    const other = places
      .slice(0, index)
      .filter((each) => adder === false || each.adder !== adder || each.place !== place)
      .find((each) => holds(each.place, place) || holds(place, each.place));
    if (other === undefined) continue;
    const how = other.place === place ? "is the same place as" : "and the place of another output lie in each other:";
    throw new ImageDslError("E_OUTPUT_INVALID", `"${text}" ${how} "${other.text}"`, {
      hint: "Give each output a path of its own",
    });
  }
}

function holds(outer: string, inner: string): boolean {
  return inner === outer || inner.startsWith(`${outer}/`);
}

/** Pipes and devices take one after the other. */
function isStream(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat !== undefined && !stat.isFile() && !stat.isDirectory();
}

/** Links followed, as far as anything is there: a link may lead to what is yet to be made. */
function realPlace(path: string, links = 0): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    if (parent === path) return path;
    const place = join(realPlace(parent, links), basename(path));
    const isLink = lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink() && links < MAX_LINKS;
    return isLink ? realPlace(resolve(dirname(place), readlinkSync(place)), links + 1) : place;
  }
}

const MAX_LINKS = 40;
