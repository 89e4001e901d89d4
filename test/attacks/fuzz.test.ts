// @runtimes node
/** Of each parser of what comes from outside a few thousand odd inputs; `npm run soak fuzz` tries a million of each. */
import * as assert from "uvu/assert";
import { suite } from "../harness.ts";
import { runs } from "../sampled.ts";
import { PARSERS } from "./fuzz/parsers.ts";
import { faultOf } from "./fuzz/try-input.ts";

const test = suite("attacks/fuzz", { timeout: 120_000 });

for (const name of Object.keys(PARSERS)) {
  test(`${name}: what is odd is read or refused`, async () => {
    for (let number = 0; number < runs(300); number++) {
      assert.is(await faultOf(name, number), undefined, `input ${number}`);
    }
  });
}

test.run();
