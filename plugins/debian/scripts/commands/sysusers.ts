/** systemd-sysusers (sysusers.d(5)) as versions 252 and 257 have it: users and groups from files of declarations. */
import { type TreePath, displayBytes, treePath } from "../../../../core/index.ts";
import type { CommandTable, Invocation } from "../world.ts";
import { parseOptions } from "./options.ts";
import { linesOf } from "./text.ts";

export const SYSUSERS_COMMANDS: CommandTable = {
  "systemd-sysusers"(invocation) {
    const options = parseOptions(invocation, ["root:", "inline"]);
    const isEmpty = options.operands.length === 0;
    if ((options.last("root") ?? "") !== "" || (isEmpty && options.has("inline")))
      return invocation.refuse("systemd-sysusers with such options");
    const lines = options.has("inline")
      ? options.operands
      : (isEmpty ? allFiles(invocation) : options.operands).flatMap((name) => declarations(name, invocation));
    const items: Item[] = [];
    for (const line of lines) {
      const item = parseLine(line, invocation);
      // Before it knew of locked users, such a line was an error.
      if (item?.isLocked && invocation.world.release === "bookworm") return 1;
      const isKnown = items.some(({ type, name }) => type === item?.type && name === item.name);
      if (item && (item.type === "m" || !isKnown)) items.push(item);
    }
    // It makes these where they are missing, readable by nobody.
    const { files } = invocation.world;
    for (const path of [SHADOW, GSHADOW]) if (!files.get(path)) files.write(path, "", 0);
    // Groups first, so that users find theirs.
    for (const item of [...items, ...groupsOfMembers(items)]) if (item.type === "g") addGroup(item, invocation);
    for (const item of [...items, ...usersOfMembers(items)]) if (item.type === "u") addUser(item, invocation);
    for (const item of items) if (item.type === "m") invocation.world.accounts.addMember(item.id, item.name);
    return 0;
  },
};

/** Who is to be a member and what of is made where nothing else declares it. */
function groupsOfMembers(items: readonly Item[]): readonly Item[] {
  const declared = new Set(items.filter(({ type }) => type !== "m").map(({ name }) => name));
  return members(items).flatMap(({ id }) => (declared.has(id) ? [] : [{ ...IMPLICIT, type: "g", name: id }]));
}

function usersOfMembers(items: readonly Item[]): readonly Item[] {
  return members(items).map(({ name }) => ({ ...IMPLICIT, type: "u", name }));
}

function members(items: readonly Item[]): readonly Item[] {
  return items.filter(({ type }) => type === "m");
}

interface Item {
  readonly type: string;
  readonly name: string;
  readonly id: string;
  readonly description: string;
  readonly home: string;
  readonly shell: string;
  /** Not only without a password, but expired since 1970. */
  readonly isLocked: boolean;
}

const IMPLICIT = { id: "-", description: "", home: "", shell: "", isLocked: false };

const SHADOW = treePath("etc/shadow");
const GSHADOW = treePath("etc/gshadow");
const DIRECTORIES = ["/etc/sysusers.d", "/run/sysusers.d", "/usr/local/lib/sysusers.d", "/usr/lib/sysusers.d"];

/** Without operands it reads every file of its directories, by name; of one name the first, and none where that is masked. */
function allFiles({ world: { files } }: Invocation): readonly string[] {
  const paths = new Map<string, string>();
  for (const directory of DIRECTORIES.filter((each) => files.find(each, "/")?.type === "directory")) {
    for (const name of files.list(files.resolve(directory, "/")).filter((each) => each.endsWith(".conf")))
      if (!paths.has(name)) paths.set(name, `${directory}/${name}`);
  }
  return [...paths]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .flatMap(([, path]) => (files.find(path, "/")?.type === "file" ? [path] : []));
}

function declarations(name: string, invocation: Invocation): readonly string[] {
  const { world } = invocation;
  if (name === "-") return linesOf(invocation.readInput());
  for (const place of name.startsWith("/") ? [name] : DIRECTORIES.map((directory) => `${directory}/${name}`)) {
    const entry = world.files.find(place, "/");
    if (entry?.type === "file") return linesOf(world.files.read(entry.path));
  }
  return invocation.refuse(`systemd-sysusers without ${displayBytes(name)}`);
}

function parseLine(line: string, invocation: Invocation): Item | undefined {
  const text = line.trim();
  if (text === "" || text.startsWith("#")) return undefined;
  const refuse = () => invocation.refuse(`systemd-sysusers with the line "${displayBytes(text)}"`);
  if (/[%\\']/.test(text)) return refuse();
  const words = [...text.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
  const [kind = "", name = "", id = "-", description = "-", home = "-", shell = "-"] = words;
  const type = kind.replace(/^u!$/, "u");
  const hasName = /^[A-Za-z_][\w-]{0,30}$/.test(name);
  if (!/^[ugm]$/.test(type) || !hasName || words.length > 6 || /[:\n]/.test(description + home + shell))
    return refuse();
  const blank = (field: string) => (field === "-" ? "" : field);
  return {
    type,
    name,
    id,
    description: blank(description),
    home: blank(home),
    shell: blank(shell),
    isLocked: kind === "u!",
  };
}

/** What is there already stays as it is. */
function addGroup({ name, id }: Item, invocation: Invocation): void {
  const { accounts } = invocation.world;
  if (accounts.group(name)) return;
  newGroup(name, id === "-" ? freeID(name, invocation) : wantedID(name, id, invocation), invocation);
}

function newGroup(name: string, gid: number, invocation: Invocation): void {
  invocation.world.accounts.addGroup(name, gid);
  lock(GSHADOW, name, invocation);
}

function addUser(item: Item, invocation: Invocation): void {
  const { accounts } = invocation.world;
  const { name } = item;
  if (accounts.user(name)) return;
  const [, id, groupName] = /^(-|[0-9]+)(?::([A-Za-z_][\w-]*))?$/.exec(item.id) ?? [];
  if (id === undefined) return invocation.refuse(`systemd-sysusers with the id ${displayBytes(item.id)}`);
  const { uid, gid } =
    groupName === undefined ? withItsGroup(name, id, invocation) : withGroup(name, id, groupName, invocation);
  const shell = item.shell === "" ? "/usr/sbin/nologin" : item.shell;
  const home = item.home === "" ? "/" : item.home;
  accounts.addUser(
    { name, password: "x", uid, gid, gecos: item.description, home, shell },
    { minimum: undefined, maximum: undefined, warning: undefined },
  );
  lock(SHADOW, name, invocation);
  if (item.isLocked) accounts.changeShadow(name, { expires: 1 });
}

interface IDs {
  readonly uid: number;
  readonly gid: number;
}

/** The user's id is its group's, where that is free. */
function withItsGroup(name: string, id: string, invocation: Invocation): IDs {
  const { accounts } = invocation.world;
  const there = accounts.group(name);
  const free = there && accounts.users().every(({ uid }) => uid !== there.gid) ? there.gid : freeID(name, invocation);
  const uid = id === "-" ? free : wantedID(name, id, invocation);
  if (!there) newGroup(name, uid, invocation);
  return { uid, gid: accounts.group(name)!.gid };
}

function withGroup(name: string, id: string, groupName: string, invocation: Invocation): IDs {
  const { accounts } = invocation.world;
  const group = accounts.group(groupName) ?? invocation.refuse(`systemd-sysusers without the group ${groupName}`);
  return { uid: id === "-" ? freeID(name, invocation) : wantedID(name, id, invocation), gid: group.gid };
}

/** Unlike useradd, it marks a password as one that nobody can have: `!*`. */
function lock(path: TreePath, name: string, { world: { files } }: Invocation): void {
  const lines = files.read(path).split("\n");
  const locked = lines.map((line) => (line.startsWith(`${name}:!:`) ? line.replace(":!:", ":!*:") : line));
  files.write(path, locked.join("\n"), 0);
}

function wantedID(name: string, id: string, invocation: Invocation): number {
  const { accounts } = invocation.world;
  const wanted = /^[0-9]{1,9}$/.test(id) ? Number(id) : Number.NaN;
  const taken =
    accounts.users().some(({ uid }) => uid === wanted) || accounts.groups().some(({ gid }) => gid === wanted);
  return Number.isNaN(wanted) || taken ? invocation.refuse(`systemd-sysusers with the id of ${name}`) : wanted;
}

/** One that is neither a user's nor a group's, from the last system id down. */
function freeID(name: string, invocation: Invocation): number {
  const { accounts } = invocation.world;
  const pinned = accounts.freeGID(name, 999, 100);
  for (let id = pinned ?? 0; id >= 100; id--) {
    const taken = accounts.users().some(({ uid }) => uid === id) || accounts.groups().some(({ gid }) => gid === id);
    if (!taken && accounts.freeUID(name, id, id) === id) return id;
  }
  return invocation.refuse(`systemd-sysusers without a free id for ${name}`);
}
