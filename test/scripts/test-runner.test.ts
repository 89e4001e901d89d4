// @runtimes node
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { typeScriptCommand } from "../../scripts/runtimes.ts";
import { type FileResult, readSettings, runTestFile } from "../../scripts/test-file.ts";
import { suite } from "../harness.ts";

const fixtures = join(import.meta.dirname, "fixtures/runner");
const test = suite("scripts/test-runner");

// Each file fails in a way of its own: how many tests passed and failed, and what is said of it.
const failing: Readonly<Record<string, readonly [passed: number, failed: number, problem: RegExp]>> = {
  "assertion-fails": [1, 1, /^1 of 2 tests failed$/],
  "throws-string": [0, 1, /^1 of 1 tests failed$/],
  "rejects-undefined": [1, 1, /^1 of 2 tests failed$/],
  "before-fails": [0, 2, /^2 of 2 tests failed$/],
  "after-fails": [0, 1, /^ended with status 1 before/],
  "after-each-fails": [0, 1, /^1 of 1 tests failed$/],
  "never-settles": [0, 1, /^1 of 1 tests failed$/],
  "exits-early": [0, 1, /^ended with status 1 before/],
  "exits-before": [0, 1, /^ended with status 1 before/],
  "run-forgotten": [0, 1, /^ended with status 1 before/],
  "no-tests": [0, 1, /^has no tests/],
  hangs: [0, 1, /^killed: did not end within 2 s$/],
  "leaves-timer": [1, 1, /^killed: something still ran 1 s after/],
  "bare-uvu-trap": [0, 1, /^1 of 1 tests failed$/],
};

for (const [name, [passed, failed, problem]] of Object.entries(failing)) {
  test(`a file that fails is never green: ${name}`, async () => {
    const result = await run(name);
    assert.match(result.problem ?? "no problem", problem, result.output);
    assert.equal([result.passed, result.failed], [passed, failed]);
  });
}

test("a file whose tests pass passes, all of them counted", async () => {
  const result = await run("passes", true);
  assert.equal([result.problem, result.passed, result.failed, result.skipped], [undefined, 2, 0, 0], result.output);
});

test("a missing tool is counted as skipped, and fails in CI", async () => {
  const lenient = await run("skips");
  assert.equal([lenient.problem, lenient.passed, lenient.failed, lenient.skipped], [undefined, 1, 0, 1]);
  assert.match(lenient.output, /SKIPPED "needs a tool": The command "image-dsl-no-such-tool" is not installed/);
  const strict = await run("skips", true);
  assert.equal([strict.problem, strict.passed, strict.failed], ["1 of 2 tests failed", 1, 1]);
});

test("a forgotten only fails in CI", async () => {
  assert.is((await run("only-forgotten")).problem, undefined);
  assert.match((await run("only-forgotten", true)).problem ?? "", /1 tests were skipped/);
});

test("the runner ends with the plain count of tests and status 1", () => {
  const ended = runner("--root", fixtures, "passes", "assertion-fails");
  assert.is(ended.stdout.trimEnd().split("\n").at(-1), "3 passed, 1 failed");
  assert.is(ended.status, 1);
  assert.match(ended.stdout, /one is not two/);
});

test("the runner ends with status 0 when all passed, 1 when nothing ran, 2 when the command line is wrong", () => {
  const good = runner("--root", fixtures, "passes");
  assert.equal([good.status, good.stdout.endsWith("\n2 passed, 0 failed\n")], [0, true]);
  const nothing = runner("--root", fixtures, "no-such-name");
  assert.equal([nothing.status, nothing.stdout.endsWith("\n0 passed, 0 failed\n")], [1, true]);
  assert.is(runner("--runtime", "node,perl").status, 2);
  assert.is(runner("--jobs", "none").status, 2);
});

test("a file's settings are read from its first lines", () => {
  const settings = readSettings(join(fixtures, "hangs.test.ts"));
  assert.is(settings.timeout, 2);
  assert.equal(readSettings(import.meta.filename).runtimes, ["node"]);
});

test.run();

function run(name: string, ci = false): Promise<FileResult> {
  return runTestFile(join(fixtures, `${name}.test.ts`), "node", { ci, grace: 1 });
}

function runner(...args: readonly string[]) {
  const command = typeScriptCommand("node");
  const script = join(import.meta.dirname, "../../scripts/test.ts");
  const environment = { ...process.env, CI: "" };
  return spawnSync(command.program, [...command.args, script, ...args], { encoding: "utf8", env: environment });
}
