/** Commands that ask who is who: id, whoami, getent, su. */
import { displayBytes, formatGroup, formatPasswd } from "../../../../core/index.ts";
import { cloneShell } from "../shell/state.ts";
import type { CommandTable } from "../world.ts";
import { parseOptions } from "./options.ts";
import { printLine } from "./text.ts";

export const IDENTITY_COMMANDS: CommandTable = {
  getent(invocation) {
    const [database, ...keys] = invocation.args;
    const { accounts } = invocation.world;
    if (database === "hosts" || database === "services") return invocation.refuse(`getent ${database}`);
    const entries =
      database === "passwd"
        ? accounts.users().map((entry) => ({ name: entry.name, id: entry.uid, line: formatPasswd([entry]) }))
        : database === "group"
          ? accounts.groups().map((entry) => ({ name: entry.name, id: entry.gid, line: formatGroup([entry]) }))
          : invocation.refuse(`getent ${displayBytes(database ?? "")}`);
    if (keys.length === 0) {
      for (const entry of entries) invocation.print(entry.line);
      return 0;
    }
    let status = 0;
    for (const key of keys) {
      const found = entries.find((entry) => entry.name === key) ?? entries.find((entry) => String(entry.id) === key);
      if (found) invocation.print(found.line);
      else status = 2;
    }
    return status;
  },
  id(invocation) {
    const options = parseOptions(invocation, [..."ugGnr", "user", "group", "groups", "name"]);
    const { accounts } = invocation.world;
    const [key, ...more] = options.operands;
    if (more.length > 0) return invocation.refuse("id of several users");
    const self = invocation.shell.identity;
    const user =
      key === undefined
        ? accounts.users().find((entry) => entry.uid === self.uid)
        : (accounts.user(key) ?? accounts.users().find((entry) => String(entry.uid) === key));
    if (!user) {
      invocation.printError(`id: '${key}': no such user\n`);
      return 1;
    }
    const names = options.has("n", "name");
    const groupName = (gid: number) => accounts.groups().find((group) => group.gid === gid)?.name ?? String(gid);
    if (options.has("u", "user")) return printLine(invocation, names ? user.name : String(user.uid));
    if (options.has("g", "group")) return printLine(invocation, names ? groupName(user.gid) : String(user.gid));
    const gids = [
      user.gid,
      ...accounts
        .groups()
        .flatMap((group) => (group.members.includes(user.name) && group.gid !== user.gid ? [group.gid] : [])),
    ];
    if (options.has("G", "groups"))
      return printLine(invocation, gids.map((gid) => (names ? groupName(gid) : String(gid))).join(" "));
    if (options.values.size > 0) return invocation.refuse("id with such options");
    const list = gids.map((gid) => `${gid}(${groupName(gid)})`).join(",");
    return printLine(
      invocation,
      `uid=${user.uid}(${user.name}) gid=${user.gid}(${groupName(user.gid)}) groups=${list}`,
    );
  },
  whoami: (invocation) =>
    printLine(
      invocation,
      invocation.world.accounts.users().find((user) => user.uid === invocation.shell.identity.uid)?.name ?? "root",
    ),
  /** Only what asks is allowed as another user; writing is refused where it happens. */
  su(invocation) {
    const options = parseOptions(invocation, ["s:", "c:", "shell:", "command:", "l", "m", "p"]);
    const command = options.last("c", "command");
    const name = options.operands.find((operand) => operand !== "-") ?? "root";
    const user = invocation.world.accounts.user(name);
    if (command === undefined || !user) return invocation.refuse("su without a command or user");
    const shell = cloneShell(invocation.shell);
    shell.identity = { uid: user.uid, gid: user.gid };
    return invocation.runScript(command, "su", [], shell);
  },
};
