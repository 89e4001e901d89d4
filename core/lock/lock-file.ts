/**
 * `image.lock.json`: what moves, pinned. Canonical JSON, written atomically and only when it changed. An entry's key is
 * the digest of its request, and it holds the request, so that a changed request is a new entry and no old one lies.
 */
import { lstat } from "node:fs/promises";
import { ImageDslError, messageOf, systemCodeOf } from "../error.ts";
import { hasFewValues } from "../limits/held-memory.ts";
import { beyond } from "../limits/limits.ts";
import { isShallow } from "./lock-depth.ts";
import { kindOf, readRegular } from "../regular-file.ts";
import { digestOf, hexOf } from "../model/digest.ts";
import { nearest } from "../model/nearest.ts";
import { canonicalJson, isRecord, prettyJson, type Json } from "../model/json.ts";
import { checkedAnswer, type AnswerSchema } from "./answer.ts";
import type { Lock, LockReview, PinName, PreviousAnswer } from "./lock.ts";
import { replaceLock, requireWritable } from "./write-lock.ts";

/** Names the bytes that this version of image-dsl makes; a change of any byte of output is a new one. */
export const FORMAT_VERSION = 1;

const LOCK_VERSION = 1;

export interface LockOptions {
  readonly file: string;
  /** Refuse what would change the lock. */
  readonly frozen: boolean;
  /** `--update-lock`: all of it, or what has this name. */
  readonly update: true | string | undefined;
}

export interface LockFile extends Lock {
  /** Throws `E_USAGE` where nothing has the name that was to be renewed. */
  refuseUnknownName(): void;
  /** How what this run asked for compares with what the file holds. */
  review(): LockReview;
  /** From now on, what is new is refused at once where the file could not be written: work would be lost that is done until `save`. */
  expectSave(): void;
  /** Writes the file if anything changed, and gives whether it did. `prune` drops the entries that this run did not use. */
  save(prune: boolean): Promise<boolean>;
}

interface LockEntry {
  readonly name: string;
  readonly request: Json;
  readonly answer: Json;
}

type Entries = Record<string, Record<string, LockEntry>>;

interface LockContents {
  readonly formatVersion: number;
  readonly entries: Entries;
}

/**
 * Reads the lock; an absent one is empty. Throws `E_LOCK_INVALID` where it is no lock of this version, `E_LOCK_FROZEN`
 * where a frozen one was made for other bytes of output than this version makes.
 */
export async function openLock({ file, frozen, update }: LockOptions): Promise<LockFile> {
  const text = await readLockText(file);
  const { entries, formatVersion }: LockContents =
    text === undefined ? { entries: {}, formatVersion: FORMAT_VERSION } : parse(file, text);
  if (frozen && formatVersion !== FORMAT_VERSION) {
    throw frozenError(
      `${file} was made for images of the format ${formatVersion}, and this image-dsl makes the format ${FORMAT_VERSION}`,
    );
  }
  const pinnedBefore = namesIn(entries);
  const used = new Set<string>();
  const renewed = new Set<string>();
  const names = new Set<string>();
  let isExpected = false;
  const isToRenew = (name: string): boolean => {
    names.add(name);
    return update === true || update === name;
  };

  const answerOf = <Answer>(kind: string, { name, request, answer }: LockEntry, schema: AnswerSchema<Answer>): Answer =>
    checkedAnswer(schema, answer, (why) =>
      invalid(file, `what it has of ${kind} "${name}" is damaged: ${why}`, {
        path: `entries.${kind}.${keyOf(request)}`,
      }),
    );

  const previous = new WeakMap<LockEntry, readonly [schema: unknown, given: unknown]>();
  const previousOf = <Answer>(kind: string, entry: LockEntry, schema: AnswerSchema<Answer>): PreviousAnswer<Answer> => {
    const [by, known] = previous.get(entry) ?? [];
    if (by === schema) return known as PreviousAnswer<Answer>;
    const given = { request: entry.request, answer: () => answerOf(kind, entry, schema) };
    previous.set(entry, [schema, given]);
    return given;
  };

  const lock: LockFile = {
    read(kind, name, request, schema, alsoNamed = []) {
      const key = keyOf(request);
      const entry = entries[kind]?.[key];
      const stale = [name, ...alsoNamed].filter(isToRenew).length > 0 && !renewed.has(`${kind} ${key}`);
      if (entry !== undefined && !stale) {
        used.add(`${kind} ${key}`);
        return answerOf(kind, entry, schema);
      }
      if (frozen) throw frozenError(`${file} has no entry for ${kind} "${name}" as it is asked for now`);
      return undefined;
    },

    peek(kind, request, schema) {
      const entry = entries[kind]?.[keyOf(request)];
      return entry && answerOf(kind, entry, schema);
    },

    previous: (kind, schema) => Object.values(entries[kind] ?? {}).map((entry) => previousOf(kind, entry, schema)),

    renews: isToRenew,

    write(kind, name, request, answer) {
      const key = keyOf(request);
      const known = entries[kind]?.[key]?.answer;
      if (frozen && known === undefined) throw frozenError(`${file} has no entry for ${kind} "${name}"`);
      if (frozen && canonicalJson(known!) !== canonicalJson(answer)) {
        throw frozenError(`${file} has something else for ${kind} "${name}" than this build pins`);
      }
      if (isExpected && (known === undefined || canonicalJson(known) !== canonicalJson(answer))) requireWritable(file);
      (entries[kind] ??= {})[key] = { name, request, answer };
      used.add(`${kind} ${key}`);
      renewed.add(`${kind} ${key}`);
    },

    remember(kind, name, request, answer) {
      if (!frozen) lock.write(kind, name, request, answer);
    },

    expectSave() {
      isExpected = true;
    },

    refuseUnknownName() {
      if (typeof update === "string" && !names.has(update)) throw unknownName(update, names);
    },

    review: () => ({
      unpinned: distinct([...namesIn(entries)].flatMap(([key, name]) => (pinnedBefore.has(key) ? [] : [name]))),
      unasked: distinct([...pinnedBefore].flatMap(([key, name]) => (used.has(key) ? [] : [name]))),
    }),

    async save(prune) {
      if (frozen) return false;
      if (prune) dropUnused(entries, used);
      // Other builds may have pinned something since this one began: it stays, and only what this one pinned is added.
      const current = await readLockText(file);
      const isAsRead = current === text || current === undefined;
      const kept = prune || isAsRead ? entries : withPins(parse(file, current).entries, entries, renewed);
      const next = prettyJson({
        lockVersion: LOCK_VERSION,
        formatVersion: FORMAT_VERSION,
        entries: kept as unknown as Json,
      });
      if (next === current || (current === undefined && Object.keys(kept).length === 0)) return false;
      await replaceLock(file, next);
      return true;
    },
  };
  return lock;
}

function keyOf(request: Json): string {
  return hexOf(digestOf(canonicalJson(request)));
}

function frozenError(what: string): ImageDslError {
  return new ImageDslError("E_LOCK_FROZEN", `${what}, and the lock is frozen`, {
    hint: "Build once without --frozen-lock (and without CI set) and commit the changed lock",
  });
}

function unknownName(name: string, known: ReadonlySet<string>): ImageDslError {
  const near = nearest(name, [...known].toSorted());
  const others =
    "The lock has the names of images, image-dsl plan those of packages; without a name everything is renewed";
  return new ImageDslError(
    "E_USAGE",
    `--update-lock "${name}": no target, no image and no package of this build has this name`,
    {
      hint: near === undefined ? others : `Did you mean "${near}"?`,
    },
  );
}

/** `others` with those of `own` that are among `pinned`. */
function withPins(others: Entries, own: Entries, pinned: ReadonlySet<string>): Entries {
  for (const [kind, ofKind] of Object.entries(own)) {
    for (const [key, entry] of Object.entries(ofKind)) {
      if (pinned.has(`${kind} ${key}`)) (others[kind] ??= {})[key] = entry;
    }
  }
  return others;
}

/** By kind and key. */
function namesIn(entries: Entries): ReadonlyMap<string, PinName> {
  const all = Object.entries(entries).flatMap(([kind, ofKind]) =>
    Object.entries(ofKind).map(([key, { name }]) => [`${kind} ${key}`, { kind, name }] as const),
  );
  return new Map(all);
}

/** Several requests may have one name: of one image for each of its platforms. */
function distinct(names: readonly PinName[]): readonly PinName[] {
  return [...new Map(names.map((each) => [`${each.kind} ${each.name}`, each])).values()];
}

function dropUnused(entries: Entries, used: ReadonlySet<string>): void {
  for (const [kind, ofKind] of Object.entries(entries)) {
    for (const key of Object.keys(ofKind)) if (!used.has(`${kind} ${key}`)) delete ofKind[key];
    if (Object.keys(ofKind).length === 0) delete entries[kind];
  }
}

function parse(file: string, text: string): LockContents {
  if (!hasFewValues(text)) throw invalid(file, `it has ${beyond("json.values")}`);
  if (!isShallow(text)) throw invalid(file, `it has ${beyond("lock.depth")}`);
  let lock: unknown;
  try {
    lock = JSON.parse(text);
  } catch (cause) {
    throw invalid(file, notJson(cause));
  }
  if (!isRecord(lock) || !isRecord(lock["entries"])) throw invalid(file, "it has no entries");
  if (lock["lockVersion"] !== LOCK_VERSION) {
    throw invalid(
      file,
      `it has the version ${String(lock["lockVersion"])}, and this image-dsl reads version ${LOCK_VERSION}`,
    );
  }
  const formatVersion = lock["formatVersion"];
  if (typeof formatVersion !== "number" || formatVersion > FORMAT_VERSION) {
    throw invalid(
      file,
      `it is for images of the format ${String(formatVersion)}, and this image-dsl makes the format ${FORMAT_VERSION}`,
    );
  }
  for (const [kind, ofKind] of Object.entries(lock["entries"])) {
    if (!isRecord(ofKind)) throw invalid(file, `its entries for "${kind}" are no object`);
    for (const [key, entry] of Object.entries(ofKind)) {
      if (!isRecord(entry) || typeof entry["name"] !== "string" || !("request" in entry) || !("answer" in entry)) {
        throw invalid(file, `its entry ${kind}/${key} is not whole`);
      }
      if (keyOf(entry["request"] as Json) !== key) throw invalid(file, `its entry ${kind}/${key} was changed by hand`);
    }
  }
  return { formatVersion, entries: lock["entries"] as Entries };
}

/** Where it is no JSON; not the parser's own words, which quote the file, and that may be another one by mistake. */
function notJson(cause: unknown): string {
  const [position] = /at position [0-9]+/.exec(messageOf(cause)) ?? [];
  return position === undefined ? "it is not JSON" : `it is not JSON (${position})`;
}

function invalid(file: string, why: string, { path, cause }: { path?: string; cause?: unknown } = {}): ImageDslError {
  return new ImageDslError("E_LOCK_INVALID", `Cannot use the lock ${file}: ${why}`, {
    hint: "Use the image-dsl that wrote it, restore it from version control, or delete it and build again to pin anew",
    place: { file, ...(path !== undefined && { path }) },
    cause,
  });
}

/** A link is refused: the lock is replaced by renaming, and what it led to would stay as it was. */
/** Undefined where there is none. Throws `E_LOCK_INVALID` for what is no regular file, or cannot be read. */
export async function readLockText(file: string): Promise<string | undefined> {
  try {
    const stat = await lstat(file);
    if (!stat.isFile()) throw new Error(`it is ${kindOf(stat)}, not a regular file`);
    return (await readRegular(file, "lock.bytes")).toString("utf8");
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return undefined;
    throw invalid(file, messageOf(error), { cause: error });
  }
}
