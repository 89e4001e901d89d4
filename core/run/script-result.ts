/**
 * Results of scripts in the store: what a script changed, found again by the digest of all that could change it.
 * Contents are one blob; what came from the tree before is named by its path there.
 */
import * as v from "valibot";
import { recordOf } from "../config/record-of.ts";
import type { ContentHandle, Entry } from "../model/entry.ts";
import { parseDigest, type Digest } from "../model/digest.ts";
import { encodeText } from "../model/bytes.ts";
import type { Json } from "../model/json.ts";
import { isTreePath, type TreePath } from "../model/path.ts";
import type { UsedSource } from "../pipeline/script-places.ts";
import type { Store } from "../store/store.ts";
import type { TreeChanges } from "../tree/diff.ts";
import type { FileTree } from "../tree/file-tree.ts";

export const RESULT_KIND = "script-results";
const NO_BYTES = new Uint8Array(0);

export interface ScriptResult {
  readonly changes: TreeChanges;
  readonly used: readonly UsedSource[];
}

export async function writeScriptResult(
  store: Store,
  key: string,
  before: FileTree,
  result: ScriptResult,
): Promise<void> {
  await store.writeRecord(RESULT_KIND, key, encodeScriptResult(result, before));
}

export function encodeScriptResult(result: ScriptResult, before: FileTree): Json {
  const places = new Map<ContentHandle, TreePath>();
  for (const entry of before.entries()) if (entry.type === "file") places.set(entry.content, entry.path);
  const record = {
    changed: result.changes.changed.map((entry) => encodeEntry(entry, places)),
    removed: result.changes.removed,
    used: result.used,
  };
  // Interfaces are not seen as index signatures; the record is plain data.
  return record as unknown as Json;
}

/** Those in which the contents of what changed lie. */
export function blobsOf({ changes }: ScriptResult, before: FileTree): readonly Digest[] {
  const kept = new Set(before.entries().flatMap((entry) => (entry.type === "file" ? [entry.content] : [])));
  const archives = changes.changed.flatMap((entry) =>
    entry.type === "file" && entry.content.kind === "slice" && !kept.has(entry.content) ? [entry.content.archive] : [],
  );
  return [...new Set(archives)];
}

/** Undefined where there is none, it cannot be read, or its blob is gone. */
export async function readScriptResult(store: Store, key: string, before: FileTree): Promise<ScriptResult | undefined> {
  return decodeScriptResult(await store.readRecord(RESULT_KIND, key), store, before);
}

export async function decodeScriptResult(
  record: Json | undefined,
  store: Store,
  before: FileTree,
): Promise<ScriptResult | undefined> {
  const parsed = v.safeParse(RECORD, record);
  if (!parsed.success) return undefined;
  const changed: Entry[] = [];
  for (const each of parsed.output.changed) {
    const entry = await decodeEntry(each, store, before);
    if (entry === undefined) return undefined;
    changed.push(entry);
  }
  const { removed, used } = parsed.output;
  return { changes: { changed, removed }, used: used as unknown as readonly UsedSource[] };
}

function encodeEntry(entry: Entry, places: ReadonlyMap<ContentHandle, TreePath>): object {
  if (entry.type !== "file") return entry;
  const { content, ...rest } = entry;
  const from = places.get(content);
  if (from !== undefined) return { ...rest, content: { from } };
  if (content.kind !== "slice") return { ...rest, content: {} };
  return { ...rest, content: { blob: content.archive, offset: content.offset } };
}

type Stored = v.InferOutput<typeof ENTRY>;

async function decodeEntry(stored: Stored, store: Store, before: FileTree): Promise<Entry | undefined> {
  if (stored.type !== "file") return stored as Entry;
  const { content } = stored;
  if ("from" in content) {
    const source = before.get(content.from);
    return source?.type === "file" ? ({ ...stored, content: source.content } as Entry) : undefined;
  }
  if (!("blob" in content)) return { ...stored, content: { kind: "inline", bytes: NO_BYTES } } as Entry;
  const archive = parseDigest(content.blob);
  const file = await store.findBlob(archive);
  if (file === undefined) return undefined;
  return { ...stored, content: { kind: "slice", file: encodeText(file), archive, offset: content.offset } } as Entry;
}

/** Of machines that share a cache, too: nobody's leads out of the tree. */
const PATH = v.custom<TreePath>((value) => typeof value === "string" && isTreePath(value));

const META = {
  path: PATH,
  mode: v.number(),
  uid: v.number(),
  gid: v.number(),
  uname: v.exactOptional(v.string()),
  gname: v.exactOptional(v.string()),
  mtime: v.number(),
  xattrs: v.exactOptional(recordOf(v.string(), v.string())),
  origin: v.exactOptional(v.string()),
};

const CONTENT = v.union([
  v.strictObject({ from: PATH }),
  v.strictObject({ blob: v.pipe(v.string(), v.regex(/^sha256:[0-9a-f]{64}$/)), offset: v.number() }),
  v.strictObject({}),
]);

const ENTRY = v.variant("type", [
  v.strictObject({ ...META, type: v.literal("file"), size: v.number(), content: CONTENT }),
  v.strictObject({ ...META, type: v.picklist(["directory", "fifo"]) }),
  v.strictObject({ ...META, type: v.literal("symlink"), target: v.string() }),
  v.strictObject({ ...META, type: v.literal("hardlink"), target: PATH }),
  v.strictObject({ ...META, type: v.picklist(["character", "block"]), major: v.number(), minor: v.number() }),
]);

const RECORD = v.strictObject({
  changed: v.array(ENTRY),
  removed: v.array(PATH),
  used: v.array(v.strictObject({ kind: v.string(), options: v.unknown(), tree: v.string() })),
});
