import fc from "fast-check";
import * as assert from "uvu/assert";
import { alignColumns, hangingLines } from "../../../core/cli/table.ts";
import { suite } from "../../harness.ts";

const test = suite("cli/table");

test("columns end flush where they are numbers, and the screen's end cuts", () => {
  const rows = [
    ["layer", "size", "names"],
    ["1", "12 MB", "libc6, perl-base"],
    ["10", "1 B", "a"],
  ];
  assert.equal(alignColumns(rows, [0, 1]), [
    "layer   size  names",
    "    1  12 MB  libc6, perl-base",
    "   10    1 B  a",
  ]);
  assert.equal(alignColumns(rows, [0, 1], 20), ["layer   size  names", "    1  12 MB  libc6…", "   10    1 B  a"]);
});

test("a table may have very many rows", () => {
  const rows = Array.from({ length: 200_000 }, () => ["a", "b"]);
  assert.is(alignColumns([...rows, ["abc", "b"]], [0])[0], "  a  b");
});

test("words hang behind the margin, none is lost and no line is longer than it must be", () => {
  assert.is(hangingLines("one two three", 4, 12), "one two\n    three");
  assert.is(hangingLines("one two three", 4), "one two three");
  const words = fc.array(fc.string({ minLength: 1, unit: fc.constantFrom("a", "b") }), { minLength: 1 });
  fc.assert(
    fc.property(words, fc.nat(10), fc.integer({ min: 20, max: 60 }), (given, margin, columns) => {
      const lines = hangingLines(given.join(" "), margin, columns).split("\n");
      assert.equal(
        lines.flatMap((line) => line.trimStart().split(" ")),
        given,
      );
      for (const [index, line] of lines.entries()) {
        const width = index === 0 ? margin + line.length : line.length;
        assert.ok(width <= columns || !line.trimStart().includes(" "), line);
      }
    }),
  );
});

test.run();
