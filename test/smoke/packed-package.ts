/** What `npm pack` makes of the project, and a folder with that package installed, as a user has it. */
import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { tmp } from "../harness.ts";
import { sharedFolder } from "../shared-cache.ts";

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

const REPORT = "report.json";

export function packProject(): PackedPackage {
  const folder = sharedFolder("packed", packInto);
  const packed = JSON.parse(readFileSync(join(folder, REPORT), "utf8")) as PackReport;
  const paths = packed.files.map((file) => file.path).sort();
  return { file: join(folder, packed.filename), version: packed.version, paths, size: packed.unpackedSize };
}

/** As `npm pack` does it, in a copy without devDependencies: there dist/ stays as it is, and nobody else reads the package.json. */
function packInto(folder: string): void {
  const copy = join(folder, "project");
  const { files } = JSON.parse(readFileSync(join(project, "package.json"), "utf8")) as { readonly files: string[] };
  const tops = new Set(["package.json", "scripts", ...files.map((each) => each.split("/")[0]!)]);
  for (const name of tops) cpSync(join(project, name), join(copy, name), { recursive: true });
  const output = execFileSync("npm", ["pack", "--json", "--pack-destination", folder], { cwd: copy, encoding: "utf8" });
  // What scripts print comes before it.
  const json = output.slice(output.search(/^[[{]/m));
  writeFileSync(join(folder, REPORT), JSON.stringify(Object.values(JSON.parse(json) as object)[0]));
}

/** A new folder in which the package is installed with its dependencies: a copy, as npm takes seconds. */
export function installPackage(packed: PackedPackage): string {
  const folder = join(tmp(), "app");
  const installed = sharedFolder("installed", (made) => installInto(made, packed.file));
  cpSync(installed, folder, { recursive: true, verbatimSymlinks: true });
  return folder;
}

function installInto(folder: string, file: string): void {
  writeFileSync(join(folder, "package.json"), '{ "name": "app", "version": "1.0.0", "type": "module" }\n');
  // Beside it, so that the package.json of a copy names it too.
  const name = basename(file);
  cpSync(file, join(folder, name));
  execFileSync("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", `./${name}`], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
  });
}

interface PackReport {
  readonly filename: string;
  readonly version: string;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}
