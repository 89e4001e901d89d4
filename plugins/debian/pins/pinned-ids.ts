/** Ids of the users that packages make: as on an empty system, then kept, so that no other package renumbers a volume's owner. */
import * as v from "valibot";
import { platformText, type MergeContext } from "../../../core/index.ts";
import type { PinnedIDs } from "../scripts/accounts.ts";

const LOCK_KIND = "debian-ids";

/**
 * Lets `configure` work with the ids that the lock has for this image, and pins those that it gave out. Throws
 * `E_LOCK_INVALID`, and `E_LOCK_FROZEN` where a frozen lock lacks some.
 */
export async function withPinnedIDs<Result extends { readonly ids: PinnedIDs }>(
  configure: (pinned: PinnedIDs | undefined) => Promise<Result>,
  { lock, target, platform }: Pick<MergeContext, "lock" | "target" | "platform">,
): Promise<Result> {
  const request = { target, platform: platformText(platform) };
  const pinned = lock.renews(target) ? undefined : lock.peek(LOCK_KIND, request, schema);
  const result = await configure(pinned);
  const { users, groups } = result.ids;
  if (Object.keys(users).length + Object.keys(groups).length === 0) return result;
  lock.write(LOCK_KIND, target, request, {
    users: { ...pinned?.users, ...users },
    groups: { ...pinned?.groups, ...groups },
  });
  return result;
}

/** The last id of all means "unchanged" to the kernel. */
const id = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 32 - 2));
// oxlint-disable-next-line no-control-regex -- control characters are exactly what must not be there
const name = v.pipe(v.string(), v.regex(/^[^\x00-\x1f\x7f:/]{1,256}$/, "Expected the name of a user or group"));
const schema = v.strictObject({
  users: v.record(name, v.strictObject({ uid: id, gid: id })),
  groups: v.record(name, id),
});
