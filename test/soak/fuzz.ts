/**
 * `npm run soak fuzz [--parser=a,b] [--inputs=N] [--from=N]`: a million odd inputs for each parser of what comes from outside, in a
 * process that may neither stop nor grow. An input is known by its number: `test/attacks/fuzz/try-input.ts` makes it again.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { typeScriptCommand } from "../../scripts/runtimes.ts";
import type { Soak, SoakRow } from "../../scripts/soak.ts";
import { PARSERS } from "../attacks/fuzz/parsers.ts";

/** MiB of the heap. */
const MEMORY = 512;
/** Seconds of processor time on one input: what a machine that others keep busy does not make longer. */
const LONGEST = 20;
/** Milliseconds from one look at the worker to the next. */
const LOOK = 5_000;
/** What a second of /proc/PID/stat has. */
const TICKS = 100;
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
  // What makes TypeScript JavaScript for an older one names each function when it is made: more work than many inputs are.
  const { program, args } = typeScriptCommand("node24");
  const worker = join(import.meta.dirname, "../attacks/fuzz/worker.ts");
  const command = [`--max-old-space-size=${MEMORY}`, ...args, worker, parser, String(from), String(to), place];
  const child = spawn(program, command, { stdio: ["ignore", "pipe", "pipe"] });
  let [found, words] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (found += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (words += text));
  let seen = { input: -1, at: 0 };
  let isStuck = false;
  const watch = setInterval(() => {
    const now = { input: lastInput(), at: processorSeconds(child.pid!) };
    if (now.input !== seen.input) seen = now;
    isStuck = now.at - seen.at > LONGEST;
    if (isStuck) child.kill("SIGKILL");
  }, LOOK);
  return new Promise((resolve) => {
    child.once("close", (status) => {
      clearInterval(watch);
      const fault = isStuck
        ? `no end within ${LONGEST} s of processor time`
        : found || (status !== 0 && words.slice(-500));
      resolve(fault ? { input: lastInput(), fault } : undefined);
    });
  });
}

/** proc_pid_stat(5): what it took for itself and in the kernel; 0 once it is gone. */
function processorSeconds(pid: number): number {
  const place = `/proc/${pid}/stat`;
  if (!existsSync(place)) return 0;
  const fields = readFileSync(place, "latin1").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}
