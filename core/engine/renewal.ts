/** What a renewal of the lock would move, without building and without renewing it. */
import type { BuildGraph } from "../graph/build-graph.ts";
import type { LockReview } from "../lock/lock.ts";
import type { BuildEvent, MovedEvent } from "../model/event.ts";
import { isSource } from "../model/source.ts";
import type { Build } from "../pipeline/build.ts";
import type { Builder } from "../pipeline/plugin.ts";
import { allUnlessInterrupted } from "../tasks/settled.ts";
import type { BuildOptions } from "./build-options.ts";
import { stageContext } from "./plan-image.ts";
import { sourcesIn } from "./sources-in.ts";
import { newBuild, withSession } from "./session.ts";

export interface Renewal extends LockReview {
  readonly moved: readonly MovedEvent[];
}

/** Pins what the targets' sources ask for anew, in memory alone. Throws what pinning throws. */
export function findRenewal(builder: Builder, graph: BuildGraph, options: BuildOptions): Promise<Renewal> {
  const moved: Renewal["moved"][number][] = [];
  const onEvent = (event: BuildEvent): void => {
    if (event.type === "moved") moved.push(event);
    else options.onEvent?.(event);
  };
  return withSession(builder, graph, { ...options, onEvent, frozenLock: false, updateLock: true }, async (session) => {
    const specs = new Set(session.builds.map(({ spec }) => spec));
    const builds = session.builds.flatMap((build) => [build, ...basesOf(build, specs, builder)]);
    const work = builds.flatMap((build) =>
      sourcesIn([build.spec.base?.image, build.spec.layersFrom, build.spec.contents, build.spec.runs]).map((source) =>
        build.hooks.pin.for(source.kind).promise(source, stageContext(build, session.context)),
      ),
    );
    await allUnlessInterrupted(work, session.context.signal);
    return { moved: inOrder(moved), ...session.lock.review() };
  });
}

/** Images of the config that this one is built on and that are no targets, named as a build names them. */
function basesOf(build: Build, targets: ReadonlySet<Build["spec"]>, builder: Builder): readonly Build[] {
  const image = build.spec.base?.image;
  if (image === undefined || isSource(image) || targets.has(image)) return [];
  const base = newBuild(builder, `${build.target}'s base`, image, image.platform ?? build.platform);
  return [base, ...basesOf(base, targets, builder)];
}

/** Which source answers first is chance. */
function inOrder(moved: Renewal["moved"]): Renewal["moved"] {
  const keyOf = ({ target, what }: Renewal["moved"][number]): string => `${target}\0${what}`;
  return moved.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}
