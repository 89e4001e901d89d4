/** Users and groups taken away: deluser and delgroup of each release, and userdel. */
import type { CommandTable, Invocation } from "../world.ts";
import { fail } from "./account-options.ts";
import { type Failure, failAs, say } from "./adduser-settings.ts";
import { type ParsedOptions, parseOptions } from "./options.ts";
import { removeSubordinateIDs } from "./subordinate-ids.ts";

export const DELUSER_COMMANDS: CommandTable = {
  deluser: (invocation) => deluser(invocation, removeUser),
  delgroup: (invocation) => deluser(invocation, removeGroup),
  userdel(invocation) {
    const { operands } = parseOptions(invocation, ["f", "force"]);
    const [name, ...more] = operands;
    if (name === undefined || more.length > 0) return invocation.refuse("userdel with such operands");
    if (!invocation.world.accounts.user(name)) return fail(invocation, 6, `user '${name}' does not exist`);
    return removeAccount(invocation, name);
  },
};

type Removal = (invocation: Invocation, options: ParsedOptions, name: string) => number;

function deluser(invocation: Invocation, remove: Removal): number {
  const options = parseOptions(invocation, ["quiet", "q", "system", "only-if-empty", "remove-home"]);
  const [name, group, ...more] = options.operands;
  if (name === undefined || more.length > 0) return failAs(invocation, "usage", "Only one or two names allowed.");
  return group === undefined ? remove(invocation, options, name) : removeMember(invocation, options, name, group);
}

function removeUser(invocation: Invocation, options: ParsedOptions, name: string): number {
  const { accounts, files, packages } = invocation.world;
  const system = options.has("system");
  const user = accounts.user(name);
  if (options.has("remove-home")) {
    // The base of perl, which is all that every system has, cannot do that.
    if (packages.some((item) => item.name === "perl")) return invocation.refuse("deluser --remove-home");
    if (!system) return invocation.refuse("deluser --remove-home without perl");
  }
  if (!user) {
    if (!system) return failAs(invocation, "missing", `The user \`${name}' does not exist.`, 2);
    if (invocation.world.release === "bookworm" && !options.has("quiet", "q"))
      invocation.printError(
        `${invocation.name}: The user \`${name}' does not exist, but --system was given. Exiting.\n`,
      );
    return 0;
  }
  if (system && (user.uid < 100 || user.uid > 999))
    return failAs(invocation, "other properties", `The user \`${name}' is not a system user. Exiting.`);
  if (user.uid === 0 || files.find("/usr/local/sbin/deluser.local", "/")) return invocation.refuse("such a deluser");
  say(invocation, options, `Removing user \`${name}' ...\nDone.`);
  return removeAccount(invocation, name);
}

/** The group of that name goes along, unless somebody else needs it. */
function removeAccount(invocation: Invocation, name: string): number {
  const { accounts } = invocation.world;
  const { gid } = accounts.user(name)!;
  accounts.removeUser(name);
  removeSubordinateIDs(name, invocation);
  const own = accounts.group(name);
  const isNeeded = own && (own.members.length > 0 || accounts.users().some((user) => user.gid === own.gid));
  if (own && own.gid === gid && !isNeeded) accounts.removeGroup(name);
  return 0;
}

function removeGroup(invocation: Invocation, options: ParsedOptions, name: string): number {
  const { accounts } = invocation.world;
  const group = accounts.group(name);
  if (!group) {
    if (!options.has("system")) return failAs(invocation, "missing", `The group \`${name}' does not exist.`, 3);
    if (!options.has("quiet", "q")) invocation.printError(`The group \`${name}' does not exist.\n`);
    return 0;
  }
  if (options.has("system") && (group.gid < 100 || group.gid > 999))
    return failAs(invocation, "other properties", `The group \`${name}' is not a system group. Exiting.`);
  if (options.has("only-if-empty") && group.members.length > 0)
    return failAs(invocation, "not empty", `The group \`${name}' is not empty!`, 5);
  say(invocation, options, `Removing group \`${name}' ...`);
  if (accounts.users().some((user) => user.gid === group.gid))
    return failAs(invocation, "program", `\`/sbin/groupdel ${name}' returned error code 8. Exiting.`);
  accounts.removeGroup(name);
  say(invocation, options, "Done.");
  return 0;
}

function removeMember(invocation: Invocation, options: ParsedOptions, name: string, group: string): number {
  const { accounts } = invocation.world;
  const refuse = (failure: Failure, message: string, before: number) => failAs(invocation, failure, message, before);
  const user = accounts.user(name);
  if (!user) return refuse("missing", `The user \`${name}' does not exist.`, 2);
  const there = accounts.group(group);
  if (!there) return refuse("missing", `The group \`${group}' does not exist.`, 3);
  if (there.gid === user.gid)
    return refuse("primary group", "You may not remove the user from their primary group.", 7);
  if (!there.members.includes(name))
    return refuse("not a member", `The user \`${name}' is not a member of group \`${group}'.`, 6);
  say(invocation, options, `Removing user \`${name}' from group \`${group}' ...`);
  accounts.removeMember(group, name);
  say(invocation, options, "Done.");
  return 0;
}
