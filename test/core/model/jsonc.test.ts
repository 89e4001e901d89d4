/** JSON with comments and last commas: what is a comment, and that lines stay. */
import * as assert from "uvu/assert";
import { jsonOfJsonc } from "../../../core/model/jsonc.ts";
import { suite } from "../../harness.ts";

const test = suite("model/jsonc");

test("comments and last commas are taken out, and nothing of a text", () => {
  const rows: readonly [string, unknown][] = [
    ['{ "a": 1, // b\n}', { a: 1 }],
    ["/* { */ [1, 2, /* 3, */ ]", [1, 2]],
    ['{ "u": "https://h/*x*/", "q": "\\"//", "c": ",}" }', { u: "https://h/*x*/", q: '"//', c: ",}" }],
  ];
  for (const [text, value] of rows) assert.equal(JSON.parse(jsonOfJsonc(text)), value, text);
  assert.is(jsonOfJsonc("{\n/* 1\n2 */\n}").split("\n").length, 4);
});

test("what nothing ends is no endless work, and no JSON", () => {
  for (const text of ['"'.repeat(100_001), "/*".repeat(100_000), `[${", ".repeat(100_000)}`])
    assert.throws(() => JSON.parse(jsonOfJsonc(text)));
  assert.is(jsonOfJsonc("[1,//\n]"), "[1  \n]");
});

test("a text of very many escapes, and a row of very many blanks, are read as any other", () => {
  const text = `{"a":"${"\\n".repeat(12_000_000)}"}`;
  assert.ok(jsonOfJsonc(text) === text);
  assert.is(jsonOfJsonc(`[1,${" ".repeat(20_000_000)}]`).length, 20_000_003);
});

test.run();
