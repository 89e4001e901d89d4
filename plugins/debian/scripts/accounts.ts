/**
 * Users and groups as the shadow tools keep them: in the image's own files, so that scripts that read them see the
 * same. Times are the epoch's, for which those tools leave the day of the last password change empty.
 */
import {
  type GroupEntry,
  ImageDslError,
  type PasswdEntry,
  type ShadowEntry,
  type TreePath,
  formatGroup,
  formatGshadow,
  formatPasswd,
  formatShadow,
  parseGroup,
  parseGshadow,
  parsePasswd,
  parseShadow,
  treePath,
} from "../../../core/index.ts";
import type { FileSystem } from "./file-system.ts";
import { NotCovered } from "./shell/state.ts";

/** Ids to be given again to users and groups of these names, from the lock. */
export interface PinnedIDs {
  readonly users: Readonly<Record<string, { readonly uid: number; readonly gid: number }>>;
  readonly groups: Readonly<Record<string, number>>;
}

export interface Accounts {
  users(): readonly PasswdEntry[];
  groups(): readonly GroupEntry[];
  user(name: string): PasswdEntry | undefined;
  group(name: string): GroupEntry | undefined;
  addUser(user: PasswdEntry, ages: Pick<ShadowEntry, "minimum" | "maximum" | "warning">): void;
  addGroup(name: string, gid: number): void;
  changeUser(name: string, change: Partial<Omit<PasswdEntry, "name">>): void;
  shadow(name: string): ShadowEntry | undefined;
  /** Of the shadow entry: the password, and how long it is good. */
  changeShadow(name: string, change: Partial<Omit<ShadowEntry, "name">>): void;
  removeUser(name: string): void;
  removeGroup(name: string): void;
  renameGroup(from: string, to: string): void;
  /** Users who have it as their primary group go with it. */
  renumberGroup(name: string, gid: number): void;
  addMember(group: string, user: string): void;
  removeMember(group: string, user: string): void;
  /** The first free id of a range, from its start; ids pinned for others count as taken. */
  freeUID(name: string, first: number, last: number): number | undefined;
  freeGID(name: string, first: number, last: number): number | undefined;
  /** `shadowconfig on`: passwords go from passwd and group into shadow and gshadow. */
  enableShadow(): void;
}

const PASSWD = treePath("etc/passwd");
const GROUP = treePath("etc/group");
const SHADOW = treePath("etc/shadow");
const GSHADOW = treePath("etc/gshadow");
/** Of a character that is parsed, in bytes handled. */
const PARSE_COST = 2;

export function createAccounts(files: FileSystem, pinned: PinnedIDs, spend: (units: number) => void): Accounts {
  const readFile = <Entry>(path: TreePath, parse: (text: string) => readonly Entry[]): readonly Entry[] | undefined => {
    if (files.get(path) === undefined) return undefined;
    const text = files.read(path);
    spend(PARSE_COST * text.length);
    try {
      return parse(text);
    } catch (error) {
      if (error instanceof ImageDslError) throw new NotCovered(error.message);
      throw error;
    }
  };
  const users = () => readFile(PASSWD, parsePasswd) ?? [];
  const groups = () => readFile(GROUP, parseGroup) ?? [];
  const shadow = () => readFile(SHADOW, parseShadow);
  const gshadow = () => readFile(GSHADOW, parseGshadow);
  const writeUsers = (entries: readonly PasswdEntry[]) => files.write(PASSWD, formatPasswd(entries), 0o644);
  const writeGroups = (entries: readonly GroupEntry[]) => files.write(GROUP, formatGroup(entries), 0o644);

  const changeGroup = (name: string, change: (group: GroupEntry) => GroupEntry) => {
    writeGroups(groups().map((entry) => (entry.name === name ? change(entry) : entry)));
  };
  const changeGshadow = (name: string, change: (members: readonly string[]) => readonly string[]) => {
    const hidden = gshadow();
    if (!hidden) return;
    const changed = hidden.map((entry) => (entry.name === name ? { ...entry, members: change(entry.members) } : entry));
    files.write(GSHADOW, formatGshadow(changed), 0o640);
  };
  const changeMembers = (name: string, change: (members: readonly string[]) => readonly string[]) => {
    changeGroup(name, (entry) => ({ ...entry, members: change(entry.members) }));
    changeGshadow(name, change);
  };
  const pinnedUIDs = (name: string) =>
    new Set(Object.entries(pinned.users).flatMap(([other, ids]) => (other === name ? [] : [ids.uid])));
  const pinnedGIDs = (name: string) =>
    new Set([
      ...Object.entries(pinned.groups).flatMap(([other, gid]) => (other === name ? [] : [gid])),
      ...Object.entries(pinned.users).flatMap(([, ids]) => (pinned.groups[name] === ids.gid ? [] : [ids.gid])),
    ]);

  return {
    users,
    groups,
    user: (name) => users().find((entry) => entry.name === name),
    group: (name) => groups().find((entry) => entry.name === name),
    addUser(user, ages) {
      const hidden = shadow();
      writeUsers([...users(), { ...user, password: hidden ? "x" : "!" }]);
      if (!hidden) return;
      const added = {
        name: user.name,
        password: "!",
        lastChange: undefined,
        ...ages,
        inactive: undefined,
        expires: undefined,
      };
      files.write(SHADOW, formatShadow([...hidden, added]), 0o640);
    },
    addGroup(name, gid) {
      const hidden = gshadow();
      writeGroups([...groups(), { name, password: "x", gid, members: [] }]);
      if (!hidden) return;
      const added = { name, password: "!", administrators: [], members: [] };
      files.write(GSHADOW, formatGshadow([...hidden, added]), 0o640);
    },
    changeUser(name, change) {
      writeUsers(users().map((entry) => (entry.name === name ? { ...entry, ...change } : entry)));
    },
    shadow: (name) => shadow()?.find((entry) => entry.name === name),
    changeShadow(name, change) {
      const hidden = shadow();
      if (!hidden) throw new NotCovered("changing a password without shadow passwords is not supported");
      const changed = hidden.map((entry) => (entry.name === name ? { ...entry, ...change } : entry));
      files.write(SHADOW, formatShadow(changed), 0o640);
    },
    removeUser(name) {
      writeUsers(users().filter((entry) => entry.name !== name));
      const hidden = shadow();
      if (hidden) files.write(SHADOW, formatShadow(hidden.filter((entry) => entry.name !== name)), 0o640);
      for (const group of groups()) {
        if (group.members.includes(name))
          changeMembers(group.name, (members) => members.filter((member) => member !== name));
      }
    },
    removeGroup(name) {
      writeGroups(groups().filter((entry) => entry.name !== name));
      const hidden = gshadow();
      if (hidden) files.write(GSHADOW, formatGshadow(hidden.filter((entry) => entry.name !== name)), 0o640);
    },
    renameGroup(from, to) {
      changeGroup(from, (entry) => ({ ...entry, name: to }));
      const hidden = gshadow();
      if (!hidden) return;
      const renamed = hidden.map((entry) => (entry.name === from ? { ...entry, name: to } : entry));
      files.write(GSHADOW, formatGshadow(renamed), 0o640);
    },
    renumberGroup(name, gid) {
      const before = groups().find((entry) => entry.name === name)?.gid;
      changeGroup(name, (entry) => ({ ...entry, gid }));
      writeUsers(users().map((entry) => (entry.gid === before ? { ...entry, gid } : entry)));
    },
    addMember: (group, user) =>
      changeMembers(group, (members) => (members.includes(user) ? members : [...members, user])),
    removeMember: (group, user) => changeMembers(group, (members) => members.filter((member) => member !== user)),
    freeUID(name, first, last) {
      const taken = new Set(users().map((entry) => entry.uid));
      const wanted = pinned.users[name]?.uid;
      if (wanted !== undefined && !taken.has(wanted)) return wanted;
      return firstFree(first, last, taken, pinnedUIDs(name));
    },
    freeGID(name, first, last) {
      const taken = new Set(groups().map((entry) => entry.gid));
      const wanted = pinned.groups[name];
      if (wanted !== undefined && !taken.has(wanted)) return wanted;
      return firstFree(first, last, taken, pinnedGIDs(name));
    },
    enableShadow() {
      const owner = groups().find((entry) => entry.name === "shadow");
      if (!owner) throw new NotCovered("shadow passwords without a group shadow are not supported");
      const known = new Map((shadow() ?? []).map((entry) => [entry.name, entry]));
      const hidden = users().map((entry): ShadowEntry => {
        const before = known.get(entry.name);
        if (before) return entry.password === "x" ? before : { ...before, password: entry.password };
        const none = { lastChange: undefined, inactive: undefined, expires: undefined };
        return { name: entry.name, password: entry.password, ...none, minimum: 0, maximum: 99999, warning: 7 };
      });
      const knownGroups = new Map((gshadow() ?? []).map((entry) => [entry.name, entry]));
      const hiddenGroups = groups().map((entry) => {
        const before = knownGroups.get(entry.name);
        const password = entry.password === "x" ? (before?.password ?? "x") : entry.password;
        return { name: entry.name, password, administrators: before?.administrators ?? [], members: entry.members };
      });
      files.write(SHADOW, formatShadow(hidden), 0o600);
      files.write(GSHADOW, formatGshadow(hiddenGroups), 0o600);
      for (const path of [SHADOW, GSHADOW]) files.changeMeta(path, { uid: 0, gid: owner.gid, mode: 0o640 });
      writeUsers(users().map((entry) => ({ ...entry, password: "x" })));
      writeGroups(groups().map((entry) => ({ ...entry, password: "x" })));
    },
  };
}

function firstFree(
  first: number,
  last: number,
  taken: ReadonlySet<number>,
  reserved: ReadonlySet<number>,
): number | undefined {
  const step = first <= last ? 1 : -1;
  for (let id = first; id !== last + step; id += step) if (!taken.has(id) && !reserved.has(id)) return id;
  return undefined;
}
