/** Measured commands as Markdown tables. */
import type { Measured, MeasuredTime } from "./measure.ts";

/** The first row is what the others are held against; the second is starting up, which the net ratio leaves out. */
export function inputTable(rows: readonly Measured[]): string {
  const [base, start] = rows as readonly [MeasuredTime, MeasuredTime];
  return markdown(["ratio", "net of start-up"], rows, (row) => {
    const isOwn = row !== start && row.name.startsWith("image-dsl");
    const net = isOwn ? ((row.seconds - start.seconds) / base.seconds).toFixed(2) : "";
    return [(row.seconds / base.seconds).toFixed(2), net];
  });
}

/** The first row is ours, and what the others are held against. Of some rows it is known what they asked a registry for. */
export function shippingTable(rows: readonly Measured[], requests: ReadonlyMap<string, number> = new Map()): string {
  const [ours] = rows as readonly [MeasuredTime];
  const isCounted = requests.size > 0;
  return markdown(["by ours", ...(isCounted ? ["requests"] : [])], rows, (row) => [
    (row.seconds / ours.seconds).toFixed(2),
    ...(isCounted ? [String(requests.get(row.name) ?? "")] : []),
  ]);
}

function markdown(
  columns: readonly string[],
  rows: readonly Measured[],
  cells: (row: MeasuredTime) => readonly string[],
): string {
  const lines = rows.map((row) => {
    const name = `\`${row.name.replaceAll("|", "\\|")}\``;
    if (row.problem !== undefined)
      return line([name, row.problem.replaceAll("|", "\\|"), ...columns.map(() => ""), ""]);
    return line([name, row.seconds.toFixed(2), ...cells(row), `${Math.round(row.peak)} MB`]);
  });
  const head = ["command", "seconds", ...columns, "peak memory"];
  return [line(head), line(["---", ...head.slice(1).map(() => "---:")]), ...lines].join("\n");
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}
