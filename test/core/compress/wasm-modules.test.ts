// @runtimes node
/** The embedded modules are the packages'. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { GZIP, ZSTD } from "../../../core/compress/codec.ts";
import { forasModule } from "../../../core/compress/wasm/foras.ts";
import { zstdModule } from "../../../core/compress/wasm/zstd.ts";
import { forasOfPackage, zstdOfPackage } from "../../../scripts/embed-wasm.ts";
import { suite } from "../../harness.ts";

const test = suite("compress/wasm-modules");

test("they are those of the installed versions; else run scripts/embed-wasm.ts", () => {
  assert.ok(Buffer.from(zstdModule()).equals(zstdOfPackage()));
  assert.ok(Buffer.from(forasModule()).equals(forasOfPackage()));
});

test("codecs name the versions that are pinned", () => {
  const manifest = JSON.parse(readFileSync(join(import.meta.dirname, "../../../package.json"), "utf8"));
  const versions = (manifest as { devDependencies: Record<string, string> }).devDependencies;
  assert.match(ZSTD.identity, `zstd-wasm ${versions["@bokuweb/zstd-wasm"]} `);
  assert.match(GZIP.identity, `foras ${versions["@hazae41/foras"]} `);
});

test.run();
