import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import type { ImageDslError } from "../../../core/error.ts";
import { hold, holdFile, openHeldMemory } from "../../../core/limits/held-memory.ts";
import {
  Account,
  beyond,
  highestOf,
  limitOf,
  observeLimits,
  raiseLimits,
  requireWithin,
} from "../../../core/limits/limits.ts";
import { LIMITS } from "../../../core/limits/table.ts";
import { digestOf } from "../../../core/model/digest.ts";
import { treePath } from "../../../core/model/path.ts";
import { decodeEntries, encodeEntries } from "../../../core/tar/entry-columns.ts";
import { MemberIndex } from "../../../core/tar/member-index.ts";
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
  assert.is(
    beyond("tar.paths"),
    "more than 256MiB of paths, links and attributes (--limit tar.paths=512MiB takes more)",
  );
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
  account.spend("tar.paths", 256 * 1024 ** 2);
  assert.is(refusal(() => account.spend("ar.members")).code, "E_ARCHIVE_FORMAT");
  assert.is(refusal(() => account.spend("tar.paths")).code, "E_TAR_LIMIT");
  new Account("Another").spend("ar.members");
});

test("what a build holds in memory is one sum, whoever reads, and is forgotten with the last build", () => {
  const most = limitOf("build.memory");
  hold(2 * most);
  const [first, second] = [openHeldMemory(), openHeldMemory()];
  hold(most - 600);
  first();
  const { code, message } = refusal(() => holdFile(100));
  assert.is(code, "E_MEMORY_LIMIT");
  assert.is(message, `All that was read together has ${beyond("build.memory")}`);
  second();
  const third = openHeldMemory();
  hold(most);
  third();
});

test("of a tar all texts count that stay: paths, what links lead to, attributes", async () => {
  const seen = new Map<string, number>();
  observeLimits((name, amount) => seen.set(name, amount));
  const close = openHeldMemory();
  const header = { mode: 0o644, uid: 0, gid: 0, mtime: 0 };
  const entries = [
    { ...header, path: treePath("d"), type: "directory" },
    { ...header, path: treePath("d/link"), type: "symlink", target: "x".repeat(3000) },
    { ...header, path: treePath("e"), type: "fifo", xattrs: { "user.key": "y".repeat(50) } },
  ] as const;
  try {
    const index = new MemberIndex();
    for (const entry of entries) index.set(entry);
    assert.is(seen.get("tar.paths"), 1 + 6 + 3000 + 1 + 8 + 50);
    assert.is(seen.get("build.memory"), seen.get("tar.paths")! + 3 * 512);
    decodeEntries(encodeEntries(entries), { file: "", archive: digestOf("") });
    assert.is(seen.get("build.memory"), 2 * (seen.get("tar.paths")! + 3 * 512));
  } finally {
    close();
    observeLimits(undefined);
  }
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
