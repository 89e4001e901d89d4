/** Every folder of test/cases is a project; its case.json lists command lines, and what each of them gives there. */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { runtime } from "../../../core/host.ts";
import { javaScriptCommand } from "../../../scripts/runtimes.ts";
import { suite, tmp } from "../../harness.ts";

const test = suite("cases", { timeout: 120_000 });

interface Case {
  readonly args: readonly string[];
  readonly status: number;
  /** Regular expressions, all of which match. */
  readonly stdout?: readonly string[];
  readonly stderr?: readonly string[];
  readonly notStderr?: readonly string[];
  /** Names of all that came into being in the folder. */
  readonly files?: readonly string[];
  /** Texts of files, by path. */
  readonly content?: Readonly<Record<string, string>>;
}

const root = join(import.meta.dirname, "../../..");
const cases = join(root, "test/cases");
/** The built one: the sources take seconds to load, each time. */
const cli = join(root, "dist/cli.js");
const command = javaScriptCommand(runtime());

for (const name of readdirSync(cases).sort()) {
  const file = join(cases, name, "case.json");
  if (!existsSync(file)) throw new Error(`test/cases/${name} has no case.json`);
  for (const each of JSON.parse(readFileSync(file, "utf8")) as readonly Case[]) {
    test(`${name}: image-dsl ${each.args.join(" ")}`, () => check(name, each));
  }
}

function check(
  name: string,
  { args, status, stdout = [], stderr = [], notStderr = [], files, content = {} }: Case,
): void {
  const directory = tmp();
  cpSync(join(cases, name), directory, { recursive: true });
  // A package.json in the repository would be tsc's and the editor's too.
  if (existsSync(join(directory, "_package.json")))
    renameSync(join(directory, "_package.json"), join(directory, "package.json"));
  const before = readdirSync(directory);
  const { CI: _, ...environment } = process.env;
  const result = spawnSync(command.program, [...command.args, cli, ...args], {
    cwd: directory,
    encoding: "utf8",
    env: { ...environment, NO_COLOR: "1", IMAGE_DSL_CACHE: join(directory, ".cache") },
  });
  const shown = `\n--- stdout\n${result.stdout.slice(0, 2000)}\n--- stderr\n${result.stderr}`;
  assert.is(result.status, status, `status ${result.status}${shown}`);
  for (const pattern of stdout) assert.match(result.stdout, new RegExp(pattern), `stdout: ${pattern}${shown}`);
  for (const pattern of stderr) assert.match(result.stderr, new RegExp(pattern), `stderr: ${pattern}${shown}`);
  for (const pattern of notStderr) assert.not.match(result.stderr, new RegExp(pattern), `stderr: ${pattern}${shown}`);
  const made = readdirSync(directory).filter((each) => !before.includes(each) && each !== ".cache");
  if (files) assert.equal(made.sort(), [...files].sort());
  for (const [path, text] of Object.entries(content)) assert.is(readFileSync(join(directory, path), "utf8"), text);
}

test.run();
