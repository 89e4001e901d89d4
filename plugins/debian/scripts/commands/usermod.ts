/** usermod (shadow 4.13 to 4.17): users as they are are changed, their files are not. */
import type { CommandTable, Invocation } from "../world.ts";
import { fail, idOption } from "./account-options.ts";
import { daysOption } from "./passwords.ts";
import { type ParsedOptions, parseOptions } from "./options.ts";
import { findGroup } from "./shadow-ids.ts";
import { printLine } from "./text.ts";

export const USERMOD_COMMANDS: CommandTable = { usermod };

const OPTIONS = [
  ..."arLUo",
  ..."append remove lock unlock non-unique".split(" "),
  ..."G: d: s: c: g: u: p: e: f:".split(" "),
  ..."groups: home: shell: comment: gid: uid: password: expiredate: inactive:".split(" "),
];

function usermod(invocation: Invocation): number {
  const options = parseOptions(invocation, OPTIONS);
  const [name, ...more] = options.operands;
  const { accounts } = invocation.world;
  if (name === undefined || more.length > 0) return invocation.refuse("usermod with such operands");
  const user = accounts.user(name);
  if (!user) return fail(invocation, 6, `user '${name}' does not exist`);
  if (options.values.size === 0) return fail(invocation, 2, "no options");
  const named = options
    .last("G", "groups")
    ?.split(",")
    .filter((group) => group !== "");
  const groups = named?.map((group) => findGroup(invocation, group)?.name);
  const missing = named?.[groups!.indexOf(undefined)];
  if (missing !== undefined) return fail(invocation, 6, `group '${missing}' does not exist`);
  const primary = options.last("g", "gid");
  const found = primary === undefined ? undefined : findGroup(invocation, primary);
  if (primary !== undefined && !found) return fail(invocation, 6, `group '${primary}' does not exist`);
  const uid = idOption(invocation, options, "u", "uid");
  if (uid !== undefined && uid !== user.uid) {
    if (!options.has("o", "non-unique") && accounts.users().some((entry) => entry.uid === uid))
      return fail(invocation, 4, `UID '${uid}' already exists`);
  }
  // Then it looks for the user's files in the home.
  const moves = (uid !== undefined && uid !== user.uid) || (found !== undefined && found.gid !== user.gid);
  if (moves && invocation.world.files.find(user.home, "/")?.uid === user.uid && user.uid !== 0)
    return invocation.refuse("usermod of the ids of a user with a home");
  const change = {
    ...valueOf("home", options, "d", "home"),
    ...valueOf("shell", options, "s", "shell"),
    ...valueOf("gecos", options, "c", "comment"),
    ...(found ? { gid: found.gid } : {}),
    ...(uid === undefined ? {} : { uid }),
  };
  const isChanged = Object.entries(change).some(([key, value]) => user[key as keyof typeof change] !== value);
  if (isChanged) accounts.changeUser(name, change);
  else if (!named && !hasShadowOption(options)) printLine(invocation, "usermod: no changes");
  if (groups)
    setGroups(
      invocation,
      name,
      groups.flatMap((group) => group ?? []),
      options,
    );
  changeShadow(invocation, name, options);
  return 0;
}

function valueOf(key: string, options: ParsedOptions, ...names: readonly string[]): Readonly<Record<string, string>> {
  const value = options.last(...names);
  return value === undefined ? {} : { [key]: value };
}

function hasShadowOption(options: ParsedOptions): boolean {
  return options.has("L", "lock", "U", "unlock", "p", "password", "e", "expiredate", "f", "inactive");
}

function setGroups(invocation: Invocation, name: string, groups: readonly string[], options: ParsedOptions): void {
  const { accounts } = invocation.world;
  if (options.has("r", "remove")) {
    for (const group of groups) accounts.removeMember(group, name);
    return;
  }
  if (!options.has("a", "append")) {
    for (const { name: group, members } of accounts.groups())
      if (members.includes(name) && !groups.includes(group)) accounts.removeMember(group, name);
  }
  for (const group of groups) accounts.addMember(group, name);
}

function changeShadow(invocation: Invocation, name: string, options: ParsedOptions): void {
  const { accounts } = invocation.world;
  const password = options.last("p", "password");
  if (password !== undefined) accounts.changeShadow(name, { password });
  const expires = options.last("e", "expiredate");
  if (expires !== undefined)
    accounts.changeShadow(name, { expires: daysOption(invocation, expires === "" ? "-1" : expires) });
  const inactive = options.last("f", "inactive");
  if (inactive !== undefined) accounts.changeShadow(name, { inactive: daysOption(invocation, inactive) });
  const before = accounts.shadow(name)?.password ?? "";
  if (options.has("L", "lock") && !before.startsWith("!")) accounts.changeShadow(name, { password: `!${before}` });
  if (!options.has("U", "unlock") || !before.startsWith("!")) return;
  if (before === "!")
    invocation.printError("usermod: unlocking the user's password would result in a passwordless account.\n");
  else accounts.changeShadow(name, { password: before.slice(1) });
}
