/** Timing whole commands side by side: interleaved rounds, medians, and peak memory. */
import { watchPeak } from "./peak-memory.ts";
import { run } from "./run.ts";

export interface BenchRow {
  readonly name: string;
  /** A line of bash. */
  readonly shell: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Not measured, before each run and after it. */
  readonly before?: () => Promise<void> | void;
  readonly after?: () => Promise<void> | void;
  /** What the run itself wrote down, beside its time and memory. */
  readonly figures?: () => Figures | Promise<Figures>;
  /** Another program: where it fails, its row says so. A failure of any other row ends the measurement. */
  readonly isPeer?: boolean;
  /** Measured in the first rounds only, without a trial. */
  readonly isLong?: boolean;
  /** Why it cannot be run at all. */
  readonly problem?: string;
}

export type Figures = Readonly<Record<string, number>>;

export type Measured = MeasuredTime | MeasuredNot;

export interface MeasuredTime {
  readonly name: string;
  /** Median of the rounds. */
  readonly seconds: number;
  /** The highest resident memory of any process of the command in any round, in MB. */
  readonly peak: number;
  /** Medians. */
  readonly figures: Figures;
  readonly problem?: undefined;
}

export interface MeasuredNot {
  readonly name: string;
  readonly problem: string;
}

interface Outcome {
  readonly seconds: number;
  readonly peak: number;
  readonly figures: Figures;
}

/** Certificates cost Node 50 ms; they are for fetching, and nothing is fetched here. */
const ENVIRONMENT = { NODE_EXTRA_CA_CERTS: undefined };

const LONG_ROUNDS = 3;

/** Runs every row once unmeasured, then all of them by turns, `rounds` times. */
export async function measure(rows: readonly BenchRow[], rounds: number): Promise<readonly Measured[]> {
  const outcomes = new Map<BenchRow, Outcome[]>(rows.map((row) => [row, []]));
  const problems = new Map<BenchRow, string>();
  for (const row of rows) if (row.problem !== undefined) problems.set(row, row.problem);
  for (let round = 0; round <= rounds; round++) {
    for (const row of rows) {
      if (problems.has(row) || (row.isLong === true && (round === 0 || round > LONG_ROUNDS))) continue;
      console.error(`bench: ${round === 0 ? "trial" : `round ${round} of ${rounds}`}: ${row.name}`);
      const outcome = await runOnce(row);
      if (typeof outcome === "string") problems.set(row, outcome);
      else if (round > 0) outcomes.get(row)!.push(outcome);
    }
  }
  return rows.map((row) => {
    const problem = problems.get(row);
    return { name: row.name, ...(problem === undefined ? summary(outcomes.get(row)!) : { problem }) };
  });
}

/** A text is the last line that a peer failed with. */
async function runOnce(row: BenchRow): Promise<Outcome | string> {
  try {
    await row.before?.();
    let peak: (() => number) | undefined;
    const started = process.hrtime.bigint();
    const { code, stdout, stderr } = await run(row.shell, {
      ...(row.cwd !== undefined && { cwd: row.cwd }),
      env: { ...ENVIRONMENT, ...row.env },
      onStart: (pid) => (peak = watchPeak(pid)),
    });
    const seconds = Number(process.hrtime.bigint() - started) / 1e9;
    const memory = peak?.() ?? 0;
    if (code !== 0) throw new Error(`${row.name} failed with ${code}: ${(stderr || stdout).trim()}`);
    const outcome = { seconds, peak: memory, figures: (await row.figures?.()) ?? {} };
    await row.after?.();
    return outcome;
  } catch (error) {
    if (row.isPeer !== true) throw error;
    return `fails: ${(error as Error).message.split("\n").at(-1)}`;
  }
}

function summary(outcomes: readonly Outcome[]): Outcome {
  const names = Object.keys(outcomes[0]?.figures ?? {});
  return {
    seconds: median(outcomes.map(({ seconds }) => seconds)),
    peak: Math.max(...outcomes.map(({ peak }) => peak)),
    figures: Object.fromEntries(names.map((name) => [name, median(outcomes.map(({ figures }) => figures[name]!))])),
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
