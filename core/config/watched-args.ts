/** The `--arg`s of a config's functions, and which of them nobody has asked for: most likely they are misspelt. */
import { nearest } from "../model/nearest.ts";

/** It was given and not read; `near`: the nearest of those that were asked for in vain. */
export interface UnreadArg {
  readonly name: string;
  readonly near: string | undefined;
}

export interface WatchedArgs {
  readonly args: Readonly<Record<string, string>>;
  unread(): readonly UnreadArg[];
}

export function watchArgs(given: Readonly<Record<string, string>>): WatchedArgs {
  const asked = new Set<string>();
  const note = (key: string | symbol): void => {
    if (typeof key === "string") asked.add(key);
  };
  const args = new Proxy(Object.freeze({ ...given }), {
    get(target, key, receiver) {
      note(key);
      return Reflect.get(target, key, receiver) as unknown;
    },
    has(target, key) {
      note(key);
      return Reflect.has(target, key);
    },
    getOwnPropertyDescriptor(target, key) {
      note(key);
      return Reflect.getOwnPropertyDescriptor(target, key);
    },
  });
  return {
    args,
    unread() {
      const missed = [...asked].filter((name) => !Object.hasOwn(given, name));
      return Object.keys(given)
        .filter((name) => !asked.has(name))
        .map((name) => ({ name, near: nearest(name, missed) }));
    },
  };
}
