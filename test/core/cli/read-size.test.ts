import * as assert from "uvu/assert";
import { ImageDslError } from "../../../core/error.ts";
import { readSize } from "../../../core/cli/read-size.ts";
import { suite } from "../../harness.ts";

const test = suite("cli/read-size");

test("a number and a unit, decimal or binary, in any case", () => {
  for (const [text, bytes] of [
    ["0", 0],
    ["512", 512],
    ["512B", 512],
    ["10GB", 10e9],
    ["10 gb", 10e9],
    ["500MiB", 500 * 2 ** 20],
    ["1.5KiB", 1536],
    ["0.5kB", 500],
    ["2TB", 2e12],
    ["1tib", 2 ** 40],
  ] as const) {
    assert.is(readSize("max-size", text), bytes, text);
  }
});

test("anything else is an error that shows how", () => {
  for (const text of [
    "",
    "GB",
    "10X",
    "10 G B",
    "-1GB",
    "1e9",
    "1,5GB",
    "10GBs",
    "١GB",
    "1.GB",
    ".5GB",
    "9999999TB",
    "10  GB",
  ]) {
    try {
      readSize("max-size", text);
    } catch (error) {
      assert.ok(error instanceof ImageDslError && error.code === "E_USAGE", text);
      assert.match(error.message, `--max-size "${text}"`);
      assert.match(error.hint ?? "", "10GB");
      continue;
    }
    assert.unreachable(text);
  }
});

test.run();
