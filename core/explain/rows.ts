/**
 * Very many short texts as one, each told by how far it is as the one before it. Paths in order, and what is said of files
 * that lie side by side, mostly begin alike; and one text takes a fraction of the room of an array of many.
 */

/** Joined now and then, so that there are never very many texts at a time. */
const BLOCK = 4096;

export interface RowWriter {
  /** Without line feeds. */
  add(row: string): void;
  text(): string;
}

export function rowWriter(): RowWriter {
  let done = "";
  let block: string[] = [];
  let last = "";
  return {
    add(row) {
      const shared = sharedLength(last, row);
      block.push(`${shared} ${row.slice(shared)}\n`);
      last = row;
      if (block.length < BLOCK) return;
      done += block.join("");
      block = [];
    },
    text: () => done + block.join(""),
  };
}

export function* readRows(text: string): Generator<string> {
  let last = "";
  for (const line of text.split("\n").slice(0, -1)) {
    const blank = line.indexOf(" ");
    last = last.slice(0, Number(line.slice(0, blank))) + line.slice(blank + 1);
    yield last;
  }
}

function sharedLength(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a.charCodeAt(length) === b.charCodeAt(length)) length++;
  return length;
}
