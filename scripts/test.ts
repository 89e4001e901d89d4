/**
 * `npm test -- [--runtime node,node24,deno,bun|all] [--jobs N] [--timeout SECONDS] [filter…]`: runs test/**\/*.test.ts,
 * each file in a process of its own on each runtime asked for (default: node), those whose path contains a filter.
 * The last line is `N passed, M failed` and counts tests. Status 1 when anything failed, or nothing passed.
 */
import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { writeFurtherAuthorities } from "./authorities.ts";
import { COMPILED } from "./compiled/args.ts";
import { compileSources } from "./compiled/compile.ts";
import { READS_TYPESCRIPT, RUNTIMES, type RuntimeName, isRuntimeName, runtimePath } from "./runtimes.ts";
import { type FileResult, readSettings, runTestFile } from "./test-file.ts";

interface Job {
  readonly file: string;
  readonly runtime: RuntimeName;
}

/** Files on a Node that reads no TypeScript, from which on to compile all sources is less than to do it by file. */
const MANY = 10;

const project = join(import.meta.dirname, "..");
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runtime: { type: "string", default: "node" },
    // One more than CI has processors: of three files, one waits for a server, a time-out or a machine that boots.
    jobs: { type: "string", default: "3" },
    timeout: { type: "string", default: "300" },
    root: { type: "string", default: join(project, "test") },
  },
});

const runtimes = readRuntimes(values.runtime);
const options = { ci: process.env["CI"] === "true", defaultTimeout: readCount("timeout", values.timeout) };
const jobs = findTestFiles(resolve(values.root))
  .filter((file) => positionals.length === 0 || positionals.some((word) => file.includes(word)))
  .flatMap((file) => readSettings(file).runtimes.map((runtime) => ({ file, runtime })))
  .filter((job) => runtimes.includes(job.runtime))
  .sort((a, b) => runtimes.indexOf(a.runtime) - runtimes.indexOf(b.runtime));
for (const runtime of runtimes) runtimePath(runtime);

const started = performance.now();
// Each file's process would compile the same sources anew. For a few files, compiling all is more.
const compiled = mkdtempSync(join(tmpdir(), "compiled-"));
chmodSync(compiled, 0o711);
process.env["NODE_COMPILE_CACHE"] = join(compiled, "code");
if (!READS_TYPESCRIPT && jobs.filter(({ runtime }) => runtime === "node").length >= MANY) {
  process.env[COMPILED] = join(compiled, "sources");
  await compileSources(join(compiled, "sources"));
}
// Of test/shared-cache.ts. Tests that lower their rights need a way through.
const cache = mkdtempSync(join(tmpdir(), "cache-"));
chmodSync(cache, 0o711);
process.env["IMAGE_DSL_TESTS_CACHE"] = cache;
const { NODE_EXTRA_CA_CERTS: authorities } = process.env;
if (authorities) {
  const further = join(cache, "authorities.crt");
  if (writeFurtherAuthorities(authorities, further)) process.env["NODE_EXTRA_CA_CERTS"] = further;
  else delete process.env["NODE_EXTRA_CA_CERTS"];
}
printSummary(await runAll(jobs, readCount("jobs", values.jobs)));
for (const folder of [compiled, cache]) rmSync(folder, { recursive: true, force: true });

async function runAll(queue: readonly Job[], width: number): Promise<readonly FileResult[]> {
  const interrupt = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interrupt.abort());
  const done: FileResult[] = [];
  const rest = [...queue];
  const worker = async () => {
    for (let job = rest.shift(); job !== undefined && !interrupt.signal.aborted; job = rest.shift()) {
      const few = job.runtime !== runtimes[0];
      const result = await runTestFile(job.file, job.runtime, { ...options, few, signal: interrupt.signal });
      printResult(result);
      done.push(result);
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  return done;
}

function printResult(result: FileResult): void {
  const { passed, skipped, problem } = result;
  const counts = skipped > 0 ? `${passed} passed, ${skipped} skipped` : `${passed} passed`;
  const name = `${relative(project, result.file)} [${result.runtime}]`;
  const end = `${result.seconds.toFixed(1)} s`;
  if (problem !== undefined) console.log(`FAIL ${name} ${problem}; ${counts}, ${end}\n${result.output.trimEnd()}\n`);
  else console.log(`ok   ${name} ${counts}, ${end}`);
}

function printSummary(results: readonly FileResult[]): void {
  const sum = (key: "passed" | "failed" | "skipped") => results.reduce((total, result) => total + result[key], 0);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(`\n${results.length} files on ${runtimes.join(", ")} in ${seconds} s`);
  const slowest = results.toSorted((a, b) => b.seconds - a.seconds).slice(0, results.length < 50 ? 0 : 15);
  for (const { file, runtime, seconds } of slowest) {
    console.log(`${seconds.toFixed(0).padStart(5)} s ${relative(project, file)} [${runtime}]`);
  }
  if (sum("skipped") > 0) console.log(`${sum("skipped")} tests SKIPPED (CI=true would fail them)`);
  for (const { file, runtime, problem } of results) {
    if (problem !== undefined) console.log(`FAIL ${relative(project, file)} [${runtime}] ${problem}`);
  }
  console.log(`${sum("passed")} passed, ${sum("failed")} failed`);
  process.exitCode = sum("failed") > 0 || sum("passed") === 0 ? 1 : 0;
}

/** Every test file below a folder, in a fixed order. A fixture is a test of nobody's but the test that runs it. */
function findTestFiles(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return /^(fixtures|node_modules)$/.test(entry.name) ? [] : findTestFiles(path);
      return entry.name.endsWith(".test.ts") ? [path] : [];
    });
}

function readRuntimes(text: string): readonly RuntimeName[] {
  if (text === "all") return RUNTIMES;
  const names = text.split(",");
  const unknown = names.find((name) => !isRuntimeName(name));
  if (unknown !== undefined) fail(`The runtime "${unknown}" is none of ${RUNTIMES.join(", ")}, all`);
  return names.filter(isRuntimeName);
}

function readCount(option: string, text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1) fail(`--${option} is "${text}", not a whole number of 1 or more`);
  return count;
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}
