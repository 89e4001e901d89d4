/** The record that the store keeps of an opened .deb: its control members and the entries of its tree. */
import { FileTree, decodeEntries, encodeEntries, hold, type Json, type TarPlace } from "../../../core/index.ts";

export interface DebContents {
  /** Members of control.tar by name: `control`, `postinst`, `md5sums`, … */
  readonly control: ReadonlyMap<string, Uint8Array>;
  readonly tree: FileTree;
}

/** Part of the record's kind in the store: another layout is another kind, and old records are not read. */
export const INDEX_KIND = "debian-index-4";

export function encodeIndex({ control, tree }: DebContents): Json {
  return {
    control: Object.fromEntries(Array.from(control, ([name, bytes]) => [name, Buffer.from(bytes).toString("latin1")])),
    entries: encodeEntries(tree.entries()),
  };
}

/** Undefined where the record is not whole: it is then made anew. */
export function decodeIndex(record: Json, place: TarPlace): DebContents | undefined {
  if (typeof record !== "object" || record === null || !("control" in record) || !("entries" in record))
    return undefined;
  const entries = decodeEntries(record.entries as Json, place);
  if (entries === undefined) return undefined;
  const control = Object.entries(record.control as Readonly<Record<string, string>>);
  if (control.some(([, text]) => typeof text !== "string")) return undefined;
  for (const [, text] of control) hold(text.length);
  return {
    control: new Map(control.map(([name, text]) => [name, Buffer.from(text, "latin1")])),
    tree: FileTree.of(entries),
  };
}
