import * as fc from "fast-check";
import * as assert from "uvu/assert";
import { screenJson, screenLine, screenText, withoutControls, withTexts } from "../../../core/model/screen-text.ts";
import { suite } from "../../harness.ts";
import { runs } from "../../sampled.ts";

const test = suite("model/screen-text");

test("no text, whatever is in it, keeps a character that a terminal obeys, and none gets long", () => {
  const character = fc.oneof(
    fc.integer({ min: 0, max: 0xff }),
    fc.integer({ min: 0x2000, max: 0x2070 }),
    fc.constantFrom(0x061c, 0xfeff, 0xd800),
  );
  fc.assert(
    fc.property(fc.array(character, { maxLength: 300 }), fc.integer({ min: 1, max: 500 }), (codes, times) => {
      const text = String.fromCharCode(...codes).repeat(times);
      for (const shown of [screenText(text), screenLine(text), withoutControls(text.slice(0, 1000))]) {
        // oxlint-disable-next-line no-control-regex -- control characters are exactly what must not be there
        assert.not.match(shown, /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/);
        assert.ok(shown.length <= 420_000);
      }
      assert.not.match(screenLine(text), /\n/);
      const json = screenJson(JSON.stringify(text));
      assert.is(json, withoutControls(json));
      assert.is(JSON.parse(json), text);
    }),
    { numRuns: runs(100) },
  );
});

test("ordinary texts stay as they are: other scripts, emoji, lines and tabs", () => {
  for (const text of ["", "naïve\tΩ\nשלום 👍🏽", "Cannot read a:\n  it is gone"]) assert.is(screenText(text), text);
});

test("half a megabyte is told by its ends, at once", () => {
  const text = screenText(`begin ${"\x1b".repeat(512 * 1024)} end`);
  assert.ok(text.length < 8000, `${text.length}`);
  assert.match(text, /^begin .* end$/);
});

test("all texts of plain data are changed, and nothing else", () => {
  const data = { a: "x", b: [1, "y", { c: null, d: "z" }], e: true, f: undefined };
  const upper = withTexts(data, (text) => text.toUpperCase());
  assert.equal(upper, { a: "X", b: [1, "Y", { c: null, d: "Z" }], e: true, f: undefined });
});

test.run();
