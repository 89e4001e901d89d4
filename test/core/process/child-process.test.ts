import { setTimeout as delay } from "node:timers/promises";
import * as assert from "uvu/assert";
import { ImageDslError, findProgram, runProgram, type ScriptPlace } from "../../../core/index.ts";
import { prepared } from "../../../core/run/script-environment.ts";
import { endStrays, markOf } from "../../../core/run/strays.ts";
import { suite, tmp } from "../../harness.ts";
import { processesWith, startedWith, survivorsWith } from "../run/script-fixture.ts";

const test = suite("run/process");

const ENV = { PATH: "/usr/bin:/bin" };
const run = (args: readonly string[], more: Partial<Parameters<typeof runProgram>[2]> = {}) =>
  runProgram("/bin/sh", ["-c", ...args], { cwd: "/", env: ENV, signal: new AbortController().signal, ...more });

test("output, exit code and arguments come through as they are", async () => {
  assert.equal(await run(["printf '%s|' \"$@\"; echo e >&2; exit 3", "sh", "a b", "$(x)", "*", ""]), {
    code: 3,
    signal: null,
    stdout: "a b|$(x)|*||",
    stderr: "e\n",
  });
});

test("the environment is only what was given, the input too", async () => {
  assert.is(
    (
      await run(["env | sort | cut -d= -f1 | grep -v -e PWD -e SHLVL -e ^_ | tr '\\n' ' '; cat"], {
        env: { ...ENV, A: "1" },
        input: "in",
      })
    ).stdout,
    "A PATH in",
  );
  assert.is((await run(["cat; echo end"])).stdout, "end\n");
});

test("an input that is a stream is given as it is made, and no further than it is read", async () => {
  let given = 0;
  async function* pieces(count: number): AsyncGenerator<Uint8Array> {
    const piece = Buffer.alloc(1 << 16);
    for (let each = 0; each < count; each++) {
      given++;
      // The same memory for each: what waits to be written must have its own.
      yield piece.fill(each);
    }
  }
  const sum = "cksum | cut -d' ' -f2";
  assert.is((await run([sum], { input: pieces(40) })).stdout, `${40 << 16}\n`);
  const bytes = await run(["od -An -tu1 -v -w65536 | cut -c2-4 | tr -d '\\n'"], { input: pieces(5) });
  assert.is(bytes.stdout, "  0  1  2  3  4");
  given = 0;
  assert.is((await run(["head -c 1 >/dev/null; exit 4"], { input: pieces(10_000) })).code, 4);
  assert.ok(given < 1000, `${given} pieces were made for a program that read one`);
});

test("an input that fails ends the program, and its error is the one that is told", async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.from("x");
    throw new Error("the file is gone");
  }
  const failed = run(["cat; sleep 60"], { input: broken() });
  await failed.then(
    () => assert.unreachable(),
    (error: Error) => assert.is(error.message, "the file is gone"),
  );
});

test("lines come whole, from both streams, the last one without its end too", async () => {
  const lines: string[] = [];
  await run(["printf 'a\\nb'; sleep 0.1; printf 'c\\r\\n\\303'; sleep 0.1; printf '\\251'; echo x >&2"], {
    onLine: (line, stream) => lines.push(`${stream}:${line}`),
  });
  assert.equal(lines.toSorted(), ["stderr:x", "stdout:a", "stdout:bc", "stdout:é"]);
});

test("of much output the end is kept", async () => {
  const { stdout } = await run(["seq 1 100000"]);
  assert.is(stdout.length, 64 * 1024);
  assert.ok(stdout.endsWith("99999\n100000\n"));
});

test("a program that does not read its input is no error", async () => {
  assert.is((await run(["exit 0"], { input: "x".repeat(1_000_000) })).code, 0);
});

test("a missing program is E_TOOL_MISSING, by name", async () => {
  try {
    await runProgram("image-dsl-no-such-tool", [], { cwd: "/", env: ENV, signal: new AbortController().signal });
    assert.unreachable();
  } catch (error) {
    assert.ok(error instanceof ImageDslError && error.code === "E_TOOL_MISSING");
    assert.match((error as Error).message, "image-dsl-no-such-tool");
  }
  assert.is(findProgram("image-dsl-no-such-tool"), undefined);
  assert.match(findProgram("sh")!, /^\/.*\/sh$/);
});

test("an abort ends the whole group, deaf members too", async () => {
  const marker = `process-test-${process.pid}`;
  const controller = new AbortController();
  const lines: string[] = [];
  const ended = run(
    [
      `trap '' TERM; (MARK=${marker} exec sleep 300) & (trap '' TERM; MARK=${marker} sh -c 'sleep 300; true') & echo ready; wait`,
    ],
    {
      signal: controller.signal,
      onLine: (line) => void lines.push(line),
    },
  ).then(
    () => "ended",
    (error: ImageDslError) => error.code,
  );
  while (lines.length === 0 || processesWith(marker).length < 2) await delay(20);
  controller.abort();
  assert.is(await ended, "E_ABORTED");
  assert.equal(await survivorsWith(marker), []);
});

test("an abort before the start starts nothing", async () => {
  const signal = AbortSignal.abort();
  assert.is(await run(["exit 0"], { signal }).catch((error: ImageDslError) => error.code), "E_ABORTED");
});

test("a background child neither holds the result up nor lives on", async () => {
  const marker = `process-background-${process.pid}`;
  assert.is((await run([`MARK=${marker} sleep 300 & echo started`])).stdout, "started\n");
  assert.equal(await survivorsWith(marker), []);
});

/** For a shell that ends with its group: until what it started is out of that. */
const untilLeft = (directory: string): string => `until [ -e ${directory}/left ]; do sleep 0.05; done`;

test("strays are known by the directory in their environment", async () => {
  const directory = tmp();
  await run([
    `HERE=${directory} setsid sh -c 'echo >$HERE/left; exec sleep 300' >/dev/null 2>&1 & ${untilLeft(directory)}`,
  ]);
  assert.is((await startedWith(directory, "sleep ")).length, 1);
  await endStrays({ work: directory, root: directory, home: directory } as ScriptPlace, new AbortController().signal);
  assert.equal(await survivorsWith(directory), []);
});

test("strays are known by their mark where they have no environment, no folder and no open file of it", async () => {
  const place = { work: tmp(), root: "/nowhere/root", home: "/nowhere/home" } as ScriptPlace;
  const other = { ...place, work: tmp() };
  const [length, left] = [`341.${process.pid}`, tmp()];
  const [program, ...args] = prepared(
    [
      "sh",
      "-c",
      `cd /; env -i setsid -f sh -c 'echo >${left}/left; exec sleep ${length}' < /dev/null > /dev/null 2>&1; ${untilLeft(left)}`,
    ],
    { mark: markOf(place), streams: "together" },
  );
  const { signal } = new AbortController();
  await runProgram(program!, args, { cwd: "/", env: ENV, signal });
  assert.is((await startedWith(length, "sleep ")).length, 1);
  await endStrays(other, signal);
  assert.is(processesWith(length).length, 1, "not another script's");
  await endStrays(place, signal);
  assert.equal(await survivorsWith(length), []);
});

test.run();
