/** What is read out of a file's bytes is read once, in however many images of a build the file is. */
import type { ContentHandle, FileEntry } from "../model/entry.ts";

/** As `read`, which may give nothing but what is in the bytes: what else it is told is for its errors. */
export function oncePerContent<Told extends readonly unknown[], Value>(
  read: (entry: FileEntry, ...told: Told) => Value,
): (entry: FileEntry, ...told: Told) => Value {
  const known = new WeakMap<ContentHandle, { readonly value: Value }>();
  return (entry, ...told) => {
    const found = known.get(entry.content) ?? { value: read(entry, ...told) };
    known.set(entry.content, found);
    return found.value;
  };
}
