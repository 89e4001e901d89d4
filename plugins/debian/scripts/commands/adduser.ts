/** adduser and addgroup as Debian 12 (3.134) and 13 (3.152) have them. */
import { displayBytes } from "../../../../core/index.ts";
import type { CommandTable, Invocation } from "../world.ts";
import { idOption } from "./account-options.ts";
import { type AdduserSettings, adduserSettings, failAs, say } from "./adduser-settings.ts";
import { addOrdinaryUser } from "./ordinary-user.ts";
import { type ParsedOptions, parseOptions } from "./options.ts";
import { addSystemUser } from "./system-user.ts";

export const ADDUSER_COMMANDS: CommandTable = {
  adduser: (invocation) => adduser(invocation, false),
  addgroup: (invocation) => adduser(invocation, true),
};

const OPTIONS = [
  ..."system group quiet q verbose debug".split(" "),
  ..."disabled-login disabled-password no-create-home".split(" "),
  ..."force-badname allow-badname allow-bad-names allow-all-names".split(" "),
  ..."home: shell: gecos: comment: uid: gid: ingroup:".split(" "),
  ..."firstuid: lastuid: firstgid: lastgid:".split(" "),
];

function adduser(invocation: Invocation, group: boolean): number {
  const options = parseOptions(invocation, OPTIONS);
  const [name, existingGroup, ...more] = options.operands;
  if (name === undefined || name === "" || more.length > 0)
    return failAs(invocation, "usage", "Only one or two names allowed.");
  const withSystem = options.has("system");
  if (existingGroup !== undefined) {
    if (options.has("group") || (!group && withSystem))
      return failAs(invocation, "usage", "Specify only one name in this mode.");
    if (group) return failAs(invocation, "usage", "addgroup with two arguments is an unspecified operation.");
    return addToGroup(invocation, options, name, existingGroup);
  }
  const primaries = ["group", "ingroup", "gid"].filter((option) => options.has(option));
  const plainGroup = group && !withSystem;
  if (!plainGroup && primaries.length > 1)
    return failAs(invocation, "exclusive", "The --group, --ingroup, and --gid options are mutually exclusive.");
  const home = options.last("home");
  if (home !== undefined && !home.startsWith("/"))
    return failAs(invocation, "home", "The home dir must be an absolute path.");
  if (!isAllowedName(name, options, invocation))
    return failAs(invocation, "name", "Please enter a username matching the regular expression");
  const settings = adduserSettings(invocation);
  if (group || (options.has("group") && !withSystem)) return addGroup(invocation, name, options, settings);
  return withSystem
    ? addSystemUser(invocation, name, options, settings)
    : addOrdinaryUser(invocation, name, options, settings);
}

/** Names that only the options let pass are told from those that groupadd would refuse, which differ by release. */
function isAllowedName(name: string, options: ParsedOptions, invocation: Invocation): boolean {
  const { release } = invocation.world;
  const start = options.has("system") ? "_" : "";
  const plain = release === "bookworm" ? `^[a-z${start}][a-z0-9_-]*\\$?$` : `^[a-zA-Z${start}][a-zA-Z0-9_-]*\\$?$`;
  if (name.length > 32 || /^-?\d+$/.test(name) || /^[-+~]|[:,\s/]/.test(name)) return false;
  if (new RegExp(plain).test(name)) return true;
  if (!options.has("force-badname", "allow-badname", "allow-bad-names", "allow-all-names")) return false;
  if (!/^[A-Za-z_][A-Za-z0-9_-]*\$?$/.test(name)) return invocation.refuse(`the name ${displayBytes(name)}`);
  say(invocation, options, "Allowing use of questionable username.");
  return true;
}

function addToGroup(invocation: Invocation, options: ParsedOptions, user: string, group: string): number {
  const { accounts } = invocation.world;
  if (!accounts.user(user)) return failAs(invocation, "missing", `The user \`${user}' does not exist.`);
  const there = accounts.group(group);
  if (!there) return failAs(invocation, "missing", `The group \`${group}' does not exist.`);
  if (there.members.includes(user)) {
    if (!options.has("quiet", "q"))
      invocation.printError(`${invocation.name}: The user \`${user}' is already a member of \`${group}'.\n`);
    return 0;
  }
  accounts.addMember(group, user);
  say(invocation, options, `Adding user \`${user}' to group \`${group}' ...\nDone.`);
  return 0;
}

function addGroup(invocation: Invocation, name: string, options: ParsedOptions, settings: AdduserSettings): number {
  const { accounts, release } = invocation.world;
  const system = options.has("system");
  const wanted = idOption(invocation, options, "gid");
  const isTaken = wanted !== undefined && accounts.groups().some(({ gid }) => gid === wanted);
  const there = accounts.group(name);
  if (there && !system) return failAs(invocation, "exists", `The group \`${name}' already exists.`);
  if (system && release !== "bookworm" && wanted !== undefined && (there ? there.gid !== wanted : isTaken))
    return failAs(invocation, "other properties", `The group \`${name}' already exists, but has a different GID.`);
  if (there) {
    const [first, last] = settings.systemGIDs;
    if (there.gid >= first && there.gid <= last) {
      if (release === "bookworm" && !options.has("quiet", "q"))
        invocation.printError(`${invocation.name}: The group \`${name}' already exists as a system group. Exiting.\n`);
      return 0;
    }
    return failAs(invocation, "other properties", `The group \`${name}' already exists and is not a system group.`);
  }
  if (isTaken) return failAs(invocation, "id in use", `The GID \`${wanted}' is already in use.`);
  const range = system ? settings.systemGIDs : settings.gids;
  const first = idOption(invocation, options, "firstgid") ?? range[0];
  const last = idOption(invocation, options, "lastgid") ?? range[1];
  const gid = wanted ?? accounts.freeGID(name, first, last);
  if (gid === undefined) return failAs(invocation, "no id left", `The group \`${name}' was not created.`);
  accounts.addGroup(name, gid);
  say(invocation, options, `Adding group \`${name}' (GID ${gid}) ...\nDone.`);
  return 0;
}
