/** adduser and addgroup as Debian 12 has them (3.134), with what /etc/adduser.conf sets in the tree. */
import { displayBytes, joinPath, treePath } from "../../../../core/index.ts";
import type { CommandTable, Invocation } from "../world.ts";
import { fail, idOption } from "./account-options.ts";
import { type ParsedOptions, parseOptions } from "./options.ts";
import { linesOf } from "./text.ts";

export const ADDUSER_COMMANDS: CommandTable = {
  adduser: (invocation) => adduser(invocation, false),
  addgroup: (invocation) => adduser(invocation, true),
};

interface AdduserSettings {
  readonly uids: readonly [number, number];
  readonly gids: readonly [number, number];
  readonly otherGIDs: readonly [number, number];
  readonly directoryMode: number;
}

/** The defaults, and what /etc/adduser.conf sets otherwise. */
function adduserSettings(invocation: Invocation): AdduserSettings {
  const { files } = invocation.world;
  const settings = new Map<string, string>();
  const path = treePath("etc/adduser.conf");
  for (const line of files.get(path) ? linesOf(files.read(path)) : []) {
    const [, key, value] = /^\s*([A-Za-z_]+)\s*=\s*"?([^"#]*?)"?\s*(?:#.*)?$/.exec(line) ?? [];
    if (key !== undefined) settings.set(key.toUpperCase(), value!);
  }
  for (const key of ["UID_POOL", "GID_POOL", "SETGID_HOME", "SYS_NAME_REGEX", "NAME_REGEX"]) {
    if (settings.get(key)) return invocation.refuse(`${key} in /etc/adduser.conf`);
  }
  const number = (key: string, standard: number, base = 10): number => {
    const text = settings.get(key);
    if (text === undefined) return standard;
    return /^[0-9]{1,9}$/.test(text) ? Number.parseInt(text, base) : invocation.refuse(`${key} in /etc/adduser.conf`);
  };
  return {
    uids: [number("FIRST_SYSTEM_UID", 100), number("LAST_SYSTEM_UID", 999)],
    gids: [number("FIRST_SYSTEM_GID", 100), number("LAST_SYSTEM_GID", 999)],
    otherGIDs: [number("FIRST_GID", 1000), number("LAST_GID", 59999)],
    directoryMode: number("SYS_DIR_MODE", 0o755, 8),
  };
}

function adduser(invocation: Invocation, group: boolean): number {
  const options = parseOptions(invocation, [
    "system",
    "group",
    "quiet",
    "q",
    "disabled-login",
    "disabled-password",
    "no-create-home",
    "force-badname",
    "allow-badname",
    "allow-bad-names",
    "allow-all-names",
    "verbose",
    "debug",
    "home:",
    "shell:",
    "gecos:",
    "comment:",
    "uid:",
    "gid:",
    "ingroup:",
    "firstuid:",
    "lastuid:",
    "firstgid:",
    "lastgid:",
  ]);
  const [name, existingGroup] = options.operands;
  if (name === undefined || options.operands.length > 2) return fail(invocation, 1, "Only one or two names allowed.");
  if (existingGroup !== undefined) {
    if (group || options.has("group") || options.has("system"))
      return fail(invocation, 1, "Specify only one name in this mode.");
    return addToGroup(invocation, name, existingGroup);
  }
  if (!isAllowedName(name, options)) return invocation.refuse(`the name ${displayBytes(name)}`);
  const settings = adduserSettings(invocation);
  if (group || (options.has("group") && !options.has("system")))
    return addGroupOnly(invocation, name, options, settings);
  // An ordinary user gets a home with copies of /etc/skel and is asked for: nothing for an unattended package.
  if (!options.has("system")) return invocation.refuse("adduser without --system");
  return addSystemUser(invocation, name, options, settings);
}

function isAllowedName(name: string, options: ParsedOptions): boolean {
  if (/^[a-z_][-a-z0-9_]*\$?$/.test(name)) return name.length <= 32;
  const lenient = options.has("force-badname", "allow-badname", "allow-bad-names", "allow-all-names");
  return lenient && name.length <= 32 && /^[_.A-Za-z0-9][-@_.A-Za-z0-9]*\$?$/.test(name) && !/^\d+$/.test(name);
}

function addToGroup(invocation: Invocation, user: string, group: string): number {
  const { accounts } = invocation.world;
  if (!accounts.user(user)) return fail(invocation, 1, `The user '${user}' does not exist.`);
  if (!accounts.group(group)) return fail(invocation, 1, `The group '${group}' does not exist.`);
  accounts.addMember(group, user);
  return 0;
}

function addGroupOnly(invocation: Invocation, name: string, options: ParsedOptions, settings: AdduserSettings): number {
  const { accounts } = invocation.world;
  const system = options.has("system");
  const range = system ? settings.gids : settings.otherGIDs;
  const wanted = idOption(invocation, options, "gid");
  const there = accounts.group(name);
  if (there && system) {
    if (there.gid >= settings.gids[0] && there.gid <= settings.gids[1]) return 0;
    return fail(invocation, 1, `The group '${name}' already exists.`);
  }
  if (there) return fail(invocation, 1, `The group '${name}' already exists.`);
  if (wanted !== undefined && accounts.groups().some((entry) => entry.gid === wanted)) {
    return fail(invocation, 1, `The GID '${wanted}' is already in use.`);
  }
  const first = idOption(invocation, options, "firstgid") ?? range[0];
  const last = idOption(invocation, options, "lastgid") ?? range[1];
  const gid = wanted ?? accounts.freeGID(name, first, last);
  if (gid === undefined) return fail(invocation, 1, `No GID is available in the range ${first}-${last}.`);
  accounts.addGroup(name, gid);
  return 0;
}

function addSystemUser(
  invocation: Invocation,
  name: string,
  options: ParsedOptions,
  settings: AdduserSettings,
): number {
  const { accounts } = invocation.world;
  const wanted = idOption(invocation, options, "uid");
  const withGroup = options.has("group");
  const there = accounts.user(name);
  if (there) {
    const isSystem = there.uid >= settings.uids[0] && there.uid <= settings.uids[1];
    if (wanted === undefined || there.uid === wanted)
      return isSystem ? 0 : fail(invocation, 1, `The user '${name}' already exists.`);
    if (isSystem) return fail(invocation, 1, `The user '${name}' already exists with a different UID.`);
    return fail(invocation, 1, `The user '${name}' already exists.`);
  }
  if (wanted !== undefined && accounts.users().some((entry) => entry.uid === wanted)) {
    return fail(invocation, 1, `The UID ${wanted} is already in use.`);
  }
  const group = primaryGroup(invocation, name, options, settings, wanted);
  if (typeof group === "number") return group;
  const first = idOption(invocation, options, "firstuid") ?? settings.uids[0];
  const last = idOption(invocation, options, "lastuid") ?? settings.uids[1];
  const uid = wanted ?? accounts.freeUID(name, first, last);
  if (uid === undefined) return fail(invocation, 1, `No UID is available in the range ${first}-${last}.`);
  if (withGroup && !accounts.group(name)) accounts.addGroup(name, group.gid);
  // A group of that name that was there before is taken as it is.
  const gid = withGroup ? accounts.group(name)!.gid : group.gid;
  const home = options.last("home") ?? "/nonexistent";
  accounts.addUser(
    {
      name,
      password: "x",
      uid,
      gid,
      gecos: gecosOf(options.last("gecos", "comment")),
      home,
      shell: options.last("shell") ?? "/usr/sbin/nologin",
    },
    { minimum: undefined, maximum: undefined, warning: undefined },
  );
  if (!/^\/+nonexistent(\/|$)/.test(home) && !options.has("no-create-home")) {
    createHome(invocation, home, uid, gid, settings.directoryMode);
  }
  return 0;
}

/** The primary group's id, or the exit status where there is none. */
function primaryGroup(
  invocation: Invocation,
  name: string,
  options: ParsedOptions,
  settings: AdduserSettings,
  uid: number | undefined,
): { readonly gid: number } | number {
  const { accounts } = invocation.world;
  const byID = idOption(invocation, options, "gid");
  const byName = options.last("ingroup");
  if (options.has("group")) {
    if (byID !== undefined || byName !== undefined)
      return fail(invocation, 1, "--group, --ingroup and --gid exclude each other.");
    const there = accounts.group(name);
    if (there && uid !== undefined && there.gid !== uid)
      return invocation.refuse("adduser --uid with a group of another id");
    if (there) return { gid: there.gid };
    if (uid !== undefined) {
      return accounts.groups().some((entry) => entry.gid === uid)
        ? fail(invocation, 1, `The GID ${uid} is already in use.`)
        : { gid: uid };
    }
    const gid = accounts.freeGID(
      name,
      idOption(invocation, options, "firstgid") ?? settings.gids[0],
      idOption(invocation, options, "lastgid") ?? settings.gids[1],
    );
    return gid === undefined ? fail(invocation, 1, "No GID is available.") : { gid };
  }
  if (byName !== undefined) {
    const group = accounts.group(byName);
    return group ? { gid: group.gid } : fail(invocation, 1, `The group '${byName}' does not exist.`);
  }
  const gid = byID ?? accounts.group("nogroup")?.gid ?? 65534;
  return accounts.groups().some((entry) => entry.gid === gid)
    ? { gid }
    : fail(invocation, 1, `The GID ${gid} does not exist.`);
}

/** adduser hands the comment to chfn, which always writes four fields. */
function gecosOf(comment: string | undefined): string {
  if (comment === undefined) return "";
  const [name = "", room = "", work = "", home = "", other] = comment.split(",");
  return [name, room, work, home, ...(other === undefined ? [] : [other])].join(",");
}

function createHome(invocation: Invocation, home: string, uid: number, gid: number, mode: number): void {
  const { files } = invocation.world;
  if (files.find(home, "/")) return;
  let path = treePath("");
  for (const component of home.split("/").filter((part) => part !== "")) {
    path = files.resolve(`/${joinPath(path, component)}`, "/");
    if (files.get(path)?.type !== "directory") files.makeDirectory(path, 0o755);
  }
  files.changeMeta(path, { uid, gid, mode });
}
