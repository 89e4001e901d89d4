/** Which ids of a user namespace stand for which of the host (user_namespaces(7)). */
import { readFile } from "node:fs/promises";
import { groupId, isRoot, userId, userName } from "../../core/index.ts";

export interface IdRange {
  readonly inside: number;
  readonly outside: number;
  readonly count: number;
}

export interface IdMap {
  /** Who writes it: we ourselves, the set-uid programs newuidmap and newgidmap, or nobody else has to. */
  readonly by: "root" | "newuidmap" | "self";
  readonly users: readonly IdRange[];
  readonly groups: readonly IdRange[];
}

/** Ids that no host gives anybody: above all that Linux's own tools give (systemd, docs/UIDS-GIDS.md). No host's root is among them. */
const UNUSED: IdRange = { inside: 0, outside: 2 ** 31, count: 2 ** 31 - 1 };

/** The widest map that this user may have. */
export async function idMap(): Promise<IdMap> {
  if (isRoot()) return { by: "root", users: await rootRanges("uid_map"), groups: await rootRanges("gid_map") };
  const [uid, gid] = [userId() ?? 0, groupId() ?? 0];
  const [users, groups] = [await givenTo("/etc/subuid", uid), await givenTo("/etc/subgid", uid)];
  const own = (outside: number): IdRange => ({ inside: 0, outside, count: 1 });
  if (users.length === 0 || groups.length === 0) return { by: "self", users: [own(uid)], groups: [own(gid)] };
  return { by: "newuidmap", users: [own(uid), ...behind(users)], groups: [own(gid), ...behind(groups)] };
}

/** As newuidmap and /proc/PID/uid_map take it. */
export function mapNumbers(ranges: readonly IdRange[]): readonly (readonly string[])[] {
  return ranges.map(({ inside, outside, count }) => [inside, outside, count].map(String));
}

export function covers(ranges: readonly IdRange[], id: number): boolean {
  return ranges.some(({ inside, count }) => id >= inside && id < inside + count);
}

/** In a container, root has the ids that it was given, and they are nobody else's. */
async function rootRanges(file: "uid_map" | "gid_map"): Promise<readonly IdRange[]> {
  const text = await readFile(`/proc/self/${file}`, "latin1");
  const ranges = text
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  if (ranges.some(([inside = 0, , count = 0]) => inside + count >= UNUSED.outside + UNUSED.count)) return [UNUSED];
  return ranges.map(([inside = 0, , count = 0]) => ({ inside, outside: inside, count }));
}

function behind(given: readonly Pick<IdRange, "outside" | "count">[]): readonly IdRange[] {
  let inside = 1;
  return given.map((range) => {
    const next = { ...range, inside };
    inside += range.count;
    return next;
  });
}

/** subuid(5): `NAME or number:first:count`. */
async function givenTo(file: string, uid: number): Promise<readonly Pick<IdRange, "outside" | "count">[]> {
  const text = await readFile(file, "utf8").catch(() => "");
  const owners = [String(uid), userName()];
  return text.split("\n").flatMap((line) => {
    const [owner = "", first, count] = line.trim().split(":");
    const range = { outside: Number(first), count: Number(count) };
    return owners.includes(owner) && range.outside > 0 && range.count > 0 ? [range] : [];
  });
}
