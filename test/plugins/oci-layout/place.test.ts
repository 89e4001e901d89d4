/** How a layout's place is written. */
import * as assert from "uvu/assert";
import type { ImageDslError } from "../../../core/index.ts";
import { readPlace } from "../../../plugins/oci-layout/place.ts";
import { suite } from "../../harness.ts";

const test = suite("oci-layout/place");

function place(rest: string, targets = 1) {
  return readPlace({ transport: "oci", rest, text: `oci:${rest}` }, targets);
}

test("a path, and a name behind its first colon: a tag or NAME:TAG", () => {
  assert.equal(place("out/layout"), { path: "out/layout" });
  assert.equal(place("layout:1.0"), { path: "layout", name: "1.0" });
  assert.equal(place("layout:team/app:1"), { path: "layout", name: "team/app:1" });
  assert.equal(place("layout:registry.example:5000/app:1"), { path: "layout", name: "registry.example:5000/app:1" });
});

const WRONG: readonly (readonly [rest: string, targets: number, message: RegExp])[] = [
  ["", 1, /does not say where to/],
  [":1", 1, /does not say where to/],
  ["-", 1, /stdout gets no OCI layout/],
  ["-:1", 1, /stdout gets no OCI layout/],
  ["layout:", 1, /no tag behind its path/],
  ["layout:a b", 1, /no tag behind its path/],
  ["layout:Team/app:1", 1, /no tag behind its path/],
  ["layout:1", 2, /gives one name to 2 images/],
];

for (const [rest, targets, message] of WRONG) {
  test(`"oci:${rest}" for ${targets} is refused, with the reason`, () => {
    assert.throws(
      () => place(rest, targets),
      (error: ImageDslError) => error.code === "E_OUTPUT_INVALID" && message.test(error.message),
    );
  });
}

test.run();
