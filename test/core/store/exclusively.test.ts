/** One at a time, whoever died before. */
import { setMaxListeners } from "node:events";
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import * as assert from "uvu/assert";
import { exclusively } from "../../../core/store/exclusively.ts";
import { ownOwner } from "../../../core/store/owner.ts";
import { suite, tmp } from "../../harness.ts";

const test = suite("store/exclusively");

const never = new AbortController().signal;
// Node warns of more than ten who listen, and twenty wait here.
setMaxListeners(20, never);

/** As a process leaves it that was killed while it had the lock: this one's number, and another start. */
function abandoned(lock: string): void {
  const [namespace, pid] = ownOwner().split("-");
  mkdirSync(lock);
  writeFileSync(join(lock, `holder.${namespace}-${pid}-1.1-abc`), "");
}

for (const before of ["nobody has had before", "a killed process had"] as const) {
  test(`of twenty that want a lock that ${before}, one has it at a time, and each its turn`, async () => {
    const folder = tmp();
    const lock = join(folder, "lock");
    if (before === "a killed process had") abandoned(lock);
    let inside = 0;
    let turns = 0;
    await Promise.all(
      Array.from({ length: 20 }, () =>
        exclusively(lock, never, async () => {
          assert.is(++inside, 1);
          await delay(1);
          turns++;
          inside--;
        }),
      ),
    );
    assert.is(turns, 20);
    assert.equal(readdirSync(folder), []);
  });
}

test("an error of the work comes through, and the lock is free again", async () => {
  const lock = join(tmp(), "lock");
  const failing = exclusively(lock, never, () => Promise.reject(new Error("the work's own")));
  assert.is(await failing.catch((error: Error) => error.message), "the work's own");
  assert.not.ok(existsSync(lock));
});

test("a dead user's lock that cannot be removed is an error, not a wait without end", async () => {
  if (process.getuid?.() !== 0) return;
  const folder = tmp();
  const lock = join(folder, "lock");
  abandoned(lock);
  chmodSync(folder, 0o777);
  process.seteuid!(65_534);
  try {
    const error = await exclusively(lock, never, () => Promise.resolve()).catch((thrown: unknown) => thrown);
    assert.is((error as NodeJS.ErrnoException).code, "EACCES");
  } finally {
    process.seteuid!(0);
  }
});

test("who is told to stop waits no longer, and leaves the holder its lock", async () => {
  const folder = tmp();
  const lock = join(folder, "lock");
  const stop = new AbortController();
  await exclusively(lock, never, async () => {
    const waiting = exclusively(lock, stop.signal, () => Promise.resolve("had it"));
    await delay(30);
    stop.abort(new Error("stopped"));
    assert.is(await waiting.catch(({ name }: Error) => name), "AbortError");
    assert.equal(readdirSync(folder), ["lock"]);
  });
  assert.equal(readdirSync(folder), []);
});

test.run();
