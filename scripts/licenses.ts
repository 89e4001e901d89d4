/** The licences of the packages whose code is copied into the bundle: they ask to be shipped with it. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Of which the sources hold WebAssembly as text (scripts/embed-wasm.ts). */
const EMBEDDED = ["node_modules/@bokuweb/zstd-wasm"];

/** One text with every bundled package's name, version, licence and notices of copyright, sorted by name; each wording stands there once. */
export function thirdPartyLicenses(project: string, inputs: readonly string[]): string {
  const folders = [...EMBEDDED, ...inputs].map(
    (input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0],
  );
  const packages = [...new Set(folders.filter((folder) => folder !== undefined))].sort();
  const byWording = new Map<string, License[]>();
  for (const license of packages.map((folder) => licenseOf(join(project, folder)))) {
    const key = license.wording.replaceAll(/\s+/g, " ");
    byWording.set(key, [...(byWording.get(key) ?? []), license]);
  }
  const groups = [...byWording.values()].map((same) => {
    const notices = same.map(({ title, notices }) => [title, ...notices].join("\n"));
    return `${[...notices, same[0]!.wording].join("\n\n")}\n`;
  });
  return groups.join(`\n${"-".repeat(80)}\n\n`);
}

interface License {
  readonly title: string;
  /** Lines that say whose it is, which packages of one wording do not share. */
  readonly notices: readonly string[];
  readonly wording: string;
}

function licenseOf(folder: string): License {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<string, unknown>;
  const title = `${manifest["name"]} ${manifest["version"]} (${manifest["license"]})`;
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name) && existsSync(join(folder, name)));
  const lines = file === undefined ? [] : readFileSync(join(folder, file), "utf8").trim().split("\n");
  const isNotice = (line: string): boolean => /^\s*(?:Copyright\b.*\d|\(c\) \d)/i.test(line);
  const wording = lines
    .filter((line) => !isNotice(line))
    .join("\n")
    .trim();
  return { title, notices: lines.filter(isNotice).map((line) => line.trim()), wording };
}
