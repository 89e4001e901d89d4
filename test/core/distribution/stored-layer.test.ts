/** A layer's file that is replaced while the build runs: by its time alone it cannot be told. */
import { createHash } from "node:crypto";
import { readFileSync, renameSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { digestFromHex } from "../../../core/index.ts";
import { storedLayer } from "../../../core/distribution/stored-layer.ts";
import { readingContext } from "../../fixtures/base-images/context.ts";
import { file } from "../../fixtures/base-images/root.ts";
import { writeTar } from "../../fixtures/base-images/tar.ts";
import { suite, tmp } from "../../harness.ts";

const test = suite("distribution/stored-layer");

for (const how of ["renamed over it", "written into it"] as const) {
  test(`other bytes with the same size and time, ${how}, are not handed on as the layer`, async () => {
    const folder = tmp();
    const tar = writeTar(join(folder, "layer.tar"), [file("a", "good")]);
    const good = readFileSync(tar);
    utimesSync(tar, 1, 1);
    const diffID = digestFromHex(createHash("sha256").update(good).digest("hex"));
    const layer = await storedLayer({ file: tar, offset: 0, size: good.length }, diffID, readingContext);

    const other = Buffer.from(good);
    other.write("evil", good.indexOf("good"));
    // File systems tell times in ticks of some milliseconds.
    await new Promise((resolve) => setTimeout(resolve, 50));
    const target = how === "renamed over it" ? join(folder, "other.tar") : tar;
    writeFileSync(target, other);
    utimesSync(target, 1, 1);
    if (target !== tar) renameSync(target, tar);
    assert.is(statSync(tar).mtimeMs, 1000);

    let code: unknown;
    try {
      for await (const piece of layer.open()) assert.ok(piece);
    } catch (error) {
      ({ code } = error as { code: unknown });
    }
    assert.is(code, "E_CONTENT_CHANGED");
  });
}

test.run();
