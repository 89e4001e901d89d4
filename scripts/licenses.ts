/** The licences of the packages whose code is copied into the bundle: they ask to be shipped with it. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Of which the sources hold WebAssembly as text (scripts/embed-wasm.ts). */
const EMBEDDED = ["node_modules/@bokuweb/zstd-wasm"];

/** One text with every bundled package's name, version, licence and licence file, sorted by name. */
export function thirdPartyLicenses(project: string, inputs: readonly string[]): string {
  const folders = [...EMBEDDED, ...inputs].map(
    (input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0],
  );
  const packages = [...new Set(folders.filter((folder) => folder !== undefined))].sort();
  return packages.map((folder) => licenseOf(join(project, folder))).join(`\n${"-".repeat(80)}\n\n`);
}

function licenseOf(folder: string): string {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<string, unknown>;
  const title = `${manifest["name"]} ${manifest["version"]} (${manifest["license"]})`;
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name) && existsSync(join(folder, name)));
  return `${title}\n\n${file === undefined ? "" : readFileSync(join(folder, file), "utf8").trim()}\n`;
}
