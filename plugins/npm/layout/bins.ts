/** The links of `node_modules/.bin`, as npm makes them (bin-links): who comes first has a name, and what is linked may be executed. */
import { posix } from "node:path";
import type { BinLink, InstallPlan, PackageId } from "../model.ts";
import { nameOfPlace } from "../names.ts";

/** `has`: whether a package's tarball has that file; what it has not is not linked. */
export function binLinks(plan: InstallPlan, has: (id: PackageId, program: string) => boolean): readonly BinLink[] {
  const links = new Map<string, BinLink>();
  const byPath = new Map(plan.places.map((place) => [place.path, place]));
  for (const place of plan.places.toSorted(inNpmsOrder)) {
    const name = nameOfPlace(place.path);
    if (name === undefined) continue;
    const modules = place.path.slice(0, -name.length);
    for (const [command, program] of Object.entries(plan.packages.get(place.package)!.bin)) {
      const path = `${modules}.bin/${command}`;
      if (links.has(path)) continue;
      const source = sourceOf(place.path, program);
      if (!has(source.package, source.program)) continue;
      links.set(path, { path, target: posix.join("..", name, program), ...source });
    }
  }
  return [...links.values()];

  /** What came inside another's tarball is that one's file. */
  function sourceOf(path: string, program: string): Pick<BinLink, "package" | "place" | "program"> {
    const place = byPath.get(path);
    const isOwn = place !== undefined && plan.packages.get(place.package)!.origin.kind !== "bundled";
    if (isOwn) return { package: place.package, place: "link" in place ? place.link : path, program };
    return sourceOf(posix.dirname(path), posix.join(posix.basename(path), program));
  }
}

/** The outer ones first. */
function inNpmsOrder({ path: a }: { readonly path: string }, { path: b }: { readonly path: string }): number {
  return depthOf(a) - depthOf(b) || (a < b ? -1 : 1);
}

function depthOf(path: string): number {
  return path.split("node_modules/").length;
}
