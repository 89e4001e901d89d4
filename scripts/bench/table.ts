/** Measured commands as Markdown tables. */
import type { Measured, MeasuredTime } from "./measure.ts";

/** The first row is what the others are held against; the second is starting up, which the net ratio leaves out. */
export function inputTable(rows: readonly Measured[]): string {
  const [base, start] = rows as readonly [MeasuredTime, MeasuredTime];
  const isOwn = (row: MeasuredTime) => row !== start && row.name.startsWith("image-dsl");
  const net = (row: MeasuredTime) => ((row.seconds - start.seconds) / base.seconds).toFixed(2);
  return markdown(
    [
      { title: "ratio", cell: (row) => (row.seconds / base.seconds).toFixed(2) },
      { title: "net of start-up", cell: (row) => (isOwn(row) ? net(row) : "") },
    ],
    rows,
  );
}

/** The first row is ours, and what the others are held against. Of some rows it is known what they asked a registry for. */
export function shippingTable(rows: readonly Measured[], requests: ReadonlyMap<string, number> = new Map()): string {
  const [ours] = rows as readonly [MeasuredTime];
  const counted: Column = { title: "requests", cell: (row) => String(requests.get(row.name) ?? "") };
  const ratio: Column = { title: "by ours", cell: (row) => (row.seconds / ours.seconds).toFixed(2) };
  return markdown(requests.size > 0 ? [ratio, counted] : [ratio], rows);
}

/** Between the seconds of each row and its peak memory. */
export interface Column {
  readonly title: string;
  cell(row: MeasuredTime): string;
}

export function markdown(columns: readonly Column[], rows: readonly Measured[]): string {
  const lines = rows.map((row) => {
    const name = `\`${row.name.replaceAll("|", "\\|")}\``;
    if (row.problem !== undefined)
      return line([name, row.problem.replaceAll("|", "\\|"), ...columns.map(() => ""), ""]);
    return line([name, row.seconds.toFixed(2), ...columns.map(({ cell }) => cell(row)), `${Math.round(row.peak)} MB`]);
  });
  const head = ["command", "seconds", ...columns.map(({ title }) => title), "peak memory"];
  return [line(head), line(["---", ...head.slice(1).map(() => "---:")]), ...lines].join("\n");
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}
