/**
 * `npm run bench [-- --rounds N] [-- --only NAME,…]`: image-dsl against `tar | openssl` and, where they are, against
 * other builders, over the same files and by turns, printed and written into docs/benchmarks.md. Figures are ratios;
 * absolute times on a shared machine mean little. Never part of the tests.
 */
import { mkdirSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { aims } from "./bench/aims.ts";
import { requireDisk } from "./bench/disk.ts";
import { updateDocument } from "./bench/document.ts";
import type { BenchInput } from "./bench/inputs/input.ts";
import { INPUTS } from "./bench/inputs/list.ts";
import { measure } from "./bench/measure.ts";
import { peerRows } from "./bench/peers.ts";
import { copyProgram } from "./bench/program.ts";
import { ownRows } from "./bench/rows.ts";
import { runOrThrow } from "./bench/run.ts";
import { STORE } from "./bench/store.ts";
import { table } from "./bench/table.ts";
import { makeWorkFolder, remove } from "./bench/work-folder.ts";

const ROUNDS = 5;

const document = join(import.meta.dirname, "../docs/benchmarks.md");
const { rounds, chosen } = readArguments();
const work = makeWorkFolder();
requireDisk(work, STORE, Math.max(...chosen.map(({ gigabytes }) => gigabytes)));
const inputs = join(work, "inputs");
const cli = copyProgram(work);

for (const input of chosen) {
  const text = `## ${input.name}: ${await section(input)}`;
  console.log(`${text}\n`);
  updateDocument(document, INPUTS, input.name, text);
  // One input at a time: the next one may need its room.
  remove(inputs);
}

function readArguments(): { readonly rounds: number; readonly chosen: readonly BenchInput[] } {
  try {
    const { values } = parseArgs({ options: { rounds: { type: "string" }, only: { type: "string" } } });
    const rounds = Number(values.rounds ?? ROUNDS);
    if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds is "${values.rounds}", no number of rounds`);
    return { rounds, chosen: values.only?.split(",").map(inputNamed) ?? INPUTS };
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(2);
  }
}

function inputNamed(name: string): BenchInput {
  const found = INPUTS.find((input) => input.name === name);
  if (found !== undefined) return found;
  throw new Error(`no input "${name}" (--only); there are ${INPUTS.map((input) => input.name).join(", ")}`);
}

/** The title, the table, and what it shows. An input that fails says so, and the others are measured none the less. */
async function section(input: BenchInput): Promise<string> {
  try {
    console.error(`bench: ${input.name}: making it`);
    mkdirSync(inputs);
    const { project, tree, title } = await input.make(inputs, cli);
    // What was made must not reach the disk while something is measured.
    await runOrThrow(`sync --file-system '${work}'`);
    const load = loadavg()[0]!.toFixed(1);
    const places = { cli, project, tree, folder: join(inputs, "output") };
    const rows = await measure([...ownRows(input, places), ...(input.hasPeers ? await peerRows(places) : [])], rounds);
    const host = `${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.versions.node}`;
    const made = `Median of ${rounds} ${rounds === 1 ? "round" : "rounds"}; ${host}; load ${load} before it.`;
    return [title, made, table(rows), aims(input.name, rows)].filter((part) => part !== "").join("\n\n");
  } catch (error) {
    process.exitCode = 1;
    return `not measured\n\n${error instanceof Error ? error.message : String(error)}\n`;
  }
}
