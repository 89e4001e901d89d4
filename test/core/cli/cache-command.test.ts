import { spawnSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { runtime } from "../../../core/host.ts";
import { digestOf, hexOf } from "../../../core/model/digest.ts";
import { openStore } from "../../../core/store/disk-store.ts";
import { javaScriptCommand } from "../../../scripts/runtimes.ts";
import { suite, tmp } from "../../harness.ts";

const test = suite("cli/cache-command");

/** The built one: the sources take seconds to load, each time. */
const CLI = join(import.meta.dirname, "../../../dist/cli.js");

function cache(directory: string, ...args: readonly string[]) {
  const { program, args: first } = javaScriptCommand(runtime());
  const { status, stdout, stderr } = spawnSync(program, [...first, CLI, "cache", ...args], {
    cwd: tmp(),
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1", IMAGE_DSL_CACHE: directory },
  });
  return { status, stdout, stderr };
}

async function filledStore(): Promise<string> {
  const directory = join(tmp(), "store");
  const store = await openStore(directory);
  for (const text of ["one", "two"]) {
    const bytes = (async function* () {
      yield Buffer.from(text);
    })();
    await store.putBlob(digestOf(text), bytes, text);
  }
  await store.writeRecord("facts", hexOf(digestOf("key")), { a: 1 });
  store.close();
  return directory;
}

test("dir prints the place, whether it is there or not", () => {
  const directory = join(tmp(), "not/there");
  assert.equal(cache(directory, "dir"), { status: 0, stdout: `${directory}\n`, stderr: "" });
});

test("ls: files and bytes by kind, as a table and as JSON", async () => {
  const directory = await filledStore();
  const json = cache(directory, "ls", "--json");
  const { kinds, total } = JSON.parse(json.stdout) as {
    kinds: Record<string, { files: number; bytes: number }>;
    total: { files: number; bytes: number };
  };
  assert.equal(Object.keys(kinds), ["blobs", "facts"]);
  assert.is(kinds["blobs"]!.files, 2);
  assert.is(kinds["facts"]!.bytes, '{"a":1}'.length + 65);
  assert.is(total.files, 3);
  assert.is(total.bytes, kinds["blobs"]!.bytes + kinds["facts"]!.bytes);
  const lines = cache(directory, "ls").stdout.split("\n");
  assert.match(lines[0]!, /^blobs +2 files +\d+ B$/);
  assert.match(lines[1]!, /^facts +1 file +72 B$/);
  assert.match(lines[2]!, /^total +3 files +\d+ B$/);
});

test("verify: status 1 and the file's name where something is corrupt, 0 the next time", async () => {
  const directory = await filledStore();
  const part = readdirSync(join(directory, "facts"))[0]!;
  const file = join("facts", part, readdirSync(join(directory, "facts", part))[0]!);
  writeFileSync(join(directory, file), "other");
  const found = cache(directory, "verify");
  assert.is(found.status, 1);
  assert.match(found.stdout, file);
  assert.match(found.stderr, "E_STORE");
  const again = cache(directory, "verify", "--json");
  assert.is(again.status, 0, again.stderr);
  assert.equal((JSON.parse(again.stdout) as { corrupt: unknown }).corrupt, []);
});

test("gc leaves what is asked for, and says what it freed; a size that is none is an error", async () => {
  const directory = await filledStore();
  assert.match(cache(directory, "gc").stdout, /^Removed 0 files: 0 B freed/);
  assert.match(cache(directory, "gc", "--max-size", "0").stdout, /^Removed 3 files: \d+ B freed, 0 B left\n$/);
  const wrong = cache(directory, "gc", "--max-size", "plenty");
  assert.is(wrong.status, 2);
  assert.match(wrong.stderr, /E_USAGE/);
});

test("a command that is missing, or is none", () => {
  const directory = tmp();
  for (const args of [[], ["prune"], ["ls", "blobs"]]) assert.is(cache(directory, ...args).status, 2, args.join(" "));
  assert.match(cache(directory).stderr, "A command for the cache is missing");
});

test.run();
