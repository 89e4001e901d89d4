/** useradd (shadow 4.13 to 4.17), with Debian's defaults. */
import type { CommandTable, Invocation } from "../world.ts";
import { fail, idOption } from "./account-options.ts";
import { createHome } from "./home.ts";
import { type ParsedOptions, parseOptions } from "./options.ts";
import { findGroup, newGID, newUID, requireName } from "./shadow-ids.ts";
import { addSubordinateIDs } from "./subordinate-ids.ts";

export const USERADD_COMMANDS: CommandTable = { useradd };

const OPTIONS = [
  ..."rUNMmol",
  ..."system user-group no-user-group no-create-home create-home non-unique no-log-init".split(" "),
  ..."g: G: d: s: c: u: b: k: p:".split(" "),
  ..."gid: groups: home-dir: home: shell: comment: uid: base-dir: skel: password:".split(" "),
];

function useradd(invocation: Invocation): number {
  const options = parseOptions(invocation, OPTIONS);
  const { accounts, release } = invocation.world;
  if (options.operands.length > 1) return invocation.refuse("useradd with such operands");
  const name = requireName(invocation, options.operands[0]);
  if (accounts.user(name)) return fail(invocation, 9, `user '${name}' already exists`);
  const groups = groupsOf(invocation, name, options);
  if (typeof groups === "number") return groups;
  const system = options.has("r", "system");
  const wanted = idOption(invocation, options, "u", "uid");
  if (wanted !== undefined && !options.has("o", "non-unique") && accounts.users().some(({ uid }) => uid === wanted))
    return fail(invocation, 4, `UID ${wanted} is not unique`);
  const uid = wanted ?? newUID(invocation, name, system);
  const gid = groups.primary ?? newGID(invocation, name, system, uid);
  if (uid === undefined || gid === undefined) return fail(invocation, 4, "no free id");
  if (groups.primary === undefined) accounts.addGroup(name, gid);
  const home = options.last("d", "home-dir", "home") ?? `${options.last("b", "base-dir") ?? "/home"}/${name}`;
  accounts.addUser(
    {
      name,
      password: "x",
      uid,
      gid,
      gecos: options.last("c", "comment") ?? "",
      home,
      shell: options.last("s", "shell") ?? "/bin/sh",
    },
    system
      ? { minimum: undefined, maximum: undefined, warning: undefined }
      : { minimum: 0, maximum: 99999, warning: 7 },
  );
  const password = options.last("p", "password");
  if (password !== undefined) accounts.changeShadow(name, { password });
  if (!system) addSubordinateIDs(name, invocation);
  for (const group of groups.others) accounts.addMember(group, name);
  if (options.has("m", "create-home") && !options.has("M", "no-create-home")) {
    const skeleton = options.last("k", "skel") ?? "/etc/skel";
    // Since then, login.defs sets HOME_MODE.
    createHome(invocation, { path: home, uid, gid, mode: release === "bookworm" ? 0o755 : 0o700, skeleton });
  }
  return 0;
}

interface Groups {
  /** None: it gets one of its own. */
  readonly primary: number | undefined;
  readonly others: readonly string[];
}

/** The status where one of them is missing. */
function groupsOf(invocation: Invocation, name: string, options: ParsedOptions): Groups | number {
  const { accounts } = invocation.world;
  const primary = options.last("g", "gid");
  const found = primary === undefined ? undefined : findGroup(invocation, primary);
  if (primary !== undefined && !found) return fail(invocation, 6, `group '${primary}' does not exist`);
  const named = (options.last("G", "groups") ?? "").split(",").filter((group) => group !== "");
  const others = named.map((group) => findGroup(invocation, group)?.name);
  const missing = named[others.indexOf(undefined)];
  if (missing !== undefined) return fail(invocation, 6, `group '${missing}' does not exist`);
  const isOwn = primary === undefined && !options.has("N", "no-user-group");
  if (isOwn && accounts.group(name)) return fail(invocation, 9, `group ${name} exists`);
  // Without one of its own it is in the group `users`, by its id.
  return { primary: isOwn ? undefined : (found?.gid ?? 100), others: others.flatMap((group) => group ?? []) };
}
