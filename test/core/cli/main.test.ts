import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { runCli } from "../../../core/cli/main.ts";
import type { Program, ReporterOptions } from "../../../core/cli/program.ts";
import { ImageDslError } from "../../../core/error.ts";
import { suite, tmp } from "../../harness.ts";

const test = suite("cli/main");

const root = join(import.meta.dirname, "../../..");

interface Run {
  readonly status: number;
  readonly errors: readonly unknown[];
  readonly reporters: readonly ReporterOptions[];
}

async function run(...args: readonly string[]): Promise<Run> {
  const errors: unknown[] = [];
  const reporters: ReporterOptions[] = [];
  const program: Program = {
    exports: { packageRoot: root, version: "0.0.0", urls: new Map() },
    plugins: () => Promise.resolve([]),
    reporter: (options) => {
      reporters.push(options);
      return Promise.resolve({ event() {}, error: (error) => void errors.push(error), async finish() {}, close() {} });
    },
  };
  return { status: await runCli(program, args), errors, reporters };
}

test("every wrong command line ends with status 2 and says what was meant", async () => {
  const cases: readonly (readonly [readonly string[], RegExp, RegExp])[] = [
    [["bild"], /Unknown command: bild/, /Did you mean build\?/],
    [["build", "--tga", "a:b"], /Unknown argument: tga/, /Did you mean --tag\?/],
    [["build", "--no-cahe"], /Unknown argument: no-cahe/, /Did you mean --no-cache\?/],
    [["build", "--tag"], /Not enough arguments following: tag/, /--help/],
    [["build", "--quiet", "--json"], /mutually exclusive/, /--help/],
    [["build", "--arg", "version"], /--arg "version" has no value/, /NAME=VALUE/],
    [["build", "--arg", "=7"], /has no value/, /NAME=VALUE/],
    [["build", "--platform", "amd64"], /"amd64" is not a platform/, /linux\/amd64/],
    [["build", "--jobs", "0"], /--jobs "0" is no whole number/, /as there are processors/],
    [["build", "--jobs", "many"], /is no whole number/, /as there are processors/],
    [["build", "--limit", "tar.entries"], /--limit tar\.entries="" is nothing from 1 to/, /it is 2000000/],
    [["build", "--limit", "tar.entries=0"], /is nothing from 1 to/, /it is 2000000/],
    [["build", "--limit", "tar.entries=Infinity"], /is nothing from 1 to/, /it is 2000000/],
    [["inspect", "x", "--limit", "lock.bytes=1GiB"], /is nothing from 1 to 536870888B/, /it is 64MiB/],
    [["build", "--limit", "tar.paths=2X"], /"2X" is no size/, /500MiB/],
    // Tests run in a project with a config, our own.
    [["init"], /There is image\.config\.ts already/, /move it away/],
    [["doctor", "now"], /Unknown command: now/, /--help/],
    [["plan", "--output", "digest"], /Unknown arguments?: output/, /--help|--output/],
  ];
  for (const [args, message, hint] of cases) {
    const { status, errors } = await run(...args);
    const label = args.join(" ");
    assert.is(status, 2, label);
    assert.is(errors.length, 1, label);
    const [error] = errors;
    assert.instance(error, ImageDslError, label);
    assert.match((error as ImageDslError).message, message, label);
    assert.match((error as ImageDslError).hint ?? "", hint, label);
  }
});

test("--json and --verbose count also where the command line is wrong", async () => {
  assert.equal((await run("build", "--json", "--nonsense")).reporters, [
    { mode: "json", eventsTo: "stdout", verbose: false },
  ]);
  assert.equal((await run("build", "--verbose", "--nonsense")).reporters, [
    { mode: "lines", eventsTo: "stdout", verbose: true },
  ]);
});

test("a missing config is the config's fault: status 2", async () => {
  const { status, errors } = await run("build", "--config", join(tmp(), "none.ts"));
  assert.is(status, 2);
  assert.is((errors[0] as ImageDslError).code, "E_CONFIG_NOT_FOUND");
});

test("another image-dsl among the config's packages does the work", async () => {
  const directory = tmp();
  const other = join(directory, "node_modules/image-dsl");
  mkdirSync(other, { recursive: true });
  writeFileSync(join(directory, "image.config.ts"), "this is never read");
  writeFileSync(
    join(other, "package.json"),
    `{ "name": "image-dsl", "type": "module", "bin": { "image-dsl": "./bin.js" } }`,
  );
  writeFileSync(join(other, "bin.js"), `globalThis.otherRan = (globalThis.otherRan ?? 0) + 1;`);
  const config = join(directory, "image.config.ts");

  const first = await run("build", "--config", config);
  assert.equal([first.status, first.errors.length], [0, 0]);
  assert.is(Reflect.get(globalThis, "otherRan"), 1);

  const second = await run("build", "--config", config);
  assert.is(Reflect.get(globalThis, "otherRan"), 1, "once handed over, it is not handed on: no loops");
  assert.is((second.errors[0] as ImageDslError).code, "E_CONFIG_LOAD");
});

test.run();
