import * as assert from "uvu/assert";
import { ImageDslError } from "../../../../core/index.ts";
import { parseControl } from "../../../../plugins/debian/resolve/control.ts";
import { suite } from "../../../harness.ts";

const test = suite("debian/control");

test("fields are found whatever their case, and keep their inner lines", () => {
  const [first, second, ...rest] = parseControl(
    "\n\nPackage: one\nDescription: short\n long\n .\n  more\nDepends: a,\n b\nempty:\n\n\nPACKAGE:two\n",
    "a text",
  );
  assert.is(first?.get("package"), "one");
  assert.is(first?.get("Description"), "short\n long\n .\n  more");
  assert.is(first?.get("DEPENDS"), "a,\n b");
  assert.is(first?.get("Empty"), "");
  assert.is(first?.get("Version"), undefined);
  assert.equal(
    first?.fields.map(({ name }) => name),
    ["Package", "Description", "Depends", "empty"],
  );
  assert.is(second?.get("Package"), "two");
  assert.is(rest.length, 0);
});

test("a text of nothing has no stanzas", () => {
  assert.equal(parseControl("", "a text"), []);
  assert.equal(parseControl("\n\n\n", "a text"), []);
});

test("damaged texts are refused, with the place and the problem", () => {
  const damaged: readonly [string, RegExp][] = [
    [" Package: one\n", /continuation/],
    ["Package one\n", /no field/],
    ["Package: one\npackage: two\n", /twice/],
    ["Package: one\n \nVersion: 1\n", /blank line/],
    ["Package: o\0ne\n", /NUL/],
    [": one\n", /no field/],
    ["-Package: one\n", /no field/],
    [Array.from({ length: 501 }, (_, number) => `F${number}: x\n`).join(""), /more than 500 fields/],
    [`Package: ${"x".repeat(9 * 1024 * 1024)}\n`, /more than 8MiB/],
  ];
  for (const [text, problem] of damaged) {
    const error = failureOf(() => parseControl(`Package: zero\n\n${text}`, "the text"));
    assert.is(error.code, "E_DEBIAN_METADATA");
    assert.match(error.message, problem);
    assert.match(error.message, /byte 15 of "the text"/);
  }
});

function failureOf(action: () => unknown): ImageDslError {
  try {
    action();
  } catch (error) {
    if (error instanceof ImageDslError) return error;
    throw error;
  }
  throw new Error("It did not fail");
}

test.run();
