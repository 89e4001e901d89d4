/**
 * `npm run bench [-- --rounds N] [-- --only NAME,…]`: image-dsl against `tar | openssl` and, where they are, against
 * other builders, over the same files and by turns, printed and written into docs/benchmarks.md. `npm run bench:vm`:
 * scripts in virtual machines, into docs/vm.md. Figures are ratios; absolute times on a shared machine mean little.
 * Never part of the tests.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Bench } from "./bench/bench.ts";
import { requireDisk } from "./bench/disk.ts";
import { updateDocument } from "./bench/document.ts";
import { SUITES, type Suite } from "./bench/list.ts";
import { measureBench } from "./bench/measure-bench.ts";
import { copyProgram } from "./bench/program.ts";
import { STORE } from "./bench/store.ts";
import { makeWorkFolder, remove } from "./bench/work-folder.ts";

const ROUNDS = 5;

const { rounds, suite, chosen } = readArguments();
const document = join(import.meta.dirname, "..", suite.document);
const work = makeWorkFolder();
requireDisk(work, STORE, Math.max(...chosen.map(({ gigabytes }) => gigabytes)));
const folder = join(work, "made");
const cli = copyProgram(work);

for (const bench of chosen) {
  const text = `## ${bench.name}: ${await section(bench)}`;
  console.log(`${text}\n`);
  updateDocument(document, suite.benches, bench.name, text);
  // One bench at a time: the next one may need its room.
  remove(folder);
}

interface Chosen {
  readonly rounds: number;
  readonly suite: Suite;
  readonly chosen: readonly Bench[];
}

function readArguments(): Chosen {
  try {
    const { values, positionals } = parseArgs({
      options: { rounds: { type: "string" }, only: { type: "string" } },
      allowPositionals: true,
    });
    const rounds = Number(values.rounds ?? ROUNDS);
    if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds is "${values.rounds}", no number of rounds`);
    const suite = suiteNamed(positionals);
    return { rounds, suite, chosen: values.only?.split(",").map((name) => benchNamed(suite, name)) ?? suite.benches };
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(2);
  }
}

function suiteNamed([name = "images", ...rest]: readonly string[]): Suite {
  const found = Object.hasOwn(SUITES, name) && rest.length === 0 ? SUITES[name] : undefined;
  if (found !== undefined) return found;
  throw new Error(`no suite "${[name, ...rest].join(" ")}"; there are ${Object.keys(SUITES).join(", ")}`);
}

function benchNamed({ benches }: Suite, name: string): Bench {
  const found = benches.find((bench) => bench.name === name);
  if (found !== undefined) return found;
  throw new Error(`no bench "${name}" (--only); there are ${benches.map((bench) => bench.name).join(", ")}`);
}

/** One that fails says so, and the others are measured none the less. */
async function section(bench: Bench): Promise<string> {
  try {
    console.error(`bench: ${bench.name}: making it`);
    mkdirSync(folder);
    return await measureBench(bench, folder, cli, rounds);
  } catch (error) {
    process.exitCode = 1;
    return `not measured\n\n${error instanceof Error ? error.message : String(error)}\n`;
  }
}
