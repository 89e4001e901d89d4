import fc from "fast-check";
import * as assert from "uvu/assert";
import { readRows, rowWriter } from "../../../core/explain/rows.ts";
import { suite } from "../../harness.ts";

const test = suite("explain/rows");

test("any rows come out as they went in, alike or not, empty ones too", () => {
  const beginning = fc.constantFrom("", "a", "a/b", "a/b/c", "a b");
  const row = fc.tuple(beginning, fc.string()).map(([start, rest]) => (start + rest).replaceAll("\n", " "));
  fc.assert(fc.property(fc.array(row), (rows) => assert.equal([...readRows(written(rows))], rows)));
});

test("paths in order take a part of what they are long", () => {
  const paths = Array.from({ length: 10_000 }, (_, i) => `node_modules/some-package/dist/esm/module-${10_000 + i}.js`);
  assert.ok(written(paths).length < paths.join("\n").length / 2.5);
  assert.equal([...readRows(written(paths))], paths);
});

test.run();

function written(rows: readonly string[]): string {
  const writer = rowWriter();
  for (const row of rows) writer.add(row);
  return writer.text();
}
