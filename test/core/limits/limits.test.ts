import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import type { ImageDslError } from "../../../core/error.ts";
import { Account, beyond, highestOf, limitOf, raiseLimits, requireWithin } from "../../../core/limits/limits.ts";
import { LIMITS } from "../../../core/limits/table.ts";
import { suite } from "../../harness.ts";

const test = suite("limits");

const PROJECT = join(import.meta.dirname, "../../..");

function refusal(work: () => void): ImageDslError {
  try {
    work();
  } catch (error) {
    return error as ImageDslError;
  }
  throw new Error("Nothing was refused");
}

test("what is beyond a limit is told with the limit and a way to raise it that works", () => {
  assert.is(beyond("tar.paths"), "more than 512MiB of paths (--limit tar.paths=1GiB takes more)");
  assert.is(beyond("ar.members"), "more than 64 members (--limit ar.members=128 takes more)");
  const { code, message } = refusal(() => requireWithin("oci.document", 2 ** 23 + 1, "The config"));
  assert.is(code, "E_BASE_IMAGE");
  assert.is(message, "The config has more than 8MiB (--limit oci.document=16MiB takes more)");
  requireWithin("oci.document", 2 ** 23, "The config");
});

test("a text is never taken beyond what a runtime can hold, and it is not said that it could be", () => {
  const lower = raiseLimits({ "lock.bytes": highestOf("lock.bytes") });
  assert.match(beyond("lock.bytes"), "no more can be taken");
  lower();
});

test("an account sums up what was spent on one thing, each limit by itself", () => {
  const account = new Account("The archive");
  for (let count = 0; count < 64; count++) account.spend("ar.members");
  account.spend("tar.paths", 512 * 1024 ** 2);
  assert.is(refusal(() => account.spend("ar.members")).code, "E_ARCHIVE_FORMAT");
  assert.is(refusal(() => account.spend("tar.paths")).code, "E_TAR_LIMIT");
  new Account("Another").spend("ar.members");
});

test("of several that are in force the largest counts, and what has ended counts no more", () => {
  const usual = limitOf("ar.members");
  const first = raiseLimits({ "ar.members": 100 });
  const second = raiseLimits({ "ar.members": 200 });
  assert.is(limitOf("ar.members"), 200);
  second();
  assert.is(limitOf("ar.members"), 100);
  first();
  assert.is(limitOf("ar.members"), usual);
});

test("each limit of the table holds somewhere", () => {
  const texts = ["core", "plugins"].flatMap((room) =>
    readdirSync(join(PROJECT, room), { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts") && path !== join("limits", "table.ts"))
      .map((path) => readFileSync(join(PROJECT, room, path), "utf8")),
  );
  for (const name of Object.keys(LIMITS))
    assert.ok(
      texts.some((text) => text.includes(`"${name}"`)),
      name,
    );
});

test.run();
