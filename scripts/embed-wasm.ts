/**
 * Writes core/compress/wasm/zstd.ts: the WebAssembly module of `@bokuweb/zstd-wasm` as text, so that it is a part of
 * the sources and of the bundle on every runtime. To be run when the package's version changes, which changes bytes of
 * output: see `FORMAT_VERSION`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";

const { resolve } = createRequire(import.meta.url);
const folder = dirname(resolve("@bokuweb/zstd-wasm"));
const module = readFileSync(join(folder, "zstd.wasm"));
const text = gzipSync(module, { level: 9 }).toString("base64");
writeFileSync(
  join(import.meta.dirname, "../core/compress/wasm/zstd.ts"),
  `/** Written by scripts/embed-wasm.ts: zstd.wasm of @bokuweb/zstd-wasm, gzipped, in base64. */
import { gunzipSync } from "node:zlib";

export function zstdModule(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(gunzipSync(Buffer.from(GZIPPED, "base64")));
}

const GZIPPED =
  "${text}";
`,
);
console.log(`Embedded ${module.length} bytes as ${text.length}`);
