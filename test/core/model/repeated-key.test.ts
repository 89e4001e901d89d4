/** Keys that an object of a JSON text has twice, however they are written. */
import fc from "fast-check";
import * as assert from "uvu/assert";
import { repeatedKey } from "../../../core/model/repeated-key.ts";
import { suite } from "../../harness.ts";

const test = suite("model/repeated-key");

for (const [text, key] of [
  ['{"a":1,"a":2}', "a"],
  ['{"a":1,"\\u0061":1}', "a"],
  ['{"a" \n:1,"b":[{"c":1, "c"\t: 1}]}', "c"],
  ['{"":0,"":0}', ""],
  ['[{"__proto__":1,"__proto__":1}]', "__proto__"],
  ['{"\\\\":1,"\\"":2,"\\\\":3}', "\\"],
  ['{"a":{"a":{"a":"a"}},"b":["a","a",":","{\\"a\\":1,\\"a\\":2}"]}', undefined],
  ['[{"a":1},{"a":1}]', undefined],
  ['{"a":1,"A":2}', undefined],
  ['"a"', undefined],
  ["3", undefined],
] as const) {
  test(`${text}: ${key === undefined ? "none" : JSON.stringify(key)}`, () => {
    JSON.parse(text);
    assert.is(repeatedKey(text), key);
  });
}

const blank = fc.constantFrom(undefined, 1, "\t");

test("what JSON.stringify wrote has none, and one that is put into any object of it is found", () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5, noUnicodeString: false }), blank, (json, space) => {
      assert.is(repeatedKey(JSON.stringify(JSON.parse(json), undefined, space)), undefined);
    }),
  );
  const objects = fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue({ maxDepth: 3 }), { minKeys: 1 });
  fc.assert(
    fc.property(objects, fc.nat(), fc.jsonValue({ maxDepth: 2 }), blank, (object, at, around, space) => {
      const keys = Object.keys(object);
      const key = keys[at % keys.length]!;
      const text = JSON.stringify(object, undefined, space).replace(/\}$/, () => `,${JSON.stringify(key)} : null}`);
      const whole = `[${JSON.stringify(around, undefined, space)}, {"in": ${text}}]`;
      JSON.parse(whole);
      assert.is(repeatedKey(whole), key);
    }),
  );
});

test("a document of the largest size is read through once, however deep and whatever its strings", () => {
  const size = 4 * 1024 * 1024;
  for (const text of [
    `[{"a":"${"\\\\".repeat(size / 2)}"}]`,
    `["${'x":'.replaceAll('"', '\\"').repeat(size / 4)}"]`,
    `${"[".repeat(2000)}{}${"]".repeat(2000)}`,
    `{${Array.from({ length: 300_000 }, (_, index) => `"k${index}":0`).join(",")}}`,
  ])
    assert.is(repeatedKey(text), undefined);
});

test.run();
