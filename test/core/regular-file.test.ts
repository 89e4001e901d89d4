import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { compressionOfFile } from "../../core/compress/detect-file.ts";
import { readJsonFile } from "../../core/config/read-json.ts";
import { messageOf } from "../../core/error.ts";
import { openLock } from "../../core/lock/lock-file.ts";
import { openRegular, readRegular, readRegularSync, streamRegular } from "../../core/regular-file.ts";
import { requireTool, suite, tmp } from "../harness.ts";

const test = suite("regular-file", { timeout: 10_000 });

/** What nobody can read to its end, by what it is called. */
function others(): ReadonlyMap<string, string> {
  const folder = tmp();
  const fifo = join(folder, "fifo");
  execFileSync(requireTool("mkfifo"), [fifo]);
  mkdirSync(join(folder, "directory"));
  for (const [name, target] of [
    ["to-fifo", fifo],
    ["to-device", "/dev/zero"],
  ] as const)
    symlinkSync(target, join(folder, name));
  return new Map([
    [fifo, "a FIFO"],
    [join(folder, "to-fifo"), "a FIFO"],
    [join(folder, "to-device"), "a device"],
    ["/dev/zero", "a device"],
    [join(folder, "directory"), "a directory"],
  ]);
}

test("what is no regular file is said at once, however it is read", async () => {
  for (const [file, kind] of others()) {
    for (const read of [
      () => openRegular(file),
      () => readRegular(file, 10),
      async () => readRegularSync(file, 10),
      () => streamRegular(file).next(),
      () => compressionOfFile(file),
      () => readJsonFile(file),
    ] as readonly (() => Promise<unknown>)[]) {
      const told = await read().then(
        () => "nothing",
        (error: unknown) => messageOf(error),
      );
      assert.match(told, `it is ${kind}, not a regular file`, file);
    }
  }
});

test("a lock of any other kind is an error that says what it is, also a link to a good one", async () => {
  const good = join(tmp(), "good.json");
  writeFileSync(good, '{"lockVersion":1,"formatVersion":1,"entries":{}}');
  const link = join(tmp(), "link.json");
  symlinkSync(good, link);
  const kinds = [...others()].map(([file, kind]) => [file, file.includes("to-") ? "a symbolic link" : kind] as const);
  for (const [file, kind] of [...kinds, [link, "a symbolic link"] as const]) {
    const told = await openLock({ file, frozen: false, update: undefined }).then(
      () => "nothing",
      (error: unknown) => messageOf(error),
    );
    assert.match(told, `Cannot use the lock ${file}: it is ${kind}, not a regular file`);
  }
});

test("a file is read whole up to the limit, and not a byte beyond", async () => {
  const file = join(tmp(), "file");
  for (const size of [0, 1, 65_536, 200_000]) {
    const bytes = Buffer.alloc(size, "abc");
    writeFileSync(file, bytes);
    assert.ok(bytes.equals(await readRegular(file, size)));
    assert.ok(bytes.equals(readRegularSync(file, size)));
    if (size === 0) continue;
    for (const read of [() => readRegular(file, size - 1), async () => readRegularSync(file, size - 1)]) {
      const told = await read().then(
        () => "nothing",
        (error: unknown) => messageOf(error),
      );
      assert.match(told, `more than the ${size - 1} bytes`);
    }
  }
  // Its stat says that it is empty.
  assert.ok((await readRegular("/proc/self/status", 1_000_000)).length > 0);
});

test.run();
