/** Writing to stdout is tried in children, whose stdout is a pipe, a file or /dev/null. */
import { spawn, spawnSync, type SpawnOptions } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { suite, tmp } from "../../harness.ts";
import { isRuntimeName, typeScriptCommand, type RuntimeName } from "../../../scripts/runtimes.ts";
import { runtime } from "../../../core/host.ts";

const test = suite("cli/stdout");

const SIZE = 20 * 1024 * 1024;
const module = join(import.meta.dirname, "../../../core/cli/stdout.ts");
const name: RuntimeName = isRuntimeName(runtime()) ? (runtime() as RuntimeName) : "node";
const script = join(tmp(), "write.ts");
// Two buffers take turns: whoever asks for the one after the next too early sends the wrong bytes.
writeFileSync(
  script,
  `import { writeToStdout } from ${JSON.stringify(module)};
   const buffers = [new Uint8Array(1 << 20), new Uint8Array(1 << 20)];
   async function* chunks() {
     for (let i = 0; i < ${SIZE / (1 << 20)}; i++) yield buffers[i % 2].fill(i);
   }
   writeToStdout(chunks()).then(
     () => process.stderr.write("done"),
     (error) => { process.stderr.write(error.code + ": " + error.message); process.exitCode = 1; },
   );`,
);

const expected = createHash("sha256");
for (let i = 0; i < SIZE / (1 << 20); i++) expected.update(Buffer.alloc(1 << 20, i));
const digest = expected.digest("hex");

function start(options: SpawnOptions) {
  const { program, args } = typeScriptCommand(name);
  return spawn(program, [...args, script], options);
}

test("a slow reader of a pipe gets every byte", async () => {
  const child = start({ stdio: ["ignore", "pipe", "pipe"] });
  const hash = createHash("sha256");
  let size = 0;
  for await (const piece of child.stdout!) {
    hash.update(piece as Buffer);
    const before = size;
    size += (piece as Buffer).length;
    // Let the pipe fill up now and then.
    if (Math.floor(before / 4e6) !== Math.floor(size / 4e6)) await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.equal([size, hash.digest("hex")], [SIZE, digest]);
});

test("a file is appended to where the shell left off", () => {
  const file = join(tmp(), "out");
  writeFileSync(file, "before");
  const descriptor = openSync(file, "a");
  const { program, args } = typeScriptCommand(name);
  const { status } = spawnSync(program, [...args, script], { stdio: ["ignore", descriptor, "inherit"] });
  closeSync(descriptor);
  const content = readFileSync(file);
  assert.is(status, 0);
  assert.is(content.subarray(0, 6).toString(), "before");
  assert.is(createHash("sha256").update(content.subarray(6)).digest("hex"), digest);
});

test("a reader that goes away is an error, not a crash", async () => {
  const child = start({ stdio: ["ignore", "pipe", "pipe"] });
  let errors = "";
  child.stderr!.on("data", (piece: Buffer) => (errors += piece.toString()));
  child.stdout!.once("data", () => child.stdout!.destroy());
  const status = await new Promise((resolve) => child.on("close", resolve));
  assert.equal([status, errors.slice(0, 8)], [1, "E_OUTPUT"]);
  assert.match(errors, /ended before everything was written/);
});

test("a full disk is told as such", () => {
  const full = openSync("/dev/full", "w");
  const { program, args } = typeScriptCommand(name);
  const { status, stderr } = spawnSync(program, [...args, script], {
    stdio: ["ignore", full, "pipe"],
    encoding: "utf8",
  });
  closeSync(full);
  assert.equal([status, stderr.slice(0, 10)], [1, "E_NO_SPACE"]);
});

test.run();
