/**
 * Writes core/compress/wasm/*.ts: the WebAssembly modules of `@bokuweb/zstd-wasm` and `@hazae41/foras` as text, so that they
 * are a part of the sources and of the bundle on every runtime. To be run when a package's version changes, which changes
 * bytes of output: see `FORMAT_VERSION`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";

const { resolve } = createRequire(import.meta.url);

if (import.meta.url === `file://${process.argv[1]}`) {
  embed("zstd", "zstd.wasm of @bokuweb/zstd-wasm", zstdOfPackage());
  embed("foras", "the module of @hazae41/foras", forasOfPackage());
}

export function zstdOfPackage(): Buffer {
  return readFileSync(join(dirname(resolve("@bokuweb/zstd-wasm")), "zstd.wasm"));
}

/** The package has it as a URL, to be read by `fetch`: half of what starting the encoder would take. */
export function forasOfPackage(): Buffer {
  const file = join(dirname(resolve("@hazae41/foras")), "../../wasm/pkg/foras.wasm.cjs");
  const base64 = /"data:application\/wasm;base64,([^"]+)"/.exec(readFileSync(file, "utf8"))?.[1];
  if (base64 === undefined) throw new Error(`"${file}" has no module`);
  return Buffer.from(base64, "base64");
}

function embed(name: string, what: string, module: Buffer): void {
  const text = gzipSync(module, { level: 9 }).toString("base64");
  writeFileSync(
    join(import.meta.dirname, `../core/compress/wasm/${name}.ts`),
    `/** Written by scripts/embed-wasm.ts: ${what}, gzipped, in base64. */
import { gunzipSync } from "node:zlib";

export function ${name}Module(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(gunzipSync(Buffer.from(GZIPPED, "base64")));
}

const GZIPPED =
  "${text}";
`,
  );
  console.log(`Embedded ${module.length} bytes as ${text.length}`);
}
