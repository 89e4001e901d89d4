/** What was found out about a file is found out again when the file changed, and only then. */
import { renameSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import * as assert from "uvu/assert";
import { openStore } from "../../../core/store/disk-store.ts";
import { fileFact } from "../../../core/store/file-facts.ts";
import { withoutRecords } from "../../../core/store/without-records.ts";
import { suite, tmp } from "../../harness.ts";

const test = suite("store/file-facts");

test("a settled file is asked about once; a changed one, one put back in time, and another part again", async () => {
  const store = await openStore(join(tmp(), "store"));
  const file = join(tmp(), "file");
  writeFileSync(file, "one");
  let asked = 0;
  const ask = (part?: number, from = store) =>
    fileFact(from, "lengths", { file, ...(part !== undefined && { part }) }, () => Promise.resolve(++asked));

  assert.equal([await ask(), await ask()], [1, 2], "it has just changed, and may change again unseen");
  await delay(2100);
  assert.equal([await ask(), await ask()], [3, 3]);
  assert.equal([await ask(1), await ask(1), await ask()], [4, 4, 3]);
  assert.is(await ask(undefined, withoutRecords(store)), 5);

  const before = new Date(0);
  utimesSync(file, before, before);
  writeFileSync(`${file}.new`, "two");
  utimesSync(`${file}.new`, before, before);
  renameSync(`${file}.new`, file);
  assert.is(await ask(), 6, "same size and time, another file");
  store.close();
});

test.run();
