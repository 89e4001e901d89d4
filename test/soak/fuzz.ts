/**
 * `npm run soak fuzz [--parser=a,b] [--inputs=N] [--from=N]`: a million odd inputs for each parser of what comes from outside, in a
 * process that may neither stop nor grow. An input is known by its number: `test/attacks/fuzz/try-input.ts` makes it again.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { typeScriptCommand } from "../../scripts/runtimes.ts";
import type { Soak, SoakRow } from "../../scripts/soak.ts";
import { PARSERS } from "../attacks/fuzz/parsers.ts";

/** MiB of the heap. */
const MEMORY = 512;
/** Milliseconds without another input. */
const SILENCE = 20_000;
const MOST_FINDINGS = 10;

interface Finding {
  readonly input: number;
  readonly fault: string;
}

const soak: Soak = async (options) => {
  const names = options.get("parser")?.split(",") ?? Object.keys(PARSERS);
  const from = Number(options.get("from") ?? 0);
  const to = from + Number(options.get("inputs") ?? 1_000_000);
  const rows: SoakRow[] = [];
  for (const parser of names) {
    const started = performance.now();
    const findings = await findingsOf(parser, from, to);
    for (const { input, fault } of findings) console.error(`${parser}, input ${input}: ${fault}`);
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    rows.push({
      what: `${parser}: ${to - from} inputs`,
      figure: `${findings.length} findings, ${seconds} s`,
      aim: "0 findings",
      ok: findings.length === 0,
    });
    console.error(`${parser}: ${findings.length} findings, ${seconds} s`);
  }
  return rows;
};
export default soak;

/** Goes on behind each finding. */
async function findingsOf(parser: string, from: number, to: number): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const folder = mkdtempSync(join(tmpdir(), "fuzz-"));
  for (let next = from; next < to && findings.length < MOST_FINDINGS;) {
    const finding = await firstFinding(parser, next, to, join(folder, "last"));
    if (finding === undefined) break;
    findings.push(finding);
    next = finding.input + 1;
  }
  rmSync(folder, { recursive: true });
  return findings;
}

function firstFinding(parser: string, from: number, to: number, place: string): Promise<Finding | undefined> {
  writeFileSync(place, String(from));
  const lastInput = (): number => Number(readFileSync(place, "utf8"));
  const { program, args } = typeScriptCommand("node");
  const worker = join(import.meta.dirname, "../attacks/fuzz/worker.ts");
  const command = [`--max-old-space-size=${MEMORY}`, ...args, worker, parser, String(from), String(to), place];
  const child = spawn(program, command, { stdio: ["ignore", "pipe", "pipe"] });
  let [found, words] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (found += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (words += text));
  let seen = -1;
  let isSilent = false;
  const watch = setInterval(() => {
    isSilent = lastInput() === seen;
    seen = lastInput();
    if (isSilent) child.kill("SIGKILL");
  }, SILENCE);
  return new Promise((resolve) => {
    child.once("close", (status) => {
      clearInterval(watch);
      const fault = isSilent ? `no end within ${SILENCE / 1000} s` : found || (status !== 0 && words.slice(-500));
      resolve(fault ? { input: lastInput(), fault } : undefined);
    });
  });
}
