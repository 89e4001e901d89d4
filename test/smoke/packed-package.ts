/** What `npm pack` makes of the project, and a folder with that package installed, as a user has it. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tmp } from "../harness.ts";

const project = join(import.meta.dirname, "../..");

export interface PackedPackage {
  /** The .tgz. */
  readonly file: string;
  readonly version: string;
  /** Paths in the package, sorted. */
  readonly paths: readonly string[];
  /** Unpacked, in bytes. */
  readonly size: number;
}

/** Packs dist/ as it is: `prepare` is not run. */
export function packProject(): PackedPackage {
  const folder = tmp();
  const json = execFileSync("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", folder], {
    cwd: project,
    encoding: "utf8",
  });
  const packed = Object.values(JSON.parse(json) as Record<string, PackReport>)[0] as PackReport;
  const paths = packed.files.map((file) => file.path).sort();
  return { file: join(folder, packed.filename), version: packed.version, paths, size: packed.unpackedSize };
}

/** A new folder in which the package is installed with its dependencies. */
export function installPackage(packed: PackedPackage): string {
  const folder = join(tmp(), "app");
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), '{ "name": "app", "version": "1.0.0", "type": "module" }\n');
  execFileSync("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", packed.file], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
  });
  return folder;
}

interface PackReport {
  readonly filename: string;
  readonly version: string;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}
