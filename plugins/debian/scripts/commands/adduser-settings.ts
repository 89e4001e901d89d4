/** What /etc/adduser.conf sets for adduser and addgroup, and how the two end: each release has its own statuses. */
import { treePath } from "../../../../core/index.ts";
import type { Invocation } from "../world.ts";
import type { ParsedOptions } from "./options.ts";
import { linesOf } from "./text.ts";

export interface AdduserSettings {
  /** First and last, which options may move. */
  readonly systemUIDs: Range;
  readonly systemGIDs: Range;
  readonly uids: Range;
  readonly gids: Range;
  readonly directoryMode: number;
  readonly systemDirectoryMode: number;
}

type Range = readonly [first: number, last: number];

/** Keys that change more than what is emulated here. */
const UNKNOWN =
  /^(UID_POOL|GID_POOL|SETGID_HOME|(SYS_)?NAME_REGEX|DHOME|DSHELL|SKEL|GROUPHOMES|LETTERHOMES|QUOTAUSER|USERGROUPS|USERS_GID|USERS_GROUP|ADD_EXTRA_GROUPS|SKEL_IGNORE_REGEX)$/;

export function adduserSettings(invocation: Invocation): AdduserSettings {
  const { files } = invocation.world;
  const settings = new Map<string, string>();
  const path = treePath("etc/adduser.conf");
  for (const line of files.get(path) ? linesOf(files.read(path)) : []) {
    const [, key, rest = ""] = /^\s*([A-Za-z_]+)\s*=([^#]*)/.exec(line) ?? [];
    const value = rest.trim().replace(/^"|"$/g, "");
    if (key !== undefined && !value.includes('"')) settings.set(key.toUpperCase(), value);
  }
  for (const [key, value] of settings) {
    if (UNKNOWN.test(key) && value !== "") return invocation.refuse(`${key} in /etc/adduser.conf`);
  }
  const number = (key: string, standard: number, base = 10): number => {
    const text = settings.get(key);
    if (text === undefined || text === "") return standard;
    return /^[0-9]{1,9}$/.test(text) ? Number.parseInt(text, base) : invocation.refuse(`${key} in /etc/adduser.conf`);
  };
  return {
    systemUIDs: [number("FIRST_SYSTEM_UID", 100), number("LAST_SYSTEM_UID", 999)],
    systemGIDs: [number("FIRST_SYSTEM_GID", 100), number("LAST_SYSTEM_GID", 999)],
    uids: [number("FIRST_UID", 1000), number("LAST_UID", 59999)],
    gids: [number("FIRST_GID", 1000), number("LAST_GID", 59999)],
    directoryMode: number("DIR_MODE", 0o700, 8),
    systemDirectoryMode: number("SYS_DIR_MODE", 0o755, 8),
  };
}

export type Failure =
  | "exists"
  | "missing"
  | "other properties"
  | "id in use"
  | "no id left"
  | "name"
  | "home"
  | "not empty"
  | "not a member"
  | "primary group"
  | "usage"
  | "exclusive"
  | "program";

/** adduser 3.152; before, they were all 1. */
const STATUSES: Readonly<Record<Failure, number>> = {
  exists: 11,
  missing: 12,
  "other properties": 13,
  "id in use": 21,
  "no id left": 22,
  name: 31,
  home: 32,
  "not empty": 41,
  "not a member": 42,
  "primary group": 43,
  usage: 51,
  exclusive: 53,
  program: 82,
};

/** Prints what was wrong and gives the release's status. */
export function failAs(invocation: Invocation, failure: Failure, message: string, before = 1): number {
  const isOld = invocation.world.release === "bookworm";
  invocation.printError(`${isOld ? `${invocation.name}` : "fatal"}: ${message}\n`);
  return isOld ? before : STATUSES[failure];
}

/** What bookworm's tools say on the way; trixie's are quiet unless asked. */
export function say(invocation: Invocation, options: ParsedOptions, message: string): void {
  if (invocation.world.release === "bookworm" && !options.has("quiet", "q")) invocation.print(`${message}\n`);
}
