/** Which of a project's files its runtime is started with, and how: asked for, or as the project says it in one of the usual places. */
import { statSync } from "node:fs";
import { join, posix } from "node:path";
import { ImageDslError, type ErrorPlace } from "../../../core/index.ts";
import type { PackageJson } from "../project/package-json.ts";
import type { Launcher } from "./launchers.ts";
import { parseStartScript, type Start } from "./start-script.ts";

export interface EntryQuestion {
  readonly launcher: Launcher;
  /** What the preset's caller says. */
  readonly entry: string | undefined;
  /** What the project says, the most telling first. */
  readonly said: readonly Saying[];
  /** Where it would be said. */
  readonly place: ErrorPlace;
  /** Absolute. */
  readonly folder: string;
  /** Options of the runtime where no script has some. */
  readonly flags: readonly string[];
  /** Folders that the build step makes: what lies in them need not be there yet. */
  readonly built: readonly string[];
}

/** What a project's files say of how it is started, by the key there: a command, or the file. */
export type Saying = { readonly key: string } & ({ readonly script: string } | { readonly path: string });

/** With `entry` as a path below the folder. Throws `E_CONFIG_INVALID` with all that was looked at. */
export function appEntry({ launcher, entry, said, place, folder, flags, built }: EntryQuestion): Start {
  const bare = { command: launcher.commands[0]!, env: {}, flags, args: [] };
  const isBuilt = (path: string): boolean => built.some((each) => path.startsWith(`${each}/`));
  const find = (named: string): string | undefined => {
    const path = posix.normalize(named);
    if (posix.isAbsolute(path) || /^\.\.(?:\/|$)/.test(path)) return undefined;
    return isBuilt(path) ? path : launcher.resolves(path).find((each) => isFile(join(folder, each)));
  };
  if (entry !== undefined) return { ...bare, entry: find(entry) ?? missing(entry, folder, built.length > 0) };
  const looked: string[] = [];
  for (const saying of said) {
    const start = "path" in saying ? { ...bare, entry: saying.path } : parseStartScript(saying.script, launcher);
    const found = start && find(start.entry);
    if (start !== undefined && found !== undefined) return { ...start, entry: found };
    looked.push(whyNot(saying, start, launcher));
  }
  const usual = launcher.usual.find((each) => isFile(join(folder, each)));
  if (usual !== undefined) return { ...bare, entry: usual };
  looked.push(...launcher.usual.map((name) => `there is no ${name}`));
  throw new ImageDslError(
    "E_CONFIG_INVALID",
    `Cannot tell which file of ${folder} ${launcher.called} is to run: ${looked.join("; ")}`,
    { place, hint: 'Say it: entry: "dist/server.js"; if it is built, say how: build: "npm run build"' },
  );
}

/** How it is started says most; then what others find when they ask for the package, which Bun has `module` say, too. */
export function saidByPackage({ scripts, main, module, bin }: PackageJson, launcher: Launcher): readonly Saying[] {
  const programs = typeof bin === "object" ? Object.values(bin) : bin === undefined ? [] : [bin];
  const script = scripts?.["start"];
  return [
    ...(script === undefined ? [] : [{ key: "scripts.start", script }]),
    ...(module === undefined || launcher.program !== "bun" ? [] : [{ key: "module", path: module }]),
    ...(main === undefined ? [] : [{ key: "main", path: main }]),
    ...(programs.length === 1 ? [{ key: "bin", path: programs[0]! }] : []),
  ];
}

function whyNot(saying: Saying, start: Start | undefined, launcher: Launcher): string {
  if ("path" in saying) return `${saying.key} is "${saying.path}", which is not there`;
  const script = `${saying.key}, ${JSON.stringify(saying.script)},`;
  if (start !== undefined) return `${script} names "${start.entry}", which is not there`;
  return `${script} is not "${launcher.commands[0]!.join(" ")} FILE" alone`;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function missing(entry: string, folder: string, isBuilding: boolean): never {
  throw new ImageDslError("E_CONFIG_INVALID", `There is no "${entry}" in ${folder}`, {
    hint: isBuilding
      ? `entry starts from there; if the build step makes it, say in which folder: output: "${entry.split("/")[0]}"`
      : 'entry starts from there; what is built is made first, or by the build step: build: "npm run build"',
  });
}
