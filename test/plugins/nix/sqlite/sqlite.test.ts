import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import fc from "fast-check";
import {
  decodeRecord,
  encodeRecord,
  encodeVarint,
  readVarint,
  type SqlValue,
} from "../../../../plugins/nix/sqlite/record.ts";
import { readTables } from "../../../../plugins/nix/sqlite/read.ts";
import { writeDatabase, type SqlObject } from "../../../../plugins/nix/sqlite/write.ts";
import { requireTool, suite, tmp } from "../../../harness.ts";

const test = suite("nix/sqlite");

const sqlite = (file: string, sql: string): string =>
  execFileSync(requireTool("sqlite3"), [file, sql], { encoding: "utf8", maxBuffer: 1 << 28 }).trim();

/** A table with a number, a text and an index of its own for the text. */
function texts(all: readonly string[]): SqlObject[] {
  return [
    {
      type: "table",
      name: "T",
      sql: "CREATE TABLE T (id integer primary key, text text unique, size integer)",
      rows: all.map((text, index) => ({ rowid: index + 1, values: [null, text, text.length] })),
    },
    {
      type: "index",
      name: "sqlite_autoindex_T_1",
      table: "T",
      sql: null,
      keys: all.map((text, index) => [text, index + 1]),
    },
    {
      type: "index",
      name: "BySize",
      table: "T",
      sql: "CREATE INDEX BySize ON T(size)",
      keys: all.map((text, index) => [text.length, index + 1]),
    },
  ];
}

function written(objects: readonly SqlObject[]): string {
  const file = join(tmp(), "db.sqlite");
  writeFileSync(file, writeDatabase(objects));
  return file;
}

const value = fc.oneof<fc.Arbitrary<SqlValue>[]>(
  fc.constant(null),
  fc.maxSafeInteger(),
  fc.string({ unit: "grapheme" }),
);

test("records and numbers come back as they were", () => {
  fc.assert(
    fc.property(fc.array(value, { maxLength: 200 }), (values) => {
      assert.equal(decodeRecord(encodeRecord(values)), values);
    }),
  );
  fc.assert(
    fc.property(fc.maxSafeInteger(), (number) => {
      const bytes = encodeVarint(Math.abs(number));
      assert.equal(readVarint(bytes, 0), { value: Math.abs(number), end: bytes.length });
    }),
  );
});

test("SQLite finds nothing wrong in what is written, and every row by its index", () => {
  // None; one page; two levels; three levels of the index, with keys and rows that run over their page.
  for (const [count, length] of [
    [0, 0],
    [1, 10],
    [40, 90],
    [97, 90],
    [600, 300],
    [300, 1500],
    [40, 9000],
    [5000, 90],
  ] as const) {
    const all = Array.from({ length: count }, (_, index) =>
      `${(index * 7919) % 10_007}`.padEnd(length + (index % 5), "x"),
    );
    const file = written(texts(all));
    assert.is(sqlite(file, "PRAGMA integrity_check; PRAGMA foreign_key_check"), "ok", `${count} of ${length}`);
    assert.is(
      sqlite(file, "SELECT count(*), coalesce(sum(length(text)), 0) FROM T"),
      `${count}|${all.join("").length}`,
    );
    if (count > 0) assert.is(sqlite(file, `SELECT id FROM T WHERE text = '${all[count >> 1]}'`), `${(count >> 1) + 1}`);
    assert.equal(
      readTables(readFileSync(file), ["T"])
        .get("T")!
        .map(({ values }) => values[1]),
      all,
    );
  }
});

test("every number of rows around the borders of pages is whole", () => {
  const file = join(tmp(), "db.sqlite");
  for (let count = 1; count < 400; count += 1) {
    const bytes = writeDatabase(texts(Array.from({ length: count }, (_, index) => `${index}`.padStart(1000, "k"))));
    assert.is(readTables(bytes, ["T"]).get("T")!.length, count);
    if (count % 9 > 0) continue;
    writeFileSync(file, bytes);
    assert.is(sqlite(file, "PRAGMA integrity_check"), "ok", `${count} rows`);
  }
});

test("what SQLite itself wrote is read, rows of an older schema and long ones too", () => {
  const file = join(tmp(), "db.sqlite");
  sqlite(
    file,
    `PRAGMA page_size = 1024; CREATE TABLE Old (id integer primary key, path text, real real);
     INSERT INTO Old VALUES (7, 'a', 1.5), (9, replace(hex(zeroblob(3000)), '0', 'x'), 3), (300, NULL, -70000);
     ALTER TABLE Old ADD COLUMN late text`,
  );
  assert.equal(
    readTables(readFileSync(file), ["Old", "None"]),
    new Map([
      [
        "Old",
        [
          { rowid: 7, values: [null, "a", 1.5] },
          { rowid: 9, values: [null, "x".repeat(6000), 3] },
          { rowid: 300, values: [null, null, -70000] },
        ],
      ],
      ["None", []],
    ]),
  );
});

test("a damaged file is refused, and never read for ever", () => {
  const good = writeDatabase(texts(Array.from({ length: 400 }, (_, index) => `${index}`.padEnd(300, "x"))));
  assert.throws(() => readTables(Buffer.from("nothing"), ["T"]), /begin/);
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length), (at, byte, end) => {
      const bad = Buffer.from(good);
      bad[at] = byte;
      try {
        readTables(bad.subarray(0, end), ["T"]);
      } catch (error) {
        assert.instance(error, RangeError);
      }
    }),
  );
});

test("pointers that lead to one row again and again are refused, before its rows are more than the file", () => {
  const file = writeDatabase(texts(Array.from({ length: 20 }, (_, index) => String(index).repeat(100))));
  assert.is(readTables(file, ["T"]).get("T")!.length, 20);
  const page = Buffer.from(file).subarray(4096, 8192);
  const bomb = Buffer.from(file);
  bomb.writeUInt16BE(1000, 4096 + 3);
  for (let cell = 0; cell < 1000; cell++) bomb.writeUInt16BE(page.readUInt16BE(8), 4096 + 8 + 2 * cell);
  assert.throws(() => readTables(bomb, ["T"]), /larger than the file/);
});

test.run();
