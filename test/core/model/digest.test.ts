import * as assert from "uvu/assert";
import { digestOf, digestOfTexts } from "../../../core/model/digest.ts";
import { suite } from "../../harness.ts";

const test = suite("model/digest");

test("many texts have the digest of all of them as one, however long they are", () => {
  for (const size of [0, 1, 1000, 64 * 1024, 300_000]) {
    const texts = Array.from({ length: 7 }, (_, index) => "ä\0b€".repeat(size >> 2) + String(index));
    assert.is(digestOfTexts(texts), digestOf(texts.join("")), String(size));
  }
  assert.is(digestOfTexts([]), digestOf(""));
});

test.run();
