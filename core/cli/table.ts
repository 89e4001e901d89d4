/** Text in columns, as wide as the terminal that shows it; elsewhere as long as it is. */

/** Of the terminal that stdout is; undefined where it is none, as a file or a program takes any width. */
export function screenColumns(): number | undefined {
  return process.stdout.isTTY ? process.stdout.columns : undefined;
}

/** Columns two spaces apart; those named in `right` end flush, the last one has no end. What the screen has no room for is cut. */
export function alignColumns(
  rows: readonly (readonly string[])[],
  right: readonly number[],
  columns = Infinity,
): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    rows.reduce((most, row) => Math.max(most, (row[column] ?? "").length), 0),
  );
  return rows.map((row) => {
    const cells = row.map((cell, column) =>
      right.includes(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
    );
    return cutTo(cells.join("  ").trimEnd(), columns);
  });
}

function cutTo(line: string, columns: number): string {
  return line.length <= columns ? line : `${line.slice(0, columns - 1)}…`;
}

/** A text's words in lines, the later ones behind a margin. */
export function hangingLines(text: string, margin: number, columns = Infinity): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && margin + line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].join(`\n${" ".repeat(margin)}`);
}
