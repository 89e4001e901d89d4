/** The words of reasons, at their edges. */
import * as assert from "uvu/assert";
import {
  bigCountPhrase,
  countPhrase,
  cyclePhrase,
  namesPhrase,
  nodeName,
  sizePhrase,
} from "../../../core/plan/phrases.ts";
import { suite } from "../../harness.ts";
import { closureNode } from "../../reference/closures.ts";

const test = suite("plan/phrases");

test("sizes have one digit after the point, and never read 1000.0", () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.0 kB"],
    [12_345_678, "12.3 MB"],
    [999_949, "999.9 kB"],
    [999_950, "1.0 MB"],
    [Number.MAX_SAFE_INTEGER, "9.0 PB"],
  ];
  for (const [bytes, text] of cases) assert.is(sizePhrase(bytes), text);
});

test("lists of names stay short", () => {
  assert.is(namesPhrase(["a"]), "a");
  assert.is(namesPhrase(["a", "b"]), "a and b");
  assert.is(namesPhrase(["a", "b", "c", "d"]), "a, b, c and d");
  assert.is(namesPhrase(["a", "b", "c", "d", "e"]), "a, b, c and 2 more");
  assert.is(cyclePhrase(["a", "b"]), "cycle: a, b");
  const many = Array.from({ length: 5000 }, (_, index) => `n${index}`);
  assert.is(cyclePhrase(many), "cycle: n0, n1, n2, n3, n4, n5, n6, n7 and 4992 more");
});

test("great counts are shown as powers of two", () => {
  assert.is(bigCountPhrase(999_999_999_999n), "999999999999");
  assert.is(bigCountPhrase(2n ** 40n - 1n), "about 2^39");
  assert.is(bigCountPhrase(2n ** 40n), "about 2^40");
  assert.is(bigCountPhrase(2n ** 10_003n + 5n), "about 2^10003");
});

test("counts of nodes agree with their number", () => {
  assert.is(countPhrase(1), "1 node");
  assert.is(countPhrase(2), "2 nodes");
});

test("names cannot steer the terminal", () => {
  assert.is(nodeName(closureNode("a", [], { name: "é\u{1f600}\x1b[31m" })), "é\u{1f600}\\x1b[31m");
});

test.run();
