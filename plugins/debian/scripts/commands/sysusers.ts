/** systemd-sysusers (sysusers.d(5)) as version 252 has it: system users and groups from files of declarations. */
import { type TreePath, displayBytes, treePath } from "../../../../core/index.ts";
import type { CommandTable, Invocation } from "../world.ts";
import { parseOptions } from "./options.ts";
import { linesOf } from "./text.ts";

export const SYSUSERS_COMMANDS: CommandTable = {
  "systemd-sysusers"(invocation) {
    const options = parseOptions(invocation, ["root:"]);
    if ((options.last("root") ?? "") !== "" || options.operands.length === 0)
      return invocation.refuse("systemd-sysusers with such options");
    const items: Item[] = [];
    for (const name of options.operands) {
      const lines = declarations(name, invocation);
      if (lines === undefined) return invocation.refuse(`systemd-sysusers without ${displayBytes(name)}`);
      for (const line of lines) {
        const item = parseLine(line, invocation);
        if (item && !items.some(({ type, name: known }) => type === item.type && known === item.name)) items.push(item);
      }
    }
    // It makes these where they are missing, readable by nobody.
    const { files } = invocation.world;
    for (const path of [SHADOW, GSHADOW]) if (!files.get(path)) files.write(path, "", 0);
    // Groups first, so that users find theirs.
    for (const item of items) if (item.type === "g") addGroup(item, invocation);
    for (const item of items) if (item.type === "u") addUser(item, invocation);
    for (const item of items) if (item.type === "m") invocation.world.accounts.addMember(item.id, item.name);
    return 0;
  },
};

interface Item {
  readonly type: string;
  readonly name: string;
  readonly id: string;
  readonly description: string;
  readonly home: string;
  readonly shell: string;
}

const SHADOW = treePath("etc/shadow");
const GSHADOW = treePath("etc/gshadow");
const DIRECTORIES = ["/etc/sysusers.d", "/run/sysusers.d", "/usr/lib/sysusers.d"];

function declarations(name: string, { world }: Invocation): readonly string[] | undefined {
  for (const place of name.startsWith("/") ? [name] : DIRECTORIES.map((directory) => `${directory}/${name}`)) {
    const entry = world.files.find(place, "/");
    if (entry?.type === "file") return linesOf(world.files.read(entry.path));
  }
  return undefined;
}

function parseLine(line: string, invocation: Invocation): Item | undefined {
  const text = line.trim();
  if (text === "" || text.startsWith("#")) return undefined;
  const refuse = () => invocation.refuse(`systemd-sysusers with the line "${displayBytes(text)}"`);
  if (/[%\\']/.test(text)) return refuse();
  const words = [...text.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
  const [type = "", name = "", id = "-", description = "-", home = "-", shell = "-"] = words;
  const hasName = /^[A-Za-z_][\w-]{0,30}$/.test(name);
  if (!/^[ugm]$/.test(type) || !hasName || words.length > 6 || /[:\n]/.test(description + home + shell))
    return refuse();
  const blank = (field: string) => (field === "-" ? "" : field);
  return { type, name, id, description: blank(description), home: blank(home), shell: blank(shell) };
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
  const { name, id } = item;
  if (accounts.user(name)) return;
  if (id !== "-" && !/^[0-9]+$/.test(id)) return invocation.refuse(`systemd-sysusers with the id ${displayBytes(id)}`);
  const there = accounts.group(name);
  const free = there && accounts.users().every(({ uid }) => uid !== there.gid) ? there.gid : freeID(name, invocation);
  const uid = id === "-" ? free : wantedID(name, id, invocation);
  if (!there) newGroup(name, uid, invocation);
  const gid = accounts.group(name)!.gid;
  const shell = item.shell === "" ? "/usr/sbin/nologin" : item.shell;
  const home = item.home === "" ? "/" : item.home;
  accounts.addUser(
    { name, password: "x", uid, gid, gecos: item.description, home, shell },
    { minimum: undefined, maximum: undefined, warning: undefined },
  );
  lock(SHADOW, name, invocation);
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
