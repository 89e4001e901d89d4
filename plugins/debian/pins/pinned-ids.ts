/** Ids of the users that packages make: as on an empty system, then kept, so that no other package renumbers a volume's owner. */
import * as v from "valibot";
import { movedPins, platformText, recordOf, type MergeContext } from "../../../core/index.ts";
import type { PinnedIDs } from "../scripts/accounts.ts";

const LOCK_KIND = "debian-ids";

/**
 * Lets `configure` work with the ids that the lock has for this image, and pins those that it gave out. Throws
 * `E_LOCK_INVALID`, and `E_LOCK_FROZEN` where a frozen lock lacks some.
 */
export async function withPinnedIDs<Result extends { readonly ids: PinnedIDs }>(
  configure: (pinned: PinnedIDs | undefined) => Promise<Result>,
  { lock, target, platform, emit }: Pick<MergeContext, "lock" | "target" | "platform" | "emit">,
): Promise<Result> {
  const request = { target, platform: platformText(platform) };
  const before = lock.peek(LOCK_KIND, request, schema);
  const pinned = lock.renews(target) ? undefined : before;
  const result = await configure(pinned);
  const { users, groups } = result.ids;
  if (Object.keys(users).length + Object.keys(groups).length === 0) return result;
  const after = { users: { ...pinned?.users, ...users }, groups: { ...pinned?.groups, ...groups } };
  lock.write(LOCK_KIND, target, request, after);
  const pins = before === undefined ? [] : movedPins(idsByName(before), idsByName(after));
  if (pins.length > 0) emit({ type: "moved", target, what: "ids of users", pins });
  return result;
}

function idsByName({ users, groups }: PinnedIDs): ReadonlyMap<string, string> {
  return new Map([
    ...Object.entries(users).map(([user, { uid, gid }]) => [`user ${user}`, `${uid}:${gid}`] as const),
    ...Object.entries(groups).map(([group, gid]) => [`group ${group}`, `${gid}`] as const),
  ]);
}

/** The last id of all means "unchanged" to the kernel. */
const id = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 32 - 2));
// oxlint-disable-next-line no-control-regex -- control characters are exactly what must not be there
const name = v.pipe(v.string(), v.regex(/^[^\x00-\x1f\x7f:/]{1,256}$/, "Expected the name of a user or group"));
const schema = v.strictObject({
  users: recordOf(name, v.strictObject({ uid: id, gid: id })),
  groups: recordOf(name, id),
});
