/**
 * Writes a SQLite database file (fileformat2) whose content is known as a whole: each table and index is laid out once,
 * in order, so that the same content gives the same bytes wherever it is written. No part of SQLite is needed for it.
 */
import { PAGE_SIZE, cellParts } from "./page.ts";
import { encodeRecord, encodeVarint, type SqlValue } from "./record.ts";

export interface SqlTable {
  readonly type: "table";
  readonly name: string;
  readonly sql: string;
  /** By ascending number. A column that is the row's number itself (`integer primary key`) is null in `values`. */
  readonly rows: readonly SqlRow[];
}

export interface SqlRow {
  readonly rowid: number;
  readonly values: readonly SqlValue[];
}

export interface SqlIndex {
  readonly type: "index";
  readonly name: string;
  readonly table: string;
  /** null: SQLite's own, for a `unique` or a primary key. */
  readonly sql: string | null;
  /** The indexed columns, then the row's number; in any order. */
  readonly keys: readonly (readonly SqlValue[])[];
}

export interface SqlTrigger {
  readonly type: "trigger";
  readonly name: string;
  readonly table: string;
  readonly sql: string;
}

/** What `sqlite_schema` lists, in this order. */
export type SqlObject = SqlTable | SqlIndex | SqlTrigger;

/** The version that is said to have written the file: a fixed one, with which this layout was compared. */
const SQLITE_VERSION = 3_040_001;

const LEAF = { table: 13, index: 10 } as const;
const INTERIOR = { table: 5, index: 2 } as const;
type Kind = keyof typeof LEAF;

export function writeDatabase(objects: readonly SqlObject[]): Buffer {
  // The first page holds the file's header and the list of objects, which names the others' pages.
  const pages: Buffer[] = [Buffer.alloc(PAGE_SIZE)];
  const schema = objects.map((object, index): SqlRow => {
    const table = object.type === "table" ? object.name : object.table;
    const root = object.type === "trigger" ? 0 : layOut(pages, object);
    return { rowid: index + 1, values: [object.type, object.name, table, root, object.sql] };
  });
  const cells = schema.map((row) => tableCell(pages, row));
  fillPage(pages[0]!, { kind: "table", cells, offset: 100 });
  writeHeader(pages[0]!, pages.length);
  return Buffer.concat(pages);
}

/** The number of the root page. */
function layOut(pages: Buffer[], object: SqlTable | SqlIndex): number {
  if (object.type === "table") {
    const cells = object.rows.map((row) => ({ cell: tableCell(pages, row), divider: encodeVarint(row.rowid) }));
    return growTree(pages, "table", tableLeaves(pages, cells));
  }
  const cells = object.keys.toSorted(compareKeys).map((key) => payloadCell(pages, encodeRecord(key), "index"));
  return growTree(pages, "index", indexLeaves(pages, cells));
}

/** Pages side by side, and what parts each from its right neighbour: one divider less than pages. */
interface Level {
  readonly children: readonly number[];
  readonly dividers: readonly Buffer[];
}

function tableLeaves(pages: Buffer[], cells: readonly { readonly cell: Buffer; readonly divider: Buffer }[]): Level {
  const groups = [[]] as { readonly cell: Buffer; readonly divider: Buffer }[][];
  for (const each of cells) {
    if (
      !fits(
        groups.at(-1)!.map(({ cell }) => cell),
        each.cell,
        8,
      )
    )
      groups.push([]);
    groups.at(-1)!.push(each);
  }
  return {
    children: groups.map((group) => addPage(pages, { kind: "table", cells: group.map(({ cell }) => cell) })),
    // A table's inner pages only repeat the largest number to the left.
    dividers: groups.slice(0, -1).map((group) => group.at(-1)!.divider),
  };
}

function indexLeaves(pages: Buffer[], cells: readonly Buffer[]): Level {
  const groups: Buffer[][] = [[]];
  const dividers: Buffer[] = [];
  for (const cell of cells) {
    if (fits(groups.at(-1)!, cell, 8)) groups.at(-1)!.push(cell);
    else {
      // A key that parts two leaves stands above them only.
      dividers.push(cell);
      groups.push([]);
    }
  }
  if (dividers.length > 0 && groups.at(-1)!.length === 0) {
    groups.at(-1)!.push(dividers.pop()!);
    dividers.push(groups.at(-2)!.pop()!);
  }
  return { children: groups.map((group) => addPage(pages, { kind: "index", cells: group })), dividers };
}

/** Puts levels of inner pages over the leaves until one page is left: the root. */
function growTree(pages: Buffer[], kind: Kind, leaves: Level): number {
  let level = leaves;
  while (level.children.length > 1) level = levelAbove(pages, kind, level);
  return level.children[0]!;
}

function levelAbove(pages: Buffer[], kind: Kind, { children, dividers }: Level): Level {
  const groups: { cells: Buffer[]; right: number }[] = [];
  const above: Buffer[] = [];
  let cells: Buffer[] = [];
  for (const [index, child] of children.entries()) {
    const divider = dividers[index];
    const cell = divider && interiorCell(child, divider);
    if (cell !== undefined && fits(cells, cell, 12)) {
      cells.push(cell);
      continue;
    }
    groups.push({ cells, right: child });
    if (divider !== undefined) above.push(divider);
    cells = [];
  }
  const [last, before] = [groups.at(-1)!, groups.at(-2)];
  if (last.cells.length === 0 && before !== undefined) {
    // A page must part something: it takes over the last child of its left neighbour.
    last.cells.push(interiorCell(before.right, above.pop()!));
    const given = before.cells.pop()!;
    before.right = given.readUInt32BE(0);
    above.push(given.subarray(4));
  }
  return { children: groups.map((group) => addPage(pages, { kind, ...group })), dividers: above };
}

function interiorCell(child: number, divider: Buffer): Buffer {
  const left = Buffer.alloc(4);
  left.writeUInt32BE(child);
  return Buffer.concat([left, divider]);
}

function tableCell(pages: Buffer[], { rowid, values }: SqlRow): Buffer {
  return payloadCell(pages, encodeRecord(values), "table", encodeVarint(rowid));
}

/** Length, key and content; of a long content the rest stands on pages of its own. */
function payloadCell(pages: Buffer[], payload: Buffer, kind: Kind, key: Buffer = Buffer.alloc(0)): Buffer {
  const { local, pageBytes } = cellParts(payload.length, kind);
  const head = [encodeVarint(payload.length), key, payload.subarray(0, local)];
  if (local === payload.length) return Buffer.concat(head);
  const next = Buffer.alloc(4);
  next.writeUInt32BE(pages.length + 1);
  for (let at = local; at < payload.length; at += pageBytes) {
    const page = Buffer.alloc(PAGE_SIZE);
    page.writeUInt32BE(at + pageBytes < payload.length ? pages.length + 2 : 0);
    payload.copy(page, 4, at, at + pageBytes);
    pages.push(page);
  }
  return Buffer.concat([...head, next]);
}

interface PageContent {
  readonly kind: Kind;
  readonly cells: readonly Buffer[];
  /** Of an inner page: the child to the right of all cells. */
  readonly right?: number;
  /** Where the page begins behind what else stands there. */
  readonly offset?: number;
}

/** Whether a page with `head` bytes of header can take one more. */
function fits(cells: readonly Buffer[], cell: Buffer, head: number): boolean {
  const used = cells.reduce((sum, each) => sum + each.length + 2, head);
  return used + cell.length + 2 <= PAGE_SIZE;
}

/** The number of the new page. */
function addPage(pages: Buffer[], content: PageContent): number {
  const page = Buffer.alloc(PAGE_SIZE);
  fillPage(page, content);
  return pages.push(page);
}

function fillPage(page: Buffer, { kind, cells, right, offset = 0 }: PageContent): void {
  page.writeUInt8(right === undefined ? LEAF[kind] : INTERIOR[kind], offset);
  page.writeUInt16BE(cells.length, offset + 3);
  if (right !== undefined) page.writeUInt32BE(right, offset + 8);
  let pointer = offset + (right === undefined ? 8 : 12);
  let end = PAGE_SIZE;
  for (const cell of cells) {
    end -= cell.length;
    if (end < offset + 8 + 2 * cells.length) throw new Error("The cells of a page do not fit into it");
    cell.copy(page, end);
    page.writeUInt16BE(end, pointer);
    pointer += 2;
  }
  page.writeUInt16BE(end, offset + 5);
}

/** Fixed throughout: rollback journal, UTF-8, change counter 1. */
function writeHeader(page: Buffer, pages: number): void {
  page.write("SQLite format 3\0", 0, "latin1");
  page.writeUInt16BE(PAGE_SIZE, 16);
  page.set([1, 1, 0, 64, 32, 32], 18);
  page.writeUInt32BE(1, 24);
  page.writeUInt32BE(pages, 28);
  page.writeUInt32BE(1, 40);
  page.writeUInt32BE(4, 44);
  page.writeUInt32BE(1, 56);
  page.writeUInt32BE(1, 92);
  page.writeUInt32BE(SQLITE_VERSION, 96);
}

/** SQLite's order: null, numbers, texts by their bytes. */
function compareKeys(a: readonly SqlValue[], b: readonly SqlValue[]): number {
  for (const [index, value] of a.entries()) {
    const order = compareValues(value, b[index]!);
    if (order !== 0) return order;
  }
  return 0;
}

function compareValues(a: SqlValue, b: SqlValue): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a === "string" && typeof b === "string") return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return rank(a) - rank(b);
}

function rank(value: SqlValue): number {
  return value === null ? 0 : typeof value === "number" ? 1 : 2;
}
