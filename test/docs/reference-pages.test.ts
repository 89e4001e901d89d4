// @runtimes node
/** docs/errors.md, docs/warnings.md and docs/events.md are what the sources say, and the sources use all codes. */
import { readFileSync, readdirSync } from "node:fs";
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

test("each code is one that the sources use", () => {
  const sources = ["core", "plugins"]
    .flatMap((folder) =>
      readdirSync(join(PROJECT, folder), { recursive: true, encoding: "utf8" }).map((path) =>
        join(PROJECT, folder, path),
      ),
    )
    .filter((path) => path.endsWith(".ts") && !/(error|warning)-codes\.ts$/.test(path))
    .map((path) => readFileSync(path, "utf8"));
  const used = new Set(sources.flatMap((text) => text.match(/\b[EW]_[A-Z_]+\b/g) ?? []));
  for (const page of ["docs/errors.md", "docs/warnings.md"])
    for (const [, code] of referencePages()
      .get(page)!
      .matchAll(/^\| `(\w+)`/gm))
      assert.ok(used.has(code!), code);
});

test.run();
