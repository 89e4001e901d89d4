/**
 * `npm run bench [-- --rounds N] [-- --only NAME,…]`: image-dsl against `tar | openssl` and, where they are, against
 * other builders, over the same files and by turns, printed and written into docs/benchmarks.md. Figures are ratios;
 * absolute times on a shared machine mean little. Never part of the tests.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Bench } from "./bench/bench.ts";
import { requireDisk } from "./bench/disk.ts";
import { updateDocument } from "./bench/document.ts";
import { BENCHES } from "./bench/list.ts";
import { measureBench } from "./bench/measure-bench.ts";
import { copyProgram } from "./bench/program.ts";
import { STORE } from "./bench/store.ts";
import { makeWorkFolder, remove } from "./bench/work-folder.ts";

const ROUNDS = 5;

const document = join(import.meta.dirname, "../docs/benchmarks.md");
const { rounds, chosen } = readArguments();
const work = makeWorkFolder();
requireDisk(work, STORE, Math.max(...chosen.map(({ gigabytes }) => gigabytes)));
const folder = join(work, "made");
const cli = copyProgram(work);

for (const bench of chosen) {
  const text = `## ${bench.name}: ${await section(bench)}`;
  console.log(`${text}\n`);
  updateDocument(document, BENCHES, bench.name, text);
  // One bench at a time: the next one may need its room.
  remove(folder);
}

function readArguments(): { readonly rounds: number; readonly chosen: readonly Bench[] } {
  try {
    const { values } = parseArgs({ options: { rounds: { type: "string" }, only: { type: "string" } } });
    const rounds = Number(values.rounds ?? ROUNDS);
    if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds is "${values.rounds}", no number of rounds`);
    return { rounds, chosen: values.only?.split(",").map(benchNamed) ?? BENCHES };
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(2);
  }
}

function benchNamed(name: string): Bench {
  const found = BENCHES.find((bench) => bench.name === name);
  if (found !== undefined) return found;
  throw new Error(`no bench "${name}" (--only); there are ${BENCHES.map((bench) => bench.name).join(", ")}`);
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
