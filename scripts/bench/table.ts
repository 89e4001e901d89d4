/** Measured commands as a Markdown table. */
import type { Measured, MeasuredTime } from "./measure.ts";

/** The first row is what the others are held against; the second is starting up, which the net ratio leaves out. */
export function table(rows: readonly Measured[]): string {
  const [base, start] = rows as readonly Measured[] as readonly [MeasuredTime, MeasuredTime];
  const lines = rows.map((row) => {
    const name = `\`${row.name.replaceAll("|", "\\|")}\``;
    if (row.problem !== undefined) return `| ${name} | ${row.problem.replaceAll("|", "\\|")} | | | |`;
    const isOwn = row !== start && row.name.startsWith("image-dsl");
    const net = isOwn ? ((row.seconds - start.seconds) / base.seconds).toFixed(2) : "";
    const ratio = (row.seconds / base.seconds).toFixed(2);
    return `| ${name} | ${row.seconds.toFixed(2)} | ${ratio} | ${net} | ${Math.round(row.peak)} MB |`;
  });
  const head = ["| command | seconds | ratio | net of start-up | peak memory |", "| --- | ---: | ---: | ---: | ---: |"];
  return [...head, ...lines].join("\n");
}
