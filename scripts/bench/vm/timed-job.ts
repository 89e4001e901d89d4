/** Rows of whole jobs that tell more than their time: when the script's first line was seen, and whose CPU seconds they were. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BenchRow } from "../measure.ts";

/** What a script prints first. */
export const FIRST_LINE = "bench-first-line";

export type JobFigure = "first" | "cpu" | "own";

/** In the row's folder: what the line of bash and the process itself write down. */
const CLOCK = "begun-and-first";
const CPU = "cpu-seconds";
const OWN = "own-cpu-seconds";

/** A row whose figures are `JobFigure`s in seconds. Its line of bash prints the script's lines. */
export function timedJob(row: BenchRow & { readonly cwd: string }): BenchRow {
  const { cwd, shell } = row;
  const told = (name: string) => readFileSync(join(cwd, name), "utf8").trim().split(/\s+/).map(Number);
  // Words of bash's own alone: nothing is started for it.
  const stamped = `while IFS= read -r line; do case $line in *${FIRST_LINE}*) echo "$EPOCHREALTIME" >> ${CLOCK};; esac; echo "$line"; done`;
  return {
    ...row,
    shell: `echo "$EPOCHREALTIME" > ${CLOCK}; TIMEFORMAT='%3U %3S'; { time { ${shell}; } 2>&1 | ${stamped}; } 2> ${CPU}`,
    figures: () => {
      // A script that does not run prints nothing.
      const [begun = NaN, first = NaN] = told(CLOCK);
      const cpu = told(CPU).reduce((sum, each) => sum + each, 0);
      const own = shell.includes(OWN_CPU) ? told(OWN)[0]! : 0;
      return { first: first - begun, cpu, own } satisfies Record<JobFigure, number>;
    },
  };
}

const OWN_CPU = "own-cpu.cjs";

/** `cli`, with a module before it by which the process writes down its own CPU seconds when it ends. */
export function tellingOwnCpu(folder: string, cli: string): string {
  const module = join(folder, OWN_CPU);
  rmSync(module, { force: true });
  writeFileSync(
    module,
    `const { isMainThread } = require("node:worker_threads");
if (isMainThread) process.on("exit", () => {
  const { user, system } = process.cpuUsage();
  require("node:fs").writeFileSync(${JSON.stringify(OWN)}, String((user + system) / 1e6));
});
`,
  );
  return cli.replace(/^node /, `node --require '${module}' `);
}
