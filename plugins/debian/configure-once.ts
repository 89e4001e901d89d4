/**
 * Working the maintainer scripts out once: what they came to is kept in the store and found again by everything that
 * they can see, or, where they did not look at the app's files, by all else. A record holds what differs from the tree
 * before them.
 */
import {
  applyChanges,
  canonicalJson,
  codeIdentity,
  digestOf,
  entriesDigest,
  findRecord,
  hexOf,
  inTurns,
  keepRecord,
  orderedLookup,
  type BuildContext,
  type ContentHandle,
  type Entry,
  type FileEntry,
  type FileTree,
  type Json,
  type RecordPlaces,
  type TreePath,
} from "../../core/index.ts";
import { apartFrom, liesApart } from "./scripts/apart.ts";
import type { ScriptsInput, ScriptsResult } from "./scripts/evaluate.ts";

const KIND = "configured";

export type Configured = Omit<ScriptsResult, "changes" | "needsApart">;

/** `archives`: the digests of the packages' archives, in their order. `code`: who worked it out; without it nothing is kept. */
export async function configureOnce(
  input: ScriptsInput,
  archives: readonly string[],
  context: RecordPlaces & Pick<BuildContext, "signal">,
  code: string | undefined = codeIdentity,
): Promise<Configured> {
  if (code === undefined) return configure(input, context.signal);
  const { tree, packages } = input;
  const apart = apartFrom(tree, packages);
  const placeBy = (entries: readonly Entry[]) => placeFor(entries, input, archives, context, code);
  const butApart = apart.size > 0 ? placeBy(tree.entries().filter(({ path }) => !liesApart(path, apart))) : undefined;
  const known = await butApart?.find();
  if (known !== undefined) return restored(known, tree);
  const ofAll = placeBy(tree.entries());
  const kept = await ofAll.find();
  if (kept !== undefined) return restored(kept, tree);
  const { needsApart, ...result } = await configure({ ...input, apart }, context.signal);
  const record = recordOf(result, tree);
  const place = needsApart ? ofAll : (butApart ?? ofAll);
  if (record !== undefined) await place.keep(record);
  return result;
}

/** Where it is kept what the scripts came to, by these entries of the tree and all else of the input. */
function placeFor(
  entries: readonly Entry[],
  input: ScriptsInput,
  archives: readonly string[],
  context: RecordPlaces,
  code: string,
) {
  const key = keyOf(entries, input, archives, code);
  const places = isShared(entries, input) ? context : { store: context.store };
  return {
    find: async () => (await findRecord(places, KIND, key)) as unknown as KeptConfiguration | undefined,
    // It holds JSON only; an interface is not seen as an index signature.
    keep: (record: KeptConfiguration) => keepRecord(places, KIND, key, record as unknown as Json),
  };
}

/** Files of this host count by their times, which mean nothing elsewhere; and an answer may be a password. */
function isShared(entries: readonly Entry[], { answers = {} }: ScriptsInput): boolean {
  const hasHostFiles = entries.some((entry) => entry.type === "file" && entry.content.kind === "host");
  return !hasHostFiles && Object.keys(answers).length === 0;
}

/** The evaluator is large, and mostly not needed. */
async function configure(input: ScriptsInput, signal: AbortSignal): Promise<ScriptsResult> {
  const { configureTree } = await import("./scripts/configure.ts");
  return inTurns(configureTree(input), signal);
}

function keyOf(
  entries: readonly Entry[],
  { packages, architecture, suite, answers, pinned }: ScriptsInput,
  archives: readonly string[],
  code: string,
): string {
  const parts = {
    code,
    architecture,
    suite,
    answers: answers ?? {},
    packages: packages.map(({ id, turn }, index) => [id, archives[index]!, turn ? { ...turn } : null]),
    pinned: (pinned ?? null) as unknown as Json,
    tree: entriesDigest(entries),
    // Which package a file is of decides who may do what with it, and is no part of a tree's digest.
    origins: digestOf(entries.map(({ origin }) => origin ?? "").join("\n")),
  };
  return hexOf(digestOf(canonicalJson(parts)));
}

interface KeptConfiguration extends Omit<Configured, "tree"> {
  readonly removed: readonly TreePath[];
  readonly put: readonly KeptEntry[];
}

type KeptEntry =
  | Exclude<Entry, FileEntry>
  | (Omit<FileEntry, "content"> & {
      /** Bytes as latin1, or the file of the tree before that has the same content. */
      readonly content: { readonly text: string } | { readonly sameAs: TreePath };
    });

/** Undefined where a file's content is neither in memory nor in the tree before: such a record could not be read back. */
function recordOf(result: Configured, before: FileTree): KeptConfiguration | undefined {
  const earlier = orderedLookup(before);
  const changed = result.tree.entries().filter((entry) => earlier(entry.path) !== entry);
  const contents = new Set(changed.map((entry) => (entry.type === "file" ? entry.content : undefined)));
  const holders = new Map<ContentHandle, TreePath>();
  for (const entry of before.entries())
    if (entry.type === "file" && contents.has(entry.content)) holders.set(entry.content, entry.path);
  const put: KeptEntry[] = [];
  for (const entry of changed) {
    if (entry.type !== "file") {
      put.push(entry);
      continue;
    }
    const sameAs = holders.get(entry.content);
    if (sameAs !== undefined) put.push({ ...entry, content: { sameAs } });
    else if (entry.content.kind === "inline") put.push({ ...entry, content: { text: latin1(entry.content.bytes) } });
    else return undefined;
  }
  const kept = orderedLookup(result.tree);
  const removed = before.entries().flatMap(({ path }) => (kept(path) === undefined ? [path] : []));
  const { ids, coverage, notes } = result;
  return { put, removed, ids, coverage, notes };
}

function restored({ put, removed, ids, coverage, notes }: KeptConfiguration, before: FileTree): Configured {
  const changed = put.map((entry) => entryOf(entry, before));
  return {
    tree: applyChanges(before, { changed, removed }),
    ids,
    coverage,
    notes,
  };
}

function entryOf(kept: KeptEntry, before: FileTree): Entry {
  if (kept.type !== "file") return kept;
  if ("text" in kept.content) {
    return { ...kept, content: { kind: "inline", bytes: Buffer.from(kept.content.text, "latin1") } };
  }
  const holder = before.get(kept.content.sameAs);
  if (holder?.type !== "file") throw new Error("The key says that the tree is the same");
  return { ...kept, content: holder.content };
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
