/** Whether the image's own user may execute or read a file: its permission bits, and the way to it. */
import { displayPath, encodeText, parentOf, ROOT, type Entry, type Image } from "../../core/index.ts";
import { readText, type Found } from "./tree.ts";

export interface Who {
  /** As the config writes it. */
  readonly name: string;
  readonly uid: number;
  readonly groups: ReadonlySet<number>;
}

export const EXECUTE = 1;
export const READ = 4;

/** Undefined for root, whom no bits keep out, and for one whose number is not known. */
export function whoOf({ tree, config }: Image): Who | undefined {
  const { User: name = "" } = config;
  const [user = "", group = ""] = encodeText(name).split(":");
  const own = fieldsOf(readText(tree, "/etc/passwd")).find((fields) => fields[0] === user || fields[2] === user);
  const [uid] = idOf(own?.[2] ?? user);
  if (uid === undefined || uid === 0) return undefined;
  // A group that is given takes the place of all that the user belongs to.
  const groups = fieldsOf(readText(tree, "/etc/group")).filter(([each, , , members = ""]) =>
    group === "" ? own !== undefined && members.split(",").includes(own[0]!) : each === group,
  );
  const ids = [...groups.map((fields) => fields[2] ?? ""), group === "" ? (own?.[3] ?? "0") : group].flatMap(idOf);
  return { name, uid, groups: new Set(ids) };
}

/** Why this user may not have the file, as a clause with "which"; undefined where he may. */
export function hindranceOf(found: Found, wanted: number, { tree }: Image, who: Who | undefined): string | undefined {
  const { entry } = found;
  if (entry === undefined) return undefined;
  if ((wanted & EXECUTE) !== 0 && (entry.mode & 0o111) === 0) return `nobody may execute (${modeText(entry)})`;
  if (who === undefined) return undefined;
  for (let at = parentOf(found.path); at !== ROOT; at = parentOf(at)) {
    const above = tree.get(at);
    if (above !== undefined && !may(who, above, EXECUTE)) {
      return `user ${who.name} cannot get to, as ${displayPath(at)} is closed to him (${modeText(above)})`;
    }
  }
  if (may(who, entry, wanted)) return undefined;
  return `user ${who.name} may not ${wanted === EXECUTE ? "execute" : "read and execute"} (${modeText(entry)})`;
}

function may({ uid, groups }: Who, entry: Entry, wanted: number): boolean {
  // Access control lists say more than the bits.
  if (entry.xattrs?.["system.posix_acl_access"] !== undefined) return true;
  const shift = entry.uid === uid ? 6 : groups.has(entry.gid) ? 3 : 0;
  return ((entry.mode >> shift) & wanted) === wanted;
}

function modeText({ mode, uid, gid }: Entry): string {
  return `mode 0${mode.toString(8).padStart(3, "0")}, owner ${uid}:${gid}`;
}

function fieldsOf(database = ""): readonly (readonly string[])[] {
  return database.split("\n").map((line) => line.split(":"));
}

function idOf(text: string): number[] {
  return /^\d+$/.test(text) ? [Number(text)] : [];
}
