/** `account`: a user that the image is to have, made where neither the base nor the contents bring it. */
import * as v from "valibot";
import {
  ImageDslError,
  decodeText,
  directoryEntry,
  fileText,
  inlineFile,
  lookup,
  nearest,
  parseGroup,
  parsePasswd,
  platformText,
  withEntries,
  type Entry,
  type FileTree,
  type MergeContext,
} from "../../core/index.ts";
import { placeIn } from "./place.ts";

export interface AccountOptions {
  readonly name: string;
  /** Its first group. Default: one of its own, by its name. */
  readonly group?: string;
  readonly uid?: number;
  readonly gid?: number;
  /** Made where it is missing, as the user's. Default: /nonexistent. */
  readonly home?: string;
}

const LOCK_KIND = "account";

/** Ids of system users (Debian policy, 9.2.2). Packages' own are given out from below. */
const [LOWEST, HIGHEST] = [100, 999];
/** Debian's for whom nobody logs in as. */
const SHELL = "/usr/sbin/nologin";
const NO_HOME = "/nonexistent";
const ROOT = { passwd: "root:x:0:0:root:/root:/bin/sh\n", group: "root:x:0:\n" };

interface Accounts {
  readonly passwd: string;
  readonly group: string;
  readonly users: ReadonlyMap<string, { readonly uid: number; readonly gid: number }>;
  readonly groups: ReadonlyMap<string, number>;
}

/** Throws `E_ACCOUNT` where it cannot be made as it is asked for, or is most likely another one's name mistyped. */
export function withAccount(tree: FileTree, asked: AccountOptions, context: MergeContext): FileTree {
  const { name } = asked;
  const accounts = accountsIn(tree);
  const known = accounts.users.get(name);
  if (known !== undefined) {
    refuseOther(asked, known, context);
    return tree;
  }
  if (asked.uid === undefined) refuseMistyped(name, accounts, context);
  const { uid, gid } = idsOf(asked, accounts, context);
  const group = asked.group ?? name;
  const { home = NO_HOME } = asked;
  const takesGroup = accounts.groups.get(group) !== undefined;
  const made = [
    written(tree, "/etc/passwd", `${accounts.passwd}${name}:x:${uid}:${gid}::${home}:${SHELL}\n`),
    ...(takesGroup ? [] : [written(tree, "/etc/group", `${accounts.group}${group}:x:${gid}:\n`)]),
    ...shadowed(tree, "/etc/shadow", `${name}:!:::::::\n`),
    ...(takesGroup ? [] : shadowed(tree, "/etc/gshadow", `${group}:!::\n`)),
    ...(asked.home === undefined || lookup(tree, home) !== undefined
      ? []
      : [{ ...directoryEntry(placeIn(tree, home)), uid, gid, origin: "image" }]),
  ];
  context.emit({ type: "note", message: `${context.target}: makes the user ${name} (${uid}:${gid})` });
  return withEntries(tree, made);
}

/** Of `USER[:GROUP]`, by names or numbers; undefined where the tree has no user or group of that name. */
export function ownerIn(tree: FileTree, text: string): { readonly uid: number; readonly gid: number } | undefined {
  const [user = "", group] = text.split(":");
  const { users, groups } = accountsIn(tree);
  const known = users.get(user);
  const uid = known?.uid ?? numberIn(user);
  const gid = group === undefined ? (known?.gid ?? 0) : (groups.get(group) ?? numberIn(group));
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}

function numberIn(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

function accountsIn(tree: FileTree): Accounts {
  const passwd = textIn(tree, "/etc/passwd") ?? ROOT.passwd;
  const group = textIn(tree, "/etc/group") ?? ROOT.group;
  return {
    passwd,
    group,
    users: new Map(parsePasswd(passwd).map(({ name, uid, gid }) => [decodeText(name) ?? name, { uid, gid }])),
    groups: new Map(parseGroup(group).map(({ name, gid }) => [decodeText(name) ?? name, gid])),
  };
}

/** The ids that were asked for, else those that the lock has, else the next free ones. */
function idsOf(
  { name, group = name, uid, gid }: AccountOptions,
  { users, groups }: Accounts,
  { lock, target, platform, emit }: MergeContext,
): { readonly uid: number; readonly gid: number } {
  const taken = new Set([...[...users.values()].map((user) => user.uid), ...groups.values()]);
  const given = groups.get(group) ?? gid;
  if (uid !== undefined) {
    const other = [...users].find(([, user]) => user.uid === uid);
    if (other) throw refused(target, `the uid ${uid}, which is ${other[0]}'s`);
    return { uid, gid: given ?? ownGroup(uid, groups, target) };
  }
  const request = { target, platform: platformText(platform), name };
  const pinned = lock.read(LOCK_KIND, name, request, pinSchema, [target]);
  const free = pinned !== undefined && !taken.has(pinned.uid) ? pinned.uid : nextFree(taken, target);
  const before = lock.peek(LOCK_KIND, request, pinSchema)?.uid;
  lock.write(LOCK_KIND, name, request, { uid: free });
  if (before !== undefined && before !== free) {
    emit({ type: "moved", target, what: "users", pins: [{ name, from: `${before}`, to: `${free}` }] });
  }
  return { uid: free, gid: given ?? free };
}

function ownGroup(gid: number, groups: Accounts["groups"], target: string): number {
  const other = [...groups].find(([, id]) => id === gid);
  if (other) throw refused(target, `the gid ${gid}, which is the group ${other[0]}'s; write gid too`);
  return gid;
}

function nextFree(taken: ReadonlySet<number>, target: string): number {
  for (let id = HIGHEST; id >= LOWEST; id--) if (!taken.has(id)) return id;
  throw refused(target, `an id from ${LOWEST} to ${HIGHEST}, and all of them are taken`);
}

function refuseOther({ name, uid, gid }: AccountOptions, known: { uid: number; gid: number }, context: MergeContext) {
  const isOther = (uid ?? known.uid) !== known.uid || (gid ?? known.gid) !== known.gid;
  if (!isOther) return;
  throw new ImageDslError(
    "E_ACCOUNT",
    `${context.target}: user "${name}" is to be ${uid ?? known.uid}:${gid ?? known.gid}, but is there already, as ${known.uid}:${known.gid}`,
    { hint: "Leave uid and gid out, or take another name" },
  );
}

function refuseMistyped(name: string, { users }: Accounts, { target }: MergeContext): void {
  // Of three letters, as of app and apt, one makes another name.
  const candidates = [...users.keys()].filter((each) => name.length > 3 || lettersOf(each) === lettersOf(name));
  const near = nearest(name, candidates, 1);
  if (near === undefined) return;
  throw new ImageDslError("E_ACCOUNT", `${target}: there is no user "${name}", but there is "${near}"`, {
    hint: `Did you mean "${near}"? To have another one made, give it a number: user: { name: "${name}", uid: 1000 }`,
  });
}

function lettersOf(name: string): string {
  return [...name.toLowerCase()].toSorted().join("");
}

function refused(target: string, what: string): ImageDslError {
  return new ImageDslError("E_ACCOUNT", `${target}: a user is to have ${what}`, {
    hint: "Write free ones: user: { name, uid, gid }",
  });
}

/** Where passwords are kept apart, every user has a line there. */
function shadowed(tree: FileTree, path: string, line: string): readonly Entry[] {
  const text = textIn(tree, path);
  return text === undefined ? [] : [written(tree, path, `${text}${line}`)];
}

/** With the mode and owner that it has. */
function written(tree: FileTree, path: string, text: string): Entry {
  const present = lookup(tree, path);
  const file = inlineFile(placeIn(tree, path), Buffer.from(text, "latin1"), { origin: "image" });
  if (present?.type !== "file") return file;
  return { ...file, path: present.path, mode: present.mode, uid: present.uid, gid: present.gid };
}

/** As a byte string, whose last line has its end. */
function textIn(tree: FileTree, path: string): string | undefined {
  const text = fileText(tree, path);
  return text === undefined || text === "" || text.endsWith("\n") ? text : `${text}\n`;
}

const pinSchema = v.strictObject({ uid: v.pipe(v.number(), v.integer(), v.minValue(LOWEST), v.maxValue(HIGHEST)) });
