/** Which of a project's files Node is started with, and how: asked for, or as the project says it in one of the usual places. */
import { statSync } from "node:fs";
import { join, posix } from "node:path";
import { ImageDslError } from "../../../core/index.ts";
import type { PackageFile } from "../project/package-json.ts";
import { parseStartScript, type Start } from "./start-script.ts";

export interface EntryQuestion {
  /** What the preset's caller says. */
  readonly entry: string | undefined;
  readonly manifest: PackageFile;
  /** Absolute. */
  readonly folder: string;
  /** Folders that the build step makes: what lies in them need not be there yet. */
  readonly built: readonly string[];
}

/** With `entry` as a path below the folder. Throws `E_CONFIG_INVALID` with all that was looked at. */
export function nodeEntry({ entry, manifest, folder, built }: EntryQuestion): Start {
  const isBuilt = (path: string): boolean => built.some((each) => path.startsWith(`${each}/`));
  const find = (named: string): string | undefined => {
    const path = posix.normalize(named);
    if (posix.isAbsolute(path) || /^\.\.(?:\/|$)/.test(path)) return undefined;
    return isBuilt(path) ? path : asNodeResolves(path).find((each) => isFile(join(folder, each)));
  };
  if (entry !== undefined) return { ...BARE, entry: find(entry) ?? missing(entry, folder, built.length > 0) };
  const looked: string[] = [];
  for (const { where, start } of candidates(manifest)) {
    const found = start && find(start.entry);
    if (found !== undefined) return { ...start!, entry: found };
    looked.push(where);
  }
  throw new ImageDslError(
    "E_CONFIG_INVALID",
    `Cannot tell which file of ${folder} Node is to run: ${looked.join("; ")}`,
    {
      place: manifest.placeOf("main"),
      hint: 'Say it: entry: "dist/server.js"; if it is built, say how: build: "npm run build"',
    },
  );
}

const BARE = { env: {}, flags: [], args: [] };

interface Candidate {
  /** Where it stands, and why it may be none. */
  readonly where: string;
  readonly start: Start | undefined;
}

/** How it is started says most; then what others find when they ask for the package; then Node's and npm's own defaults. */
function candidates({ value: { scripts, main, bin } }: PackageFile): readonly Candidate[] {
  const said: Candidate[] = [];
  const add = (where: string, entry: string): void => void said.push({ where, start: { ...BARE, entry } });
  const script = scripts?.["start"];
  if (script !== undefined) {
    const start = parseStartScript(script);
    const why = start === undefined ? 'is not "node FILE" alone' : `names "${start.entry}", which is not there`;
    said.push({ where: `scripts.start, ${JSON.stringify(script)}, ${why}`, start });
  }
  if (main !== undefined) add(`main is "${main}", which is not there`, main);
  const programs = typeof bin === "object" ? Object.values(bin) : bin === undefined ? [] : [bin];
  if (programs.length === 1) add(`bin is "${programs[0]}", which is not there`, programs[0]!);
  for (const name of ["server.js", "index.js"]) add(`there is no ${name}`, name);
  return said;
}

/** As `node PATH` finds it (CommonJS loader, LOAD_AS_FILE and LOAD_AS_DIRECTORY). */
function asNodeResolves(path: string): readonly string[] {
  return [path, `${path}.js`, posix.join(path, "index.js")];
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
