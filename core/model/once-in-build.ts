/** What several images of one build need alike is made once. */
import type { Tasks } from "./tasks.ts";

/** Gives what `make` gave for this key in this build; whoever asks while it is being made waits for it. What failed is made again. */
export type OnceInBuild<Value> = (
  context: { readonly tasks: Tasks },
  key: string,
  make: () => Promise<Value>,
) => Promise<Value>;

/** A memory of its own. What is in it stays as long as the build. */
export function onceInBuild<Value>(): OnceInBuild<Value> {
  // The tasks stand for one build, whatever the image.
  const builds = new WeakMap<Tasks, Map<string, Promise<Value>>>();
  return ({ tasks }, key, make) => {
    const known = builds.get(tasks) ?? new Map<string, Promise<Value>>();
    builds.set(tasks, known);
    const before = known.get(key);
    if (before !== undefined) return before;
    const made = make();
    known.set(key, made);
    made.catch(() => known.delete(key));
    return made;
  };
}
