import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { requireTool, suite, tmp } from "../../harness.ts";
import { typeScriptCommand } from "../../../scripts/runtimes.ts";
import { runtime } from "../../../core/host.ts";
import { openStore } from "../../../core/store/disk-store.ts";
import { oldestBuild } from "../../../core/store/presence.ts";

const test = suite("store/temporary-files");

const STORE = join(import.meta.dirname, "../../../core/store/disk-store.ts");
const HOURS = 60 * 60;

/** Opens the store, makes a work directory with something in it, says so, and waits to be killed. */
function openElsewhere(directory: string, wrapper: readonly string[] = []) {
  const script = join(directory, "..", "opener.ts");
  writeFileSync(
    script,
    `import { openStore } from ${JSON.stringify(STORE)};
import { mkdirSync } from "node:fs";
void (async () => {
  const store = await openStore(${JSON.stringify(directory)});
  const { path } = await store.temporaryDirectory("script");
  mkdirSync(path + "/sub");
  console.log("ready");
  setInterval(() => {}, 1000);
})();`,
  );
  const { program, args } = typeScriptCommand(runtime() === "deno" ? "deno" : "node");
  const [first, ...rest] = [...wrapper, program, ...args, script];
  const child = spawn(first!, rest, { stdio: ["ignore", "pipe", "inherit"], detached: true });
  return { child, ready: once(child.stdout, "data"), ended: once(child, "exit") };
}

const namesIn = (directory: string) => ["tmp", "running"].flatMap((name) => readdirSync(join(directory, name)));

test("what a killed process left is removed by the next; what a living one uses stays", async () => {
  const directory = join(tmp(), "store");
  const { child, ready, ended } = openElsewhere(directory);
  await ready;
  const made = namesIn(directory);
  assert.is(made.length, 2);
  const store = await openStore(directory);
  assert.equal(
    namesIn(directory).filter((name) => made.includes(name)),
    made,
  );
  child.kill("SIGKILL");
  await ended;
  store.close();
  (await openStore(directory)).close();
  assert.equal(namesIn(directory), []);
});

test("of a process in another PID namespace nothing is known: only age tells, and it renews what it uses", async () => {
  requireTool("unshare");
  const directory = join(tmp(), "store");
  const wrapper = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"];
  const { child, ready, ended } = openElsewhere(directory, wrapper);
  await ready;
  const made = namesIn(directory);
  (await openStore(directory)).close();
  assert.equal(namesIn(directory), made);
  assert.ok(oldestBuild(directory)! > 0, "its build counts for a collection");
  process.kill(-child.pid!, "SIGKILL");
  await ended;
  (await openStore(directory)).close();
  assert.equal(namesIn(directory), made, "just killed, but nobody here can see that");
  assert.is(made.length, 2);
});

test("what is another machine's goes after a day without a change; what is not ours never does", async () => {
  const directory = tmp();
  mkdirSync(join(directory, "tmp"), { mode: 0o700 });
  const names = ["file.0123456789ab-12-345.12-abc", "letter.txt"];
  for (const name of names) writeFileSync(join(directory, "tmp", name), "");
  const age = (hours: number) => {
    const then = Date.now() / 1000 - hours * HOURS;
    for (const name of names) utimesSync(join(directory, "tmp", name), then, then);
  };
  age(23);
  (await openStore(directory)).close();
  assert.equal(readdirSync(join(directory, "tmp")).sort(), names);
  age(25);
  (await openStore(directory)).close();
  assert.equal(readdirSync(join(directory, "tmp")), ["letter.txt"]);
});

test("directories that nobody may enter are removed too", async () => {
  const directory = join(tmp(), "store");
  (await openStore(directory)).close();
  const dead = join(directory, "tmp", (await deadName()).replace(/^[a-z]+/, "script"));
  mkdirSync(join(dead, "a/b"), { recursive: true });
  chmodSync(join(dead, "a"), 0);
  (await openStore(directory)).close();
  assert.equal(readdirSync(join(directory, "tmp")), []);
});

test.run();

/** The name of a process that is gone. */
async function deadName(): Promise<string> {
  const directory = join(tmp(), "store");
  const { child, ready, ended } = openElsewhere(directory);
  await ready;
  child.kill("SIGKILL");
  await ended;
  return readdirSync(join(directory, "tmp"))[0]!;
}
