// @runtimes node
/** docs/errors.md and docs/events.md are what the sources say. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { referencePages } from "../../scripts/reference-pages.ts";
import { suite } from "../harness.ts";
import { PROJECT } from "./blocks.ts";

const test = suite("docs/reference-pages");

for (const [path, text] of referencePages()) {
  test(`${path} is up to date`, () => {
    const found = readFileSync(join(PROJECT, path), "utf8");
    assert.ok(found === text, `${path} is stale; write it anew: npx tsx scripts/reference-pages.ts`);
  });
}

test.run();
