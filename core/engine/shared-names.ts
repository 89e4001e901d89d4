/** Images that would take each other's name where they go: the last one would have it, and nobody would know. */
import { ImageDslError } from "../error.ts";
import { platformText } from "../model/platform.ts";
import type { Build } from "../pipeline/build.ts";
import type { OutputDefinition } from "../pipeline/hooks.ts";
import type { OutputJob } from "./destination.ts";

/** A tag that is made from the image's digest is no other image's. Throws `E_OUTPUT_INVALID`. */
export function refuseSharedNames(
  jobs: readonly OutputJob[],
  builds: readonly Build[],
  known: ReadonlyMap<string, OutputDefinition>,
): void {
  const byPlace = new Map<string, Build[]>();
  for (const { destination, images } of jobs) {
    if (!known.get(destination.transport)?.keepsNames) continue;
    const there = byPlace.get(destination.text) ?? [];
    byPlace.set(destination.text, [...there, ...images.map((index) => builds[index]!)]);
  }
  for (const [text, there] of byPlace) {
    for (const [index, build] of there.entries()) {
      const other = there.slice(0, index).find((each) => isSameName(each, build) && isOther(each, build));
      if (other === undefined) continue;
      const { name, tag } = build.spec;
      const targets = Array.from(new Set([other.target, build.target])).join(" and ");
      throw new ImageDslError("E_OUTPUT_INVALID", `"${text}" would get two images named ${name}:${tag} (${targets})`, {
        hint: text.includes(":")
          ? "Give each a name or a tag of its own, or put {target} into the output"
          : "Give each a name or a tag of its own",
      });
    }
  }
}

function isSameName({ spec: one }: Build, { spec: other }: Build): boolean {
  return one.tag !== null && one.name === other.name && one.tag === other.tag;
}

/** One target for several platforms is one image. */
function isOther(one: Build, other: Build): boolean {
  if (one.target !== other.target) return true;
  return one.spec !== other.spec && platformText(one.platform) === platformText(other.platform);
}
