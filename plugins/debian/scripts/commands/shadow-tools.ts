/** useradd and its kin as shadow 4.13 has them in Debian 12, for system users and groups; deluser and delgroup. */
import { type PasswdEntry, displayBytes } from "../../../../core/index.ts";
import type { CommandTable, Invocation } from "../world.ts";
import { fail, idOption } from "./account-options.ts";
import { parseOptions } from "./options.ts";
import { printLine } from "./text.ts";

export const SHADOW_COMMANDS: CommandTable = {
  useradd,
  groupadd,
  usermod,
  groupmod(invocation) {
    const options = parseOptions(invocation, ["n:", "new-name:"]);
    const { accounts } = invocation.world;
    const name = options.last("n", "new-name");
    const [group] = options.operands;
    if (name === undefined || group === undefined) return invocation.refuse("groupmod with such options");
    if (!accounts.group(group)) return fail(invocation, 6, `group '${group}' does not exist`);
    if (accounts.group(name)) return fail(invocation, 9, `group '${name}' already exists`);
    accounts.renameGroup(group, name);
    return 0;
  },
  deluser: (invocation) => remove(invocation, "user"),
  userdel: (invocation) => remove(invocation, "user"),
  delgroup: (invocation) => remove(invocation, "group"),
  groupdel: (invocation) => remove(invocation, "group"),
  gpasswd(invocation) {
    const options = parseOptions(invocation, ["a:", "d:", "add:", "delete:"]);
    const [group] = options.operands;
    const added = options.last("a", "add");
    const removed = options.last("d", "delete");
    const { accounts } = invocation.world;
    if (group === undefined || (added === undefined) === (removed === undefined))
      return invocation.refuse("gpasswd with such options");
    if (!accounts.group(group) || !accounts.user(added ?? removed!))
      return fail(invocation, 3, "no such user or group");
    if (added !== undefined) accounts.addMember(group, added);
    else accounts.removeMember(group, removed!);
    return 0;
  },
  chsh(invocation) {
    const options = parseOptions(invocation, ["s:", "shell:"]);
    const shell = options.last("s", "shell");
    const [user] = options.operands;
    if (shell === undefined || user === undefined) return invocation.refuse("chsh with such options");
    if (!invocation.world.accounts.user(user)) return fail(invocation, 1, `user '${user}' does not exist`);
    invocation.world.accounts.changeUser(user, { shell });
    return 0;
  },
  shadowconfig(invocation) {
    if (invocation.args.join(" ") !== "on") return invocation.refuse("shadowconfig off");
    invocation.world.accounts.enableShadow();
    return 0;
  },
};

const SYSTEM_IDS = [999, 101] as const;

function useradd(invocation: Invocation): number {
  const options = parseOptions(invocation, [
    ..."rUNMo",
    "system",
    "user-group",
    "no-user-group",
    "no-create-home",
    "no-log-init",
    "l",
    "g:",
    "G:",
    "d:",
    "s:",
    "c:",
    "u:",
    "b:",
    "gid:",
    "groups:",
    "home-dir:",
    "home:",
    "shell:",
    "comment:",
    "uid:",
    "base-dir:",
  ]);
  const [name] = options.operands;
  const { accounts } = invocation.world;
  if (name === undefined || options.operands.length > 1) return invocation.refuse("useradd with such operands");
  if (!options.has("r", "system")) return invocation.refuse("useradd without --system");
  if (!/^[a-z_][a-z0-9_-]{0,31}\$?$/.test(name)) return invocation.refuse(`the name ${displayBytes(name)}`);
  if (accounts.user(name)) return fail(invocation, 9, `user '${name}' already exists`);
  const givenGroup = options.last("g", "gid");
  const extra = (options.last("G", "groups") ?? "").split(",").filter((group) => group !== "");
  const found = givenGroup === undefined ? undefined : findGroup(invocation, givenGroup);
  if (givenGroup !== undefined && !found) return fail(invocation, 6, `group '${givenGroup}' does not exist`);
  const missing = extra.find((group) => !accounts.group(group));
  if (missing !== undefined) return fail(invocation, 6, `group '${missing}' does not exist`);
  const ownGroup = givenGroup === undefined && !options.has("N", "no-user-group");
  if (ownGroup && accounts.group(name)) return fail(invocation, 9, `group ${name} exists`);
  if (!ownGroup && !found) return invocation.refuse("useradd --no-user-group without a group");

  const wanted = idOption(invocation, options, "u", "uid");
  if (wanted !== undefined && !options.has("o") && accounts.users().some((entry) => entry.uid === wanted)) {
    return fail(invocation, 4, `UID ${wanted} is not unique`);
  }
  const uid = wanted ?? accounts.freeUID(name, ...SYSTEM_IDS);
  // The group takes the user's id where that is free.
  const gid = found?.gid ?? systemGID(invocation, name, uid);
  if (uid === undefined || gid === undefined) return fail(invocation, 4, "no free id");
  if (ownGroup) accounts.addGroup(name, gid);
  accounts.addUser(
    {
      name,
      password: "x",
      uid,
      gid,
      gecos: options.last("c", "comment") ?? "",
      home: options.last("d", "home-dir", "home") ?? `${options.last("b", "base-dir") ?? "/home"}/${name}`,
      shell: options.last("s", "shell") ?? "/bin/sh",
    },
    { minimum: undefined, maximum: undefined, warning: undefined },
  );
  for (const group of extra) accounts.addMember(group, name);
  return 0;
}

function systemGID({ world }: Invocation, name: string, preferred: number | undefined): number | undefined {
  const pinned = world.accounts.freeGID(name, ...SYSTEM_IDS);
  const isFree = preferred !== undefined && !world.accounts.groups().some((entry) => entry.gid === preferred);
  return isFree && world.accounts.freeGID(name, preferred, preferred) === preferred ? preferred : pinned;
}

function findGroup({ world }: Invocation, text: string): { readonly gid: number } | undefined {
  const byName = world.accounts.group(text);
  if (byName || !/^\d{1,9}$/.test(text)) return byName;
  return world.accounts.groups().find((entry) => entry.gid === Number(text));
}

function groupadd(invocation: Invocation): number {
  const options = parseOptions(invocation, [..."rfo", "g:", "gid:", "system", "force", "non-unique"]);
  const [name] = options.operands;
  const { accounts } = invocation.world;
  if (name === undefined || options.operands.length > 1) return invocation.refuse("groupadd with such operands");
  if (!/^[a-z_][a-z0-9_-]{0,31}\$?$/.test(name)) return invocation.refuse(`the name ${displayBytes(name)}`);
  const force = options.has("f", "force");
  if (accounts.group(name)) return force ? 0 : fail(invocation, 9, `group '${name}' already exists`);
  let wanted = idOption(invocation, options, "g", "gid");
  if (
    wanted !== undefined &&
    !options.has("o", "non-unique") &&
    accounts.groups().some((entry) => entry.gid === wanted)
  ) {
    if (!force) return fail(invocation, 4, `GID '${wanted}' already exists`);
    wanted = undefined;
  }
  const gid =
    wanted ?? (options.has("r", "system") ? accounts.freeGID(name, ...SYSTEM_IDS) : nextGID(invocation, name));
  if (gid === undefined) return fail(invocation, 4, "no free id");
  accounts.addGroup(name, gid);
  return 0;
}

/** Ordinary groups get the id above the highest one in use. */
function nextGID({ world }: Invocation, name: string): number | undefined {
  const used = world.accounts.groups().flatMap(({ gid }) => (gid >= 1000 && gid <= 60000 ? [gid] : []));
  return world.accounts.freeGID(name, Math.max(999, ...used) + 1, 60000);
}

function usermod(invocation: Invocation): number {
  const options = parseOptions(invocation, [
    ..."aLU",
    "G:",
    "d:",
    "s:",
    "c:",
    "g:",
    "append",
    "lock",
    "unlock",
    "groups:",
    "home:",
    "shell:",
    "comment:",
    "gid:",
  ]);
  const [name] = options.operands;
  const { accounts } = invocation.world;
  if (name === undefined || options.operands.length > 1) return invocation.refuse("usermod with such operands");
  const user = accounts.user(name);
  if (!user) return fail(invocation, 6, `user '${name}' does not exist`);
  const groups = options
    .last("G", "groups")
    ?.split(",")
    .filter((group) => group !== "");
  const missing = groups?.find((group) => !accounts.group(group));
  if (missing !== undefined) return fail(invocation, 6, `group '${missing}' does not exist`);
  const primary = options.last("g", "gid");
  const found = primary === undefined ? undefined : findGroup(invocation, primary);
  if (primary !== undefined && !found) return fail(invocation, 6, `group '${primary}' does not exist`);
  const home = options.last("d", "home");
  const shell = options.last("s", "shell");
  const gecos = options.last("c", "comment");
  const change: Partial<Omit<PasswdEntry, "name">> = {
    ...(home === undefined ? {} : { home }),
    ...(shell === undefined ? {} : { shell }),
    ...(gecos === undefined ? {} : { gecos }),
    ...(found ? { gid: found.gid } : {}),
  };
  if (Object.keys(change).length > 0) accounts.changeUser(name, change);
  if (groups && !options.has("a", "append")) {
    for (const group of accounts.groups()) if (!groups.includes(group.name)) accounts.removeMember(group.name, name);
  }
  for (const group of groups ?? []) accounts.addMember(group, name);
  if (options.has("L", "lock"))
    accounts.changePassword(name, (password) => (password.startsWith("!") ? password : `!${password}`));
  if (options.has("U", "unlock")) return invocation.refuse("usermod --unlock");
  return 0;
}

function remove(invocation: Invocation, kind: "user" | "group"): number {
  const options = parseOptions(invocation, ["quiet", "q", "system", "only-if-empty", "f", "force"]);
  const [name, group] = options.operands;
  const { accounts } = invocation.world;
  if (name === undefined) return invocation.refuse(`${invocation.name} without a name`);
  if (group !== undefined) {
    if (!accounts.group(group)?.members.includes(name))
      return fail(invocation, 6, `'${name}' is no member of '${group}'`);
    accounts.removeMember(group, name);
    return 0;
  }
  const quietly = options.has("system") && invocation.name.startsWith("del");
  if (kind === "group") {
    const there = accounts.group(name);
    if (!there) return quietly ? 0 : fail(invocation, 3, `The group '${name}' does not exist.`);
    if (accounts.users().some((user) => user.gid === there.gid))
      return fail(invocation, 8, "a user has it as primary group");
    accounts.removeGroup(name);
    return 0;
  }
  const there = accounts.user(name);
  if (!there) return quietly ? 0 : fail(invocation, 2, `The user '${name}' does not exist.`);
  accounts.removeUser(name);
  const own = accounts.group(name);
  if (own?.gid === there.gid && !accounts.users().some((user) => user.gid === own.gid)) accounts.removeGroup(name);
  return printLine(invocation, `Removed '${name}'.`);
}
