/** `adduser --system`: users that daemons run as. */
import type { Invocation } from "../world.ts";
import { idOption } from "./account-options.ts";
import { type AdduserSettings, failAs, say } from "./adduser-settings.ts";
import { setComment, settleHome } from "./adduser-user.ts";
import type { ParsedOptions } from "./options.ts";

export function addSystemUser(
  invocation: Invocation,
  name: string,
  options: ParsedOptions,
  settings: AdduserSettings,
): number {
  const { accounts, release } = invocation.world;
  const wanted = idOption(invocation, options, "uid");
  const there = accounts.user(name);
  if (there) return existingUser(invocation, name, options, { wanted, uid: there.uid, settings });
  if (wanted !== undefined && accounts.users().some(({ uid }) => uid === wanted)) {
    // From trixie on it only fails once the group is made; an id of 0 then passes for none.
    if (release !== "bookworm" && wanted === 0) return invocation.refuse("adduser --uid 0");
    return failAs(invocation, "other properties", `The UID ${wanted} is already in use.`);
  }
  const group = options.has("group")
    ? groupOfItsOwn(invocation, name, options, { wanted, settings })
    : sharedGroup(invocation, options);
  if (typeof group === "number") return group;
  const [firstUID, lastUID] = settings.systemUIDs;
  const first = idOption(invocation, options, "firstuid") ?? firstUID;
  const last = idOption(invocation, options, "lastuid") ?? lastUID;
  const uid = wanted ?? accounts.freeUID(name, first, last);
  if (uid === undefined) return failAs(invocation, "no id left", `The user \`${name}' was not created.`);
  say(invocation, options, `Adding system user \`${name}' (UID ${uid}) ...`);
  if (group.isNew) {
    say(invocation, options, `Adding new group \`${name}' (GID ${group.gid}) ...`);
    accounts.addGroup(name, group.gid);
  }
  say(invocation, options, `Adding new user \`${name}' (UID ${uid}) with group \`${group.name}' ...`);
  const home = options.last("home") ?? "/nonexistent";
  accounts.addUser(
    { name, password: "x", uid, gid: group.gid, gecos: "", home, shell: options.last("shell") ?? "/usr/sbin/nologin" },
    { minimum: undefined, maximum: undefined, warning: undefined },
  );
  setComment(invocation, name, options.last("gecos", "comment"));
  settleHome(invocation, options, { path: home, uid, gid: group.homeGID, mode: settings.systemDirectoryMode });
  return 0;
}

function existingUser(
  invocation: Invocation,
  name: string,
  options: ParsedOptions,
  {
    wanted,
    uid,
    settings,
  }: { readonly wanted: number | undefined; readonly uid: number; readonly settings: AdduserSettings },
): number {
  const [first, last] = settings.systemUIDs;
  if (uid < first || uid > last)
    return failAs(
      invocation,
      "other properties",
      `The user \`${name}' already exists, but is not a system user. Exiting.`,
    );
  if (wanted !== undefined && wanted !== uid)
    return failAs(invocation, "other properties", `The user \`${name}' already exists with a different UID. Exiting.`);
  say(invocation, options, `The system user \`${name}' already exists. Exiting.`);
  return 0;
}

interface PrimaryGroup {
  readonly name: string;
  readonly gid: number;
  readonly isNew: boolean;
  readonly homeGID: number;
}

/** A group of that name that was there before is taken as it is. The home then gets the id that a new one would have. */
function groupOfItsOwn(
  invocation: Invocation,
  name: string,
  options: ParsedOptions,
  { wanted, settings }: { readonly wanted: number | undefined; readonly settings: AdduserSettings },
): PrimaryGroup | number {
  const { accounts, release } = invocation.world;
  const there = accounts.group(name);
  const isTaken = (id: number) => accounts.groups().some(({ gid }) => gid === id);
  const [firstGID, lastGID] = settings.systemGIDs;
  const first = idOption(invocation, options, "firstgid") ?? firstGID;
  const last = idOption(invocation, options, "lastgid") ?? lastGID;
  if (there) {
    return { name, gid: there.gid, isNew: false, homeGID: wanted ?? firstNotIn(accounts.groups(), first) };
  }
  if (wanted !== undefined && isTaken(wanted))
    return failAs(invocation, release === "bookworm" ? "id in use" : "program", `The GID ${wanted} is already in use.`);
  const gid = wanted ?? accounts.freeGID(name, first, last);
  if (gid === undefined) return failAs(invocation, "no id left", `The user \`${name}' was not created.`);
  return { name, gid, isNew: true, homeGID: gid };
}

function sharedGroup(invocation: Invocation, options: ParsedOptions): PrimaryGroup | number {
  const { accounts } = invocation.world;
  const byName = options.last("ingroup");
  if (byName !== undefined) {
    const group = accounts.group(byName);
    if (!group) return failAs(invocation, "missing", `The group \`${byName}' does not exist.`);
    return { name: byName, gid: group.gid, isNew: false, homeGID: group.gid };
  }
  const gid = idOption(invocation, options, "gid") ?? accounts.group("nogroup")?.gid ?? 65534;
  const group = accounts.groups().find((entry) => entry.gid === gid);
  if (!group) return failAs(invocation, "missing", `The GID ${gid} does not exist.`);
  return { name: group.name, gid, isNew: false, homeGID: gid };
}

function firstNotIn(groups: readonly { readonly gid: number }[], first: number): number {
  const taken = new Set(groups.map(({ gid }) => gid));
  let id = first;
  for (; taken.has(id); id++);
  return id;
}
