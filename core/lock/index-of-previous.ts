/** What is made of all answers of a kind, for image after image: it grows by what was pinned since. */
import type { AnswerSchema } from "./answer.ts";
import type { Lock, PreviousAnswer } from "./lock.ts";

/** `add` is told of each answer once, and of all once more, into an empty index, where one is another than before. */
export function indexOfPrevious<Answer, Index>(
  kind: string,
  schema: AnswerSchema<Answer>,
  empty: () => Index,
  add: (index: Index, entry: PreviousAnswer<Answer>) => void,
): (lock: Lock) => Index {
  const known = new WeakMap<Lock, { readonly entries: readonly PreviousAnswer<Answer>[]; readonly index: Index }>();
  return (lock) => {
    const entries = lock.previous(kind, schema);
    const before = known.get(lock);
    const goesOn = before?.entries.every((entry, at) => entry === entries[at]) === true;
    const index = goesOn ? before.index : empty();
    // What is wrong with an answer leaves a part of it.
    known.delete(lock);
    for (const entry of goesOn ? entries.slice(before.entries.length) : entries) add(index, entry);
    known.set(lock, { entries, index });
    return index;
  };
}
