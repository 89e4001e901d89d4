/** Whether a tree can be laid out in a user namespace at all. */
import { displayPath, isUnder, treePath, type Entry, type FileTree } from "../../core/index.ts";
import { covers, type IdMap } from "./id-map.ts";

const DEV = treePath("dev");

/** What is laid out: devices below /dev are not seen in there, as something else is mounted. */
export function laidEntries(tree: FileTree): readonly Entry[] {
  return tree.entries().filter((entry) => !isDevice(entry) || !isUnder(entry.path, DEV));
}

/** Why it cannot be; undefined where it can. */
export function misfit(entries: readonly Entry[], { by, users, groups }: IdMap): string | undefined {
  const device = entries.find(isDevice);
  if (device !== undefined) return `${displayPath(device.path)} is a device, which no user namespace can make`;
  const strange = entries.find(({ uid, gid }) => !covers(users, uid) || !covers(groups, gid));
  if (strange === undefined) return undefined;
  const { path, uid, gid } = strange;
  const why =
    by === "self"
      ? "this user has one id only here (subordinate ids come from /etc/subuid and /etc/subgid, by newuidmap)"
      : "this host's ids do not reach so far";
  return `${displayPath(path)} belongs to ${uid}:${gid}, and ${why}`;
}

export function isDevice({ type }: Entry): boolean {
  return type === "character" || type === "block";
}
