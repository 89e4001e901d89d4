// @runtimes node
/** The embedded module is the package's. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as assert from "uvu/assert";
import { GZIP, ZSTD } from "../../../core/compress/codec.ts";
import { zstdModule } from "../../../core/compress/wasm/zstd.ts";
import { suite } from "../../harness.ts";

const test = suite("compress/zstd-module");
const entry = createRequire(import.meta.url).resolve("@bokuweb/zstd-wasm");

test("it is that of the installed version; else run scripts/embed-wasm.ts", () => {
  assert.ok(Buffer.from(zstdModule()).equals(readFileSync(join(dirname(entry), "zstd.wasm"))));
});

test("codecs name the versions that are pinned", () => {
  const manifest = JSON.parse(readFileSync(join(import.meta.dirname, "../../../package.json"), "utf8"));
  const versions = (manifest as { devDependencies: Record<string, string> }).devDependencies;
  assert.match(ZSTD.identity, `zstd-wasm ${versions["@bokuweb/zstd-wasm"]} `);
  assert.match(GZIP.identity, `foras ${versions["@hazae41/foras"]} `);
});

test.run();
