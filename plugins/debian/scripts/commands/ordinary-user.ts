/** adduser without `--system`: users of people, with a group of their own and a home that has the files of /etc/skel. */
import type { Invocation } from "../world.ts";
import { idOption } from "./account-options.ts";
import { type AdduserSettings, failAs, say } from "./adduser-settings.ts";
import { setComment, settleHome } from "./adduser-user.ts";
import type { ParsedOptions } from "./options.ts";
import { addSubordinateIDs } from "./subordinate-ids.ts";

/** Every new user is in it. */
const SUPPLEMENTAL = "users";

export function addOrdinaryUser(
  invocation: Invocation,
  name: string,
  options: ParsedOptions,
  settings: AdduserSettings,
): number {
  const { accounts, files, release } = invocation.world;
  if (!options.has("disabled-login", "disabled-password")) return invocation.refuse("adduser that asks for a password");
  if (!options.has("gecos", "comment")) return invocation.refuse("adduser that asks for a full name");
  if (files.find("/usr/local/sbin/adduser.local", "/")) return invocation.refuse("adduser with an adduser.local");
  if (accounts.user(name)) return failAs(invocation, "exists", `The user \`${name}' already exists.`);
  const wanted = idOption(invocation, options, "uid");
  if (wanted !== undefined && accounts.users().some(({ uid }) => uid === wanted)) {
    // From trixie on the group is made before it fails, and stays.
    if (release !== "bookworm") return invocation.refuse(`adduser with the id ${wanted}, which is in use`);
    return failAs(invocation, "id in use", `The UID ${wanted} is already in use.`);
  }
  const shared = sharedGroup(invocation, options);
  if (typeof shared === "number") return shared;
  if (!shared) {
    if (accounts.group(name)) return failAs(invocation, "exists", `The group \`${name}' already exists.`);
    if (wanted !== undefined && accounts.groups().some(({ gid }) => gid === wanted))
      return failAs(invocation, "id in use", `The GID ${wanted} is already in use.`);
  }
  say(invocation, options, `Adding user \`${name}' ...`);
  const uid = wanted ?? freeID(invocation, name, options, settings);
  if (uid === undefined) return failAs(invocation, "no id left", `The user \`${name}' was not created.`);
  const group = shared ?? { name, gid: uid };
  if (!shared) {
    say(invocation, options, `Adding new group \`${name}' (${uid}) ...`);
    accounts.addGroup(name, uid);
  }
  say(invocation, options, `Adding new user \`${name}' (${uid}) with group \`${group.name} (${group.gid})' ...`);
  const home = options.last("home") ?? `/home/${name}`;
  const standard = options.has("disabled-login") ? "/usr/sbin/nologin" : "/bin/bash";
  accounts.addUser(
    { name, password: "x", uid, gid: group.gid, gecos: "", home, shell: options.last("shell") ?? standard },
    { minimum: 0, maximum: 99999, warning: 7 },
  );
  addSubordinateIDs(name, invocation);
  const mode = settings.directoryMode;
  settleHome(invocation, options, { path: home, uid, gid: group.gid, mode, skeleton: "/etc/skel" });
  setComment(invocation, name, options.last("gecos", "comment"));
  say(invocation, options, `Adding new user \`${name}' to supplemental / extra groups \`${SUPPLEMENTAL}' ...`);
  if (accounts.group(SUPPLEMENTAL)) {
    accounts.addMember(SUPPLEMENTAL, name);
    say(invocation, options, `Adding user \`${name}' to group \`${SUPPLEMENTAL}' ...`);
  }
  return 0;
}

/** Undefined where it gets one of its own. */
function sharedGroup(
  invocation: Invocation,
  options: ParsedOptions,
): { readonly name: string; readonly gid: number } | number | undefined {
  const { accounts } = invocation.world;
  const byName = options.last("ingroup");
  const byID = idOption(invocation, options, "gid");
  if (byName === undefined && byID === undefined) return undefined;
  const group = accounts.groups().find(({ name, gid }) => name === byName || gid === byID);
  return group ?? failAs(invocation, "missing", `The group \`${byName ?? byID}' does not exist.`);
}

/** Free as the id of both a user and a group, unless a group is named. */
function freeID(
  invocation: Invocation,
  name: string,
  options: ParsedOptions,
  { uids }: AdduserSettings,
): number | undefined {
  const { accounts } = invocation.world;
  const first = idOption(invocation, options, "firstuid") ?? uids[0];
  const last = idOption(invocation, options, "lastuid") ?? uids[1];
  if (options.has("ingroup")) return accounts.freeUID(name, first, last);
  const before = accounts.freeUID(name, first, last);
  for (let id = before ?? last + 1; id <= last; id++) {
    const isFree = accounts.users().every(({ uid }) => uid !== id) && accounts.groups().every(({ gid }) => gid !== id);
    if (isFree && (id === before || accounts.freeUID(name, id, id) === id)) return id;
  }
  return undefined;
}
