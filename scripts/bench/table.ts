/** Measured commands as a Markdown table, against the first of them. */
import type { Measured } from "./measure.ts";

/** The first row is what the others are held against; the second is starting up, which the net ratio leaves out. */
export function table(rows: readonly Measured[]): string {
  const [base, start] = rows as readonly [Measured, Measured];
  const lines = rows.map((row) => {
    const { name, seconds, peak } = row;
    const net = row === base || row === start ? "" : ((seconds - start.seconds) / base.seconds).toFixed(2);
    const ratio = (seconds / base.seconds).toFixed(2);
    return `| \`${name.replace("|", "\\|")}\` | ${seconds.toFixed(2)} | ${ratio} | ${net} | ${Math.round(peak)} MB |`;
  });
  return [
    "| command | seconds | ratio | net of start-up | peak memory |",
    "| --- | ---: | ---: | ---: | ---: |",
    ...lines,
    "",
  ].join("\n");
}
