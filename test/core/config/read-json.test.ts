import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import * as assert from "uvu/assert";
import { findConfig } from "../../../core/config/find.ts";
import { jsonFault } from "../../../core/config/json-fault.ts";
import { readJsonFile } from "../../../core/config/read-json.ts";
import { ImageDslError } from "../../../core/error.ts";
import { suite, tmp } from "../../harness.ts";
import { runs } from "../../sampled.ts";

const test = suite("config/read-json");

/** As people write them, and the line and column that are told. */
const FAULTS: readonly (readonly [text: string, line: number, column: number])[] = [
  ['{\n  "images": {\n    "a": 1,\n  }\n}', 4, 3],
  ['{\n  "a": 1\n  "b": 2\n}', 3, 3],
  ['{\n  "a": tru\n}', 2, 8],
  ["{\n  'a': 1\n}", 2, 3],
  ['{\n  // why\n  "a": 1\n}', 2, 3],
  ['{\r\n  "a": [1, 2}\r\n}', 2, 13],
  ['{\n  "a": "x\n"\n}', 2, 8],
  ['{\n  "a": 01\n}', 2, 8],
  ['{\n  "a": 1\n', 3, 1],
  ['{ "a": 1 }\n}', 2, 1],
  ["", 1, 1],
];

test("a package.json beside the config that is no JSON is told with its line, too", async () => {
  const folder = tmp();
  const before = process.cwd();
  process.chdir(folder);
  try {
    for (const [text, line] of [
      ['{\n  "scripts": {,}\n}', 2],
      ['\uFEFF{ "name": "a" }', undefined],
    ] as const) {
      writeFileSync("package.json", text);
      const error: unknown = await findConfig(folder).catch((thrown: unknown) => thrown);
      assert.instance(error, ImageDslError);
      const { code, place } = error as ImageDslError;
      assert.is(code, "E_CONFIG_LOAD");
      assert.match(place?.file ?? "", /package\.json$/);
      assert.is(place?.line, line);
    }
  } finally {
    process.chdir(before);
  }
});

for (const [text, line, column] of FAULTS) {
  test(`a mistake in a JSON config is told with its line and column: ${JSON.stringify(text)}`, async () => {
    const file = join(tmp(), "image.config.json");
    writeFileSync(file, text);
    const error: unknown = await readJsonFile(file).catch((thrown: unknown) => thrown);
    assert.instance(error, ImageDslError);
    const { code, place } = error as ImageDslError;
    assert.is(code, "E_CONFIG_LOAD");
    assert.is(place?.file, file);
    assert.equal([place?.line, place?.column], [line, column]);
  });
}

test("a text has no such place if, and only if, the runtime reads it", () => {
  const pieces = fc.constantFrom(
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"a"',
    '"\\u00e9"',
    "-1.5e3",
    "01",
    "true",
    "nul",
    " \n",
    "'",
  );
  const text = fc.oneof(
    fc.json(),
    fc.array(pieces, { maxLength: 9 }).map((all) => all.join("")),
    fc.tuple(fc.json(), fc.nat(), pieces).map(([json, at, piece]) => {
      const cut = at % (json.length + 1);
      return json.slice(0, cut) + piece + json.slice(cut);
    }),
  );
  fc.assert(
    fc.property(text, (each) => {
      assert.is(jsonFault(each) === undefined, isRead(each), each);
    }),
    { numRuns: runs(2000) },
  );
});

test.run();

function isRead(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
