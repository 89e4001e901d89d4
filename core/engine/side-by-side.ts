/** Several images at a time: planned in their order, since each may go by what those before it pinned, and made as there is room. */
import type { Build } from "../pipeline/build.ts";
import type { BuiltImage, ImageBuilds } from "./build-image.ts";
import type { Failures } from "./failures.ts";
import type { Session } from "./session.ts";

/**
 * By the order of the session's builds, undefined for what is not wanted and for what failed and may. The first other
 * failure ends what is under way, and is thrown once that has ended.
 */
export async function buildSideBySide(
  builds: ImageBuilds,
  isWanted: (build: Build) => boolean,
  failures: Failures,
  session: Pick<Session, "builds" | "context" | "fail">,
): Promise<readonly (BuiltImage | undefined)[]> {
  const { context, fail } = session;
  const all: Promise<BuiltImage | undefined>[] = [];
  const underWay = new Set<Promise<unknown>>();
  try {
    for (const build of session.builds) {
      if (!isWanted(build)) {
        all.push(Promise.resolve(undefined));
        continue;
      }
      while (underWay.size >= context.tasks.jobs) await Promise.race(underWay);
      const { planned, done } = begin(build, builds);
      const made = failures.attempt(build.target, () => done);
      const ended: Promise<void> = made.then(() => {}, fail).finally(() => underWay.delete(ended));
      underWay.add(ended);
      all.push(made);
      await Promise.race([planned, ended]);
      context.signal.throwIfAborted();
    }
    return await Promise.all(all);
  } finally {
    await Promise.allSettled(all);
  }
}

function begin(build: Build, builds: ImageBuilds) {
  let tell!: () => void;
  const planned = new Promise<void>((resolve) => (tell = resolve));
  return { planned, done: builds.image(build, tell) };
}
