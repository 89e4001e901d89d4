/**
 * What comes back of a step that ran elsewhere. Nothing is believed: the bytes of its files are as many as it says and of their digest, and the
 * entries are such as this machine itself reads back of a step.
 */
import * as v from "valibot";
import { ImageDslError } from "../../error.ts";
import { gathered } from "../../http/gathered.ts";
import type { Entry } from "../../model/entry.ts";
import type { RunSpec } from "../../model/image-spec.ts";
import type { Json } from "../../model/json.ts";
import type { RemoteAnswer, RemoteBlob, RemoteWorkers } from "../../model/remote-work.ts";
import type { ExecutedScript, ScriptSurroundings } from "../../pipeline/script-places.ts";
import { FileTree } from "../../tree/file-tree.ts";
import { decodeScriptResult, encodeScriptResult } from "../script-result.ts";
import { CONTENTS_FILE, RESULT_FILE } from "./step-task.ts";

/** Some 300,000 entries. */
const MOST_RESULT_BYTES = 64 * 1024 * 1024;
const MOST_MODE = 0o7777;
/** What no unprivileged process makes. */
const DEVICES: readonly string[] = ["character", "block"];

const RESULT = v.strictObject({
  /** As it is kept. */
  result: v.custom<Json>(() => true),
  /** What the step wrote to its output. */
  lines: v.array(v.string()),
});

/** Throws `E_HASH_MISMATCH` for what is not what it should be. */
export async function takeStep(
  { outputs }: RemoteAnswer,
  { name }: RunSpec,
  { store, spec, target, emit }: ScriptSurroundings,
  workers: Pick<RemoteWorkers, "read">,
): Promise<ExecutedScript> {
  const blobs = new Map(outputs.map(({ path, blob }) => [path, blob]));
  const contents = blobs.get(CONTENTS_FILE);
  if (contents === undefined) throw wrong("it has no contents");
  const { result, lines } = await readResult(blobs.get(RESULT_FILE), workers);
  if (contents.size > 0) await store.putBlob(contents.digest, workers.read(contents), "What a step wrote elsewhere");
  const decoded = await decodeScriptResult(result, store, FileTree.empty);
  if (decoded === undefined) throw wrong("what it says of its files cannot be read");
  const { changed, removed } = decoded.changes;
  if (removed.length > 0 || decoded.used.length > 0) throw wrong("it says more than a step can");
  requireOurs(changed, contents, spec.mtime);
  for (const line of lines) emit({ type: "script-output", target, script: name, line });
  return { changes: decoded.changes, used: [], isForeign: true };
}

/** What a task leaves in `RESULT_FILE`. */
export function encodeStepResult({ changes }: ExecutedScript, lines: readonly string[]): string {
  return JSON.stringify({ result: encodeScriptResult({ changes, used: [] }, FileTree.empty), lines });
}

async function readResult(
  blob: RemoteBlob | undefined,
  workers: Pick<RemoteWorkers, "read">,
): Promise<v.InferOutput<typeof RESULT>> {
  if (blob === undefined || blob.size > MOST_RESULT_BYTES) throw wrong("it says too much of its files, or nothing");
  const text = (await gathered(workers.read(blob))).toString();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw wrong("what it says is no JSON");
  }
  const parsed = v.safeParse(RESULT, value);
  if (!parsed.success) throw wrong("what it says is not whole");
  return parsed.output;
}

/** In a tree's order, with what this machine gives all that steps make, and their bytes one after the other. */
function requireOurs(entries: readonly Entry[], contents: RemoteBlob, mtime: number): void {
  let offset = 0;
  for (const entry of entries) {
    const { uid, gid, uname, gname, xattrs, mode, type } = entry;
    const isPlain = uid === 0 && gid === 0 && uname === undefined && gname === undefined && xattrs === undefined;
    const isMode = Number.isInteger(mode) && mode >= 0 && mode <= MOST_MODE;
    if (!isPlain || !isMode || entry.mtime !== mtime || entry.origin !== "image" || DEVICES.includes(type)) {
      throw wrong("it holds what no step makes");
    }
    if (entry.type === "symlink" && !/^[^\0]+$/s.test(entry.target)) throw wrong("a link of it leads nowhere");
    if (entry.type !== "file") continue;
    if (!Number.isSafeInteger(entry.size) || entry.size < 0) throw wrong("a file of it has no size");
    if (entry.size === 0) continue;
    const { content } = entry;
    const isNext = content.kind === "slice" && content.archive === contents.digest && content.offset === offset;
    if (!isNext) throw wrong("a file of it is not where it should be");
    offset += entry.size;
  }
  if (offset !== contents.size) throw wrong("its files are not its contents");
  if (!isTree(entries)) throw wrong("its entries are no tree");
}

function isTree(entries: readonly Entry[]): boolean {
  try {
    const inOrder = FileTree.of(entries).entries();
    return inOrder.length === entries.length && inOrder.every((entry, index) => entry === entries[index]);
  } catch (error) {
    if (error instanceof ImageDslError) return false;
    throw error;
  }
}

function wrong(why: string): ImageDslError {
  return new ImageDslError("E_HASH_MISMATCH", `What another machine has made is refused: ${why}`);
}
