/** Which of a project's files its runtime is started with, and how: asked for, or as the project says it in one of the usual places. */
import { readdirSync, statSync } from "node:fs";
import { join, posix } from "node:path";
import {
  ImageDslError,
  nearest,
  parseStartScript,
  type ErrorPlace,
  type Launcher,
  type StartCommand,
} from "../../../core/index.ts";
import type { PackageJson } from "../project/package-json.ts";

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
export type Saying = ScriptSaying | { readonly key: string; readonly path: string };

interface ScriptSaying {
  readonly key: string;
  readonly script: string;
  /** What managers run before it. */
  readonly before?: string | undefined;
}

/**
 * With `entry` as a path below the folder. Of a script that starts it otherwise than can be done here nothing is made up: what else might be meant is
 * told. Throws `E_CONFIG_INVALID` with all that was looked at.
 */
export function appEntry(question: EntryQuestion): StartCommand {
  const { launcher, entry, said, folder, flags, built } = question;
  const bare = { command: launcher.commands[0]!, env: {}, flags, args: [] };
  if (entry !== undefined) {
    return { ...bare, entry: fileOf(entry, question) ?? missing(entry, folder, built.length > 0) };
  }
  const looked: string[] = [];
  for (const saying of said) {
    const start = "path" in saying ? { ...bare, entry: saying.path } : parseStartScript(saying.script, launcher);
    const found = start && fileOf(start.entry, question);
    if (start !== undefined && found !== undefined && !("before" in saying)) return { ...start, entry: found };
    if ("script" in saying) throw unknown(question, ...notAsItSays(saying, start, found, question));
    looked.push(`${saying.key} is "${saying.path}", which is not there`);
  }
  const usual = launcher.usual.find((each) => isFile(join(folder, each)));
  if (usual !== undefined) return { ...bare, entry: usual };
  looked.push(...launcher.usual.map((name) => `there is no ${name}`));
  throw unknown(question, looked.join("; "), SAY_IT);
}

const SAY_IT = 'Say it: entry: "dist/server.js"; if it is built, say how: build: "npm run build"';

/** How it is started says most; then what others find when they ask for the package, which Bun has `module` say, too. `built`: what the build step runs. */
export function saidByPackage(
  { scripts, main, module, bin }: PackageJson,
  launcher: Launcher,
  built: readonly string[],
): readonly Saying[] {
  const programs = typeof bin === "object" ? Object.values(bin) : bin === undefined ? [] : [bin];
  const { start: script, prestart: before } = scripts ?? {};
  const isDone = before === undefined || built.includes(before);
  return [
    ...(script === undefined ? [] : [{ key: "scripts.start", script, ...(!isDone && { before }) }]),
    ...(module === undefined || launcher.program !== "bun" ? [] : [{ key: "module", path: module }]),
    ...(main === undefined ? [] : [{ key: "main", path: main }]),
    ...(programs.length === 1 ? [{ key: "bin", path: programs[0]! }] : []),
  ];
}

/** The file below the folder that the runtime takes a path for; undefined where there is none. */
export function fileOf(named: string, { launcher, said, folder, built }: EntryQuestion): string | undefined {
  // Of the folder itself its package.json says which.
  const main = said.find((saying) => "path" in saying && saying.key !== "bin") as { readonly path: string } | undefined;
  const isFolder = /^\.?\/*$/.test(posix.normalize(named));
  const path = posix.normalize(isFolder ? (main?.path ?? "index") : named);
  if (isOutside(path)) return undefined;
  if (isBuilt(path, built)) return path;
  return launcher.resolves(path).find((each) => isFile(join(folder, each)));
}

function isOutside(path: string): boolean {
  return posix.isAbsolute(path) || /^\.\.(?:\/|$)/.test(posix.normalize(path));
}

/** Whether it lies in a folder that the build step makes. */
export function isBuilt(path: string, built: readonly string[]): boolean {
  return built.some((folder) => path.startsWith(`${folder}/`));
}

/** Why a script is not followed, and what to do. */
function notAsItSays(
  { key, script, before }: ScriptSaying,
  start: StartCommand | undefined,
  found: string | undefined,
  question: EntryQuestion,
): readonly [why: string, hint: string] {
  const said = `${key}, ${JSON.stringify(script)},`;
  if (start === undefined) {
    const other = otherFile(question);
    const hint = other === undefined ? SAY_IT : `If that is all a container is to start, say so: entry: "${other}"`;
    return [`${said} is not "${question.launcher.commands[0]!.join(" ")} FILE" alone`, hint];
  }
  if (found === undefined) {
    return [`${said} names "${start.entry}", which is not there`, 'Build it first, or say how: build: "npm run build"'];
  }
  const first = JSON.stringify(before);
  const hint = `Where that builds, say so: build: ${first}; else say what is started: entry: "${found}"`;
  return [`prestart, ${first}, is to run before ${said} and is not`, hint];
}

/** What would be started if there were no script. */
function otherFile(question: EntryQuestion): string | undefined {
  const paths = question.said.flatMap((saying) => ("path" in saying ? [saying.path] : []));
  return [...paths, ...question.launcher.usual].flatMap((path) => fileOf(path, question) ?? [])[0];
}

function unknown({ folder, launcher, place }: EntryQuestion, why: string, hint: string): ImageDslError {
  const what = `Cannot tell which file of ${folder} ${launcher.called} is to run: ${why}`;
  return new ImageDslError("E_CONFIG_INVALID", what, { place, hint });
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function missing(entry: string, folder: string, isBuilding: boolean): never {
  const { dir, base } = posix.parse(posix.normalize(entry));
  const near = isOutside(entry) ? undefined : nearest(base, namesIn(join(folder, dir)));
  const others = isBuilding
    ? `entry starts from there; if the build step makes it, say in which folder: output: "${entry.split("/")[0]}"`
    : 'entry starts from there; what is built is made first, or by the build step: build: "npm run build"';
  throw new ImageDslError("E_CONFIG_INVALID", `There is no "${entry}" in ${folder}`, {
    hint: near === undefined ? others : `Did you mean "${posix.join(dir, near)}"?`,
  });
}

/** Of files; none where there is no such folder. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [entry.name] : []));
  } catch {
    return [];
  }
}
