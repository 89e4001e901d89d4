/**
 * How many bytes successive updates move with each strategy: of Debian's point releases in a synthetic form, and of twenty-two real
 * updates of one project's lock file, by npm from its registry (`--only=debian` or `--only=npm`). Takes minutes, and half a gigabyte of disk.
 */
import type { ClosureGraph } from "../../core/closure/closure.ts";
import type { Soak, SoakRow } from "../../scripts/soak.ts";
import { PLANNERS, bytesMoved, pointReleases } from "../reference/closure-updates.ts";
import { publishedLocks } from "./stable-layers/published-locks.ts";

/** What `maxLayers` leaves: of its default, of half of it, of little. */
const LAYERS = [98, 40, 20];

/** It has a lock file of more than a thousand packages, kept up to date by a robot, and publishes it. */
const PROJECT = "netlify-cli";
const RELEASES = ["10", "13", ...Array.from({ length: 21 }, (_, index) => `${15 + index}`)].map(
  (minor) => `17.${minor}.0`,
);

const soak: Soak = async (options) => {
  const only = options.get("only");
  const rows: SoakRow[] = [];
  if (only !== "npm") {
    for (const seed of [1, 2, 3]) {
      const releases = pointReleases(seed, { packages: 300, releases: 12 });
      rows.push(...movedRows(`point releases ${seed}`, releases));
    }
  }
  if (only !== "debian") rows.push(...movedRows(`${PROJECT}'s lock`, await publishedLocks(PROJECT, RELEASES)));
  return rows;
};

function movedRows(what: string, closures: readonly ClosureGraph[]): readonly SoakRow[] {
  const updates = `${what}: ${closures[0]!.nodes.size} packages, ${closures.length - 1} updates`;
  return LAYERS.map((layers) => {
    const moved = Object.entries(PLANNERS).map(
      ([name, planner]) => [name, bytesMoved(closures, layers, planner())] as const,
    );
    const [[, stable], ...others] = moved as [(typeof moved)[number], ...typeof moved];
    // A layer each is no strategy within as many layers.
    const rivals = others.filter(([name]) => name !== "a layer each");
    return {
      what: `${updates}, ${layers} layers`,
      figure: moved.map(([name, bytes]) => `${name} ${(bytes / 1e6).toFixed(1)} MB`).join(", "),
      aim: "stable least within as many",
      ok: rivals.every(([, bytes]) => stable <= bytes),
    };
  });
}

export default soak;
