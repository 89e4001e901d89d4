/** Groups by the shadow tools: groupadd, groupmod, groupdel, gpasswd. */
import type { CommandTable, Invocation } from "../world.ts";
import { fail, idOption } from "./account-options.ts";
import { parseOptions } from "./options.ts";
import { newGID, requireName } from "./shadow-ids.ts";
import { printLine } from "./text.ts";

export const GROUP_COMMANDS: CommandTable = { groupadd, groupmod, groupdel, gpasswd };

function groupadd(invocation: Invocation): number {
  const options = parseOptions(invocation, [..."rfo", "g:", "gid:", "system", "force", "non-unique"]);
  const { accounts } = invocation.world;
  if (options.operands.length > 1) return invocation.refuse("groupadd with such operands");
  const name = requireName(invocation, options.operands[0]);
  const force = options.has("f", "force");
  if (accounts.group(name)) return force ? 0 : fail(invocation, 9, `group '${name}' already exists`);
  let wanted = idOption(invocation, options, "g", "gid");
  if (wanted !== undefined && !options.has("o", "non-unique") && isTaken(wanted, invocation)) {
    if (!force) return fail(invocation, 4, `GID '${wanted}' already exists`);
    wanted = undefined;
  }
  const gid = wanted ?? newGID(invocation, name, options.has("r", "system"));
  if (gid === undefined) return fail(invocation, 4, "no free id");
  accounts.addGroup(name, gid);
  return 0;
}

function isTaken(id: number, { world }: Invocation): boolean {
  return world.accounts.groups().some(({ gid }) => gid === id);
}

function groupmod(invocation: Invocation): number {
  const options = parseOptions(invocation, ["n:", "new-name:", "g:", "gid:", "o", "non-unique"]);
  const { accounts } = invocation.world;
  const [group, ...more] = options.operands;
  if (group === undefined || more.length > 0) return invocation.refuse("groupmod with such options");
  const there = accounts.group(group);
  if (!there) return fail(invocation, 6, `group '${group}' does not exist`);
  const gid = idOption(invocation, options, "g", "gid");
  if (gid !== undefined && gid !== there.gid && !options.has("o", "non-unique") && isTaken(gid, invocation))
    return fail(invocation, 4, `GID '${gid}' already exists`);
  const name = options.last("n", "new-name");
  if (name !== undefined && accounts.group(requireName(invocation, name)) && name !== group)
    return fail(invocation, 9, `group '${name}' already exists`);
  if (gid !== undefined && gid !== there.gid) accounts.renumberGroup(group, gid);
  if (name !== undefined && name !== group) accounts.renameGroup(group, name);
  return 0;
}

function groupdel(invocation: Invocation): number {
  const options = parseOptions(invocation, ["f", "force"]);
  const { accounts } = invocation.world;
  const [name, ...more] = options.operands;
  if (name === undefined || more.length > 0) return invocation.refuse("groupdel with such operands");
  const group = accounts.group(name);
  if (!group) return fail(invocation, 6, `group '${name}' does not exist`);
  const user = accounts.users().find(({ gid }) => gid === group.gid);
  if (user && !options.has("f", "force"))
    return fail(invocation, 8, `cannot remove the primary group of user '${user.name}'`);
  accounts.removeGroup(name);
  return 0;
}

function gpasswd(invocation: Invocation): number {
  const options = parseOptions(invocation, ["a:", "d:", "M:", "add:", "delete:", "members:"]);
  const [name, ...more] = options.operands;
  const { accounts } = invocation.world;
  if (name === undefined || more.length > 0 || options.values.size !== 1)
    return invocation.refuse("gpasswd with such options");
  const added = options.last("a", "add");
  const removed = options.last("d", "delete");
  const members = (options.last("M", "members") ?? "").split(",").filter((member) => member !== "");
  const missing = [...(added === undefined ? [] : [added]), ...members].find((user) => !accounts.user(user));
  if (missing !== undefined) return fail(invocation, 3, `user '${missing}' does not exist`);
  const group = accounts.group(name);
  if (!group) return fail(invocation, 3, `group '${name}' does not exist in /etc/group`);
  if (added !== undefined) {
    accounts.addMember(name, added);
    return printLine(invocation, `Adding user ${added} to group ${name}`);
  }
  if (removed !== undefined) {
    printLine(invocation, `Removing user ${removed} from group ${name}`);
    if (!group.members.includes(removed)) return fail(invocation, 3, `user '${removed}' is not a member of '${name}'`);
    accounts.removeMember(name, removed);
    return 0;
  }
  for (const member of group.members) accounts.removeMember(name, member);
  for (const member of members) accounts.addMember(name, member);
  return 0;
}
