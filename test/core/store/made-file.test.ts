/** Files that our own code makes are found again by the same code alone, and the same bytes are the same file whoever made them. */
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { digestOf } from "../../../core/model/digest.ts";
import { openStore } from "../../../core/store/disk-store.ts";
import { madeFile } from "../../../core/store/made-file.ts";
import { suite, tmp } from "../../harness.ts";

const test = suite("store/made-file");

test("made once by one code, again by another, each time by one that is not known; the path goes by the bytes", async () => {
  const store = await openStore(join(tmp(), "store"));
  let made = 0;
  const make = (text: string, code: string, from = "packages") =>
    madeFile(store, "guest", digestOf(from), async () => (made++, Buffer.from(text)), code);
  const first = await make("init", "one");
  assert.equal(await make("init", "one"), first);
  assert.is(made, 1);
  assert.equal(await make("init", "two"), first);
  assert.is(made, 2);
  const other = await make("another init", "three");
  assert.is.not(other.path, first.path);
  assert.is(readFileSync(other.path, "utf8"), "another init");
  // As the sources of these tests run.
  for (const times of [1, 2]) {
    made = 0;
    assert.equal(
      await madeFile(store, "guest", digestOf("packages"), async () => (made++, Buffer.from("init"))),
      first,
    );
    assert.is(made, 1, `${times}`);
  }
  assert.is((await make("of others", "one", "other packages")).digest, digestOf("of others"));
  store.close();
});

test("one that somebody changed is made anew", async () => {
  const store = await openStore(join(tmp(), "store"));
  const make = () => madeFile(store, "guest", digestOf("packages"), async () => Buffer.from("init"), "code");
  const { path } = await make();
  appendFileSync(path, "more");
  assert.is(readFileSync((await make()).path, "utf8"), "init");
  store.close();
});

test.run();
