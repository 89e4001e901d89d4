/** What a script's function asks of the image: users' ids, and other sources' trees as directories. */
import { chmodSync, mkdirSync, symlinkSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { codeIdentity } from "../code-identity.ts";
import { ImageDslError } from "../error.ts";
import { displayBytes, encodeText } from "../model/bytes.ts";
import { digestOf, hexOf } from "../model/digest.ts";
import { canonicalJson, type Json } from "../model/json.ts";
import type { Source } from "../model/source.ts";
import { fileText } from "../tree/file-text.ts";
import type { FileTree } from "../tree/file-tree.ts";
import type { KnownTree } from "../tree/known-tree.ts";
import type { ExecutionContext } from "./script-executor.ts";
import { bringArchives } from "../tree/deferred-archives.ts";
import { layOutTree, placeOf, type LaidTree } from "../tree/materialize.ts";
import type { DerivedDirectory } from "../store/store.ts";
import { inTurns, nextTurn, type Pausing } from "../tree/turns.ts";
import type { UsedSource } from "../pipeline/script-places.ts";

/** `uid:gid` of a user of the tree's passwd file. Throws `E_SCRIPT_FAILED` where there is no such user. */
export function idOfUser(tree: FileTree, user: string): string {
  const text = fileText(tree, "etc/passwd") ?? "";
  const lines = text.split("\n").map((line) => line.split(":"));
  const found = lines.find(([name, , uid, gid]) => name === encodeText(user) && isID(uid) && isID(gid));
  if (found) return `${found[2]}:${found[3]}`;
  const users = lines.flatMap(([name]) => (name ? [displayBytes(name)] : []));
  throw new ImageDslError("E_SCRIPT_FAILED", `The image's /etc/passwd has no user "${user}"`, {
    hint: users.length > 0 ? `It has ${users.join(", ")}` : "No source of this image brings an /etc/passwd",
  });
}

export interface SourceDirectories {
  /** A read-only directory with the source's tree. Special files are left out; everything belongs to root. */
  path(source: Source): Promise<string>;
  /** Whether nobody has changed, in the store, what was found there: it is looked at from the first time that this is asked. */
  areAsMade(): Promise<boolean>;
  /** What was asked for, in order; undefined where a source's options are no JSON and so cannot be looked up again. */
  used(): readonly UsedSource[] | undefined;
}

/** Stands for a tree that a script is given under a name, which is also its directory's. */
export function namedInput(name: string): Source<typeof NAMED, string> {
  return { kind: NAMED, options: name };
}

const NAMED = "input";

/** One second after 1970: some tools take 0 for "no time". */
const EPOCH = 1;

/** `areKept`: nothing can change them, so that large ones are found again by the next run. */
export function sourceDirectories(
  directory: string,
  context: Pick<ExecutionContext, "knownTreeOf" | "store" | "signal">,
  { backwards, areKept }: { readonly backwards: boolean; readonly areKept: boolean },
): SourceDirectories {
  const places = new Map<Source, Promise<string>>();
  const found: DerivedDirectory[] = [];
  const used: (UsedSource | undefined)[] = [];
  const layOut = async (source: Source, index: number): Promise<string> => {
    const known = await context.knownTreeOf(source);
    const { kind, options } = source;
    if (isJson(options)) used[index] = { kind, options, tree: known.digest };
    const place = join(directory, kind === NAMED ? String(options) : String(index));
    const fill = async (made: string) => layOutSource(await known.tree(), made, context.signal, backwards);
    const key = areKept && !backwards ? keyOfKept(known) : undefined;
    const kept = key === undefined ? undefined : await context.store.deriveDirectory(KEPT, key, fill, context.signal);
    if (kept !== undefined) {
      found.push(kept);
      symlinkSync(kept.path, place);
    } else {
      mkdirSync(place, { mode: 0o700 });
      await fill(place);
    }
    return place;
  };
  return {
    path(source) {
      let place = places.get(source);
      if (place === undefined) {
        const index = used.push(undefined) - 1;
        place = layOut(source, index);
        places.set(source, place);
      }
      return place;
    },
    async areAsMade() {
      await nextTurn();
      for (const each of found) if (!(await each.isWhole())) return false;
      return true;
    },
    used: () => (used.includes(undefined) ? undefined : (used as readonly UsedSource[])),
  };
}

const KEPT = "laid-out";
/** Fewer entries with fewer bytes are laid out as soon as looked at. */
const MANY = 1000;
const LARGE = 16 * 1024 * 1024;

/** Undefined where it is not kept: what our own code makes is found again by the same code only. */
function keyOfKept({ digest, size, contentSize }: KnownTree): string | undefined {
  if (codeIdentity === undefined || (size < MANY && contentSize < LARGE)) return undefined;
  return hexOf(digestOf(canonicalJson({ code: codeIdentity, tree: digest })));
}

/** Read-only, into a directory that is there. */
async function layOutSource(tree: FileTree, place: string, signal: AbortSignal, backwards: boolean): Promise<void> {
  await bringArchives(tree.entries());
  const layOut = layOutTree(tree, encodeText(place), { purpose: "script", faked: false, backwards });
  await inTurns(protect(await inTurns(layOut, signal)), signal);
  chmodSync(place, 0o555);
  // No entry says when it was made; all others' time will do.
  utimesSync(place, EPOCH, EPOCH);
}

function* protect(laid: LaidTree): Pausing<void> {
  for (const { entry } of [...laid.entries.values()].reverse()) {
    const read = entry.type === "directory" ? 0o500 : 0o400;
    if (entry.type !== "symlink")
      chmodSync(placeOf(laid.directory, entry.path), ((entry.mode & 0o777) | read) & ~0o222);
    yield;
  }
}

/** Whether a value is the same after being written as JSON and read again. */
function isJson(value: unknown): value is Json {
  if (value === null || typeof value === "string" || typeof value === "boolean") return true;
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object") return false;
  if (Array.isArray(value)) return value.every(isJson);
  const isPlain = Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null;
  return isPlain && Object.values(value).every((member) => member === undefined || isJson(member));
}

function isID(text: string | undefined): boolean {
  return text !== undefined && /^[0-9]{1,10}$/.test(text);
}
