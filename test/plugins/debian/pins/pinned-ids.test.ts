import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import type { BuildEvent } from "../../../../core/model/event.ts";
import { openLock, type LockFile, type LockOptions } from "../../../../core/lock/lock-file.ts";
import type { ImageDslError } from "../../../../core/error.ts";
import { withPinnedIDs } from "../../../../plugins/debian/pins/pinned-ids.ts";
import type { PinnedIDs } from "../../../../plugins/debian/scripts/accounts.ts";
import { suite, tmp } from "../../../harness.ts";

const test = suite("debian/pinned-ids");

const REDIS: PinnedIDs = { users: { redis: { uid: 100, gid: 101 } }, groups: { redis: 101 } };
const NONE: PinnedIDs = { users: {}, groups: {} };

/** Configures once with a lock; gives the ids that the lock had to say, and throws if there was more than one run. */
async function run(file: string, made: PinnedIDs, options: Partial<LockOptions> = {}): Promise<PinnedIDs | undefined> {
  const lock = await openLock({ file, frozen: false, update: undefined, ...options });
  const given = await configure(lock, made);
  await lock.save(false);
  return given;
}

async function configure(
  lock: LockFile,
  made: PinnedIDs,
  emit: (event: BuildEvent) => void = () => {},
): Promise<PinnedIDs | undefined> {
  const runs: (PinnedIDs | undefined)[] = [];
  const context = { lock, emit, target: "t", platform: { os: "linux", architecture: "amd64" } } as const;
  await withPinnedIDs(async (pinned) => {
    runs.push(pinned);
    return { ids: made };
  }, context);
  assert.is(runs.length, 1, "scripts are worked out once");
  return runs[0];
}

test("a renewal that gives other ids says which, as volumes are theirs", async () => {
  const file = join(tmp(), "image.lock.json");
  await run(file, REDIS);
  const events: BuildEvent[] = [];
  const lock = await openLock({ file, frozen: false, update: "t" });
  await configure(
    lock,
    { users: { redis: { uid: 101, gid: 101 } }, groups: { redis: 101 } },
    (event) => void events.push(event),
  );
  assert.equal(events, [
    {
      type: "moved",
      target: "t",
      what: "ids of users",
      pins: [{ name: "user redis", from: "100:101", to: "101:101" }],
    },
  ]);
});

test("ids are kept from one build to the next, also of users that are gone meanwhile", async () => {
  const file = join(tmp(), "image.lock.json");
  assert.is(await run(file, REDIS), undefined);
  assert.equal(await run(file, { users: { web: { uid: 102, gid: 102 } }, groups: { web: 102 } }), REDIS);
  const both = { users: { ...REDIS.users, web: { uid: 102, gid: 102 } }, groups: { ...REDIS.groups, web: 102 } };
  assert.equal(await run(file, NONE), both);
});

test("--update-lock gives ids as on an empty system, with one run of the scripts", async () => {
  const file = join(tmp(), "image.lock.json");
  await run(file, REDIS);
  assert.is(await run(file, { users: { redis: { uid: 999, gid: 999 } }, groups: {} }, { update: true }), undefined);
  assert.equal(await run(file, NONE), { users: { redis: { uid: 999, gid: 999 } }, groups: {} });
  assert.is(await run(file, REDIS, { update: "t" }), undefined);
  const lock = await openLock({ file, frozen: false, update: "redis-server" });
  assert.equal(await configure(lock, NONE), REDIS, "a package that is renewed keeps its users' ids");
});

test("a frozen lock without ids serves where no users are made, and is refused where some are", async () => {
  const file = join(tmp(), "image.lock.json");
  await run(file, NONE, { frozen: true });
  assert.not(existsSync(file));
  await fails("E_LOCK_FROZEN", run(file, REDIS, { frozen: true }));
  await run(file, REDIS);
  const text = readFileSync(file, "utf8");
  assert.equal(await run(file, REDIS, { frozen: true }), REDIS);
  await fails("E_LOCK_FROZEN", run(file, { users: {}, groups: { other: 7 } }, { frozen: true }));
  assert.is(readFileSync(file, "utf8"), text);
});

test("ids that are no ids are refused", async () => {
  const file = join(tmp(), "image.lock.json");
  await run(file, REDIS);
  const good = readFileSync(file, "utf8");
  for (const [from, to] of [
    ['"uid": 100', '"uid": "0\\nroot2:x:0"'],
    ['"uid": 100', '"uid": -1'],
    ['"uid": 100', '"uid": 4294967295'],
    ['"uid": 100', '"uid": 1.5'],
    ['"uid": 100', '"uid": 100, "shell": "/bin/sh"'],
    ['"redis": 101', '"re:dis": 101'],
    ['"redis": {', '"re\\ndis": {'],
    ['"groups": {', '"group": {'],
  ] as const) {
    const bad = good.replace(from, to);
    assert.is.not(bad, good);
    writeFileSync(file, bad);
    await fails("E_LOCK_INVALID", run(file, REDIS));
  }
});

async function fails(code: string, promise: Promise<unknown>): Promise<void> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown as ImageDslError,
  );
  assert.is(error?.code, code);
}

test.run();
