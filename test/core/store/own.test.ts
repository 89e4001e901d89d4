// @runtimes node
/** A store that once was open to others: what they put there is not believed. Needs root, to be somebody else. */
import { chmodSync, chownSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import * as assert from "uvu/assert";
import { ImageDslError } from "../../../core/error.ts";
import { digestOf, hexOf } from "../../../core/model/digest.ts";
import type { BuildEvent } from "../../../core/model/event.ts";
import { openStore } from "../../../core/store/disk-store.ts";
import { removeForeign } from "../../../core/store/own.ts";
import { verifyStore } from "../../../core/store/verify-store.ts";
import { seal } from "../../attacks/make/planted.ts";
import { requireTool, suite, tmp } from "../../harness.ts";

const test = suite("store/own");
const OTHER = 12_345;
const KEY = hexOf(digestOf("key"));

/** A sealed file as its owner would have it, in a store that is closed by now. */
function plant(directory: string, kind: string, name: string, text: string): string {
  const folder = join(directory, kind, name.slice(0, 2));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, name);
  writeFileSync(file, text, { mode: 0o600 });
  seal(file, text);
  return file;
}

/** What a derived file holds after a build asked for it, and the codes of what was told. */
async function derived(directory: string): Promise<{ readonly text: string; readonly codes: readonly string[] }> {
  const events: BuildEvent[] = [];
  const store = await openStore(directory, { emit: (event) => void events.push(event) });
  const file = await store.derive("archives", KEY, ".tar", async (temporary) => {
    writeFileSync(temporary, "right", { flag: "wx" });
    return digestOf("right");
  });
  store.close();
  return {
    text: readFileSync(file, "utf8"),
    codes: events.flatMap((event) => (event.type === "warning" ? [event.code] : [])),
  };
}

async function failure(work: Promise<unknown>): Promise<ImageDslError> {
  const thrown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof ImageDslError) return thrown;
  throw thrown ?? new Error("Nothing failed");
}

test("another user's file in the place of a derived one is not given out, whatever its seal says", async () => {
  if (process.getuid?.() !== 0) requireTool("root");
  const directory = tmp();
  const file = plant(directory, "archives", `${KEY}.tar`, "planted");
  assert.equal(await derived(directory), { text: "planted", codes: [] }, "the seal is right");
  chownSync(file, OTHER, OTHER);
  seal(file, "planted");
  assert.equal(await derived(directory), { text: "right", codes: ["W_STORE_FOREIGN"] });
  assert.equal(await derived(directory), { text: "right", codes: [] }, "a whole one has taken its place");
});

test("nor is one that others may write to, one whose seal is another user's, or a link", async () => {
  if (process.getuid?.() !== 0) requireTool("root");
  const open = tmp();
  const openFile = plant(open, "archives", `${KEY}.tar`, "planted");
  chmodSync(openFile, 0o620);
  seal(openFile, "planted");
  assert.equal(await derived(open), { text: "right", codes: ["W_STORE_FOREIGN"] });

  const sealed = tmp();
  chownSync(`${plant(sealed, "archives", `${KEY}.tar`, "planted")}.seal`, OTHER, OTHER);
  assert.is((await derived(sealed)).text, "right");

  const linked = tmp();
  const target = plant(linked, "elsewhere", `${KEY}.tar`, "planted");
  mkdirSync(join(linked, "archives", KEY.slice(0, 2)), { recursive: true, mode: 0o700 });
  symlinkSync(target, join(linked, "archives", KEY.slice(0, 2), `${KEY}.tar`));
  symlinkSync(`${target}.seal`, join(linked, "archives", KEY.slice(0, 2), `${KEY}.tar.seal`));
  assert.is((await derived(linked)).text, "right");
});

test("a blob and a record of another user's are absent", async () => {
  if (process.getuid?.() !== 0) requireTool("root");
  const directory = tmp();
  const digest = digestOf("bytes");
  // The seal tells of the stat that the file has, so nobody would read it.
  const blob = plant(directory, "blobs", hexOf(digest), "other");
  chownSync(blob, OTHER, OTHER);
  seal(blob, "bytes");
  const store = await openStore(directory);
  assert.is(await store.findBlob(digest), undefined);
  await store.writeRecord("facts", KEY, { a: 1 });
  assert.equal(await store.readRecord("facts", KEY), { a: 1 });
  const record = join(directory, "facts", KEY.slice(0, 2), `${KEY}.record`);
  chownSync(record, OTHER, OTHER);
  assert.is(await store.readRecord("facts", KEY), undefined);
  chownSync(record, 0, 0);
  chmodSync(record, 0o666);
  assert.is(await store.readRecord("facts", KEY), undefined);
  chmodSync(record, 0o600);
  symlinkSync(basename(record), join(dirname(record), `${KEY.slice(0, 2)}${"0".repeat(62)}.record`));
  assert.is(await store.readRecord("facts", `${KEY.slice(0, 2)}${"0".repeat(62)}`), undefined, "a link to our own");
  store.close();
});

test("a folder that is another user's, or open to others, is an error that says what to remove", async () => {
  if (process.getuid?.() !== 0) requireTool("root");
  const spoils: readonly (readonly [name: string, spoil: (folder: string) => void, said: string])[] = [
    ["another user's", (folder) => chownSync(folder, OTHER, OTHER), "belongs to another user"],
    ["open", (folder) => chmodSync(folder, 0o777), "is open to others"],
    ["open to the group", (folder) => chmodSync(folder, 0o770), "is open to others"],
  ];
  for (const [name, spoil, said] of spoils) {
    for (const inner of ["", KEY.slice(0, 2)]) {
      const directory = tmp();
      plant(directory, "archives", `${KEY}.tar`, "planted");
      const folder = join(directory, "archives", inner);
      spoil(folder);
      for (const work of [
        derived(directory),
        openStore(directory).then((store) => store.readRecord("archives", KEY)),
        verifyStore(directory, new AbortController().signal, () => {}),
      ]) {
        const error = await failure(work);
        assert.is(error.code, "E_STORE", name);
        assert.match(error.message, said);
        assert.match(error.hint!, `rm -rf ${join(folder)}`);
      }
    }
  }
});

test("cache verify removes what is not ours", async () => {
  if (process.getuid?.() !== 0) requireTool("root");
  const directory = tmp();
  const file = plant(directory, "archives", `${KEY}.tar`, "planted");
  chownSync(file, OTHER, OTHER);
  (await openStore(directory)).close();
  const { corrupt } = await verifyStore(directory, new AbortController().signal, () => {});
  assert.equal(corrupt, [`archives/${KEY.slice(0, 2)}/${KEY}.tar`]);
  assert.equal(readdirSync(dirname(file)), []);
});

test("what is derived under an open umask is found again", async () => {
  const before = process.umask(0);
  try {
    const directory = tmp();
    chmodSync(directory, 0o700);
    assert.equal(await derived(directory), { text: "right", codes: [] });
    assert.equal(await derived(directory), { text: "right", codes: [] });
    const store = await openStore(directory);
    await store.writeRecord("facts", KEY, 1);
    assert.is(await store.readRecord("facts", KEY), 1);
    store.close();
  } finally {
    process.umask(before);
  }
});

test("of what others put where programs are kept, nothing stays", () => {
  if (process.getuid?.() !== 0) requireTool("root");
  const folder = tmp();
  const make = (name: string, mode = 0o600) => writeFileSync(join(folder, name), "x", { mode });
  make("own");
  mkdirSync(join(folder, "deep/er"), { recursive: true, mode: 0o700 });
  make("deep/er/own");
  make("foreign");
  chownSync(join(folder, "foreign"), OTHER, OTHER);
  make("open");
  chmodSync(join(folder, "open"), 0o666);
  symlinkSync("own", join(folder, "link"));
  mkdirSync(join(folder, "mixed"), { mode: 0o700 });
  make("mixed/foreign");
  chownSync(join(folder, "mixed/foreign"), OTHER, OTHER);
  removeForeign(folder);
  assert.equal(readdirSync(folder).toSorted(), ["deep", "own"]);
});

test.run();
