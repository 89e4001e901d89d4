/** Whole jobs as a Markdown table. */
import type { Measured } from "../measure.ts";
import { markdown, type Column } from "../table.ts";
import type { JobFigure } from "./timed-job.ts";

/** The first row is what the others are held against. */
export function jobTable(rows: readonly Measured[]): string {
  const [base] = rows;
  return markdown(jobColumns({ title: "by the first", cell: (row) => ratio(row.seconds, base) }), rows);
}

/** What all tables of jobs have, and one column more. */
export function jobColumns(more: Column): readonly Column[] {
  const column = (title: string, name: JobFigure): Column => {
    return { title, cell: ({ figures }) => figureText(figures[name]) };
  };
  return [more, column("first line", "first"), column("CPU", "cpu"), column("image-dsl's CPU", "own")];
}

function figureText(figure = NaN): string {
  return Number.isNaN(figure) ? "" : figure.toFixed(2);
}

function ratio(seconds: number, base: Measured | undefined): string {
  return base === undefined || base.problem !== undefined ? "" : (seconds / base.seconds).toFixed(2);
}
