/** What `init` sees in a project that Deno runs: a deno.json, without a package.json or beside one whose packages deno.lock names. */
import { isRecord } from "../../model/json.ts";
import { jsonOfJsonc } from "../../model/jsonc.ts";
import { ImageDslError } from "../../error.ts";
import { imageNames, type DetectedApp } from "./detected-app.ts";
import { findPort, portIn } from "./entry.ts";
import { parsedJson, textOf, textsOf } from "./package-manifest.ts";
import type { ProjectFiles } from "./project-files.ts";

export const DENO_JSON = "deno.json";
export const DENO_JSONC = "deno.jsonc";

/** Which denoApp knows, too. */
const KNOWN = ["main.ts", "server.ts", "main.js", "server.js"];
const USUAL = [...KNOWN, "src/main.ts", "src/server.ts", "mod.ts", "app.ts", "index.ts", "src/index.ts", "src/app.ts"];

/** Where Deno's own server listens, unless it is told. */
const PORT = 8000;

/** Whether its deno.lock is the only one that a package.json has. */
export function isOfDeno({ paths, locked }: ProjectFiles): boolean {
  const isDenos = paths.has("deno.lock") && (paths.has(DENO_JSON) || paths.has(DENO_JSONC));
  return isDenos && locked.locks.length === 0;
}

/** Throws `E_USAGE` where nothing tells what is to be started. */
export function denoAppIn(files: ProjectFiles, folder: string): DetectedApp {
  const file = files.paths.has(DENO_JSON) ? DENO_JSON : DENO_JSONC;
  const json = parsedJson(jsonOfJsonc(files.text(file) ?? ""), file);
  const script = startOf(json["tasks"]);
  const [, command, started] = /\bdeno (run|serve)(?: +-\S+)* +([\w./@-]+)/.exec(script) ?? [];
  const said = started ?? exportOf(json["exports"]);
  const entry = said ?? USUAL.find((path) => files.paths.has(path));
  if (entry === undefined) {
    throw new ImageDslError("E_USAGE", `Cannot tell which file starts the app of ${file}`, {
      hint: 'Write it there, as "start": "deno run --allow-net main.ts" among its tasks, and run init again',
      place: { file },
    });
  }
  const path = entry.replace(/^\.\//, "");
  const isServer = command === "serve" || /\bDeno\.serve\(/.test(files.text(path) ?? "");
  const port = portIn(script) ?? findPort(path, files) ?? (isServer ? PORT : undefined);
  const notes = [
    ...remoteNotes(json, files.paths.has("deno.lock")),
    ...(files.paths.has("package.json") && json["nodeModulesDir"] !== "none"
      ? ['say "nodeModulesDir": "none" there, so that deno.lock says what comes along, and run deno install']
      : []),
  ];
  return {
    ...imageNames(textOf(json["name"]), folder),
    dir: ".",
    what: "a Deno server",
    shape: {
      program: "deno",
      ...(said === undefined && !KNOWN.includes(path) && { entry: path }),
      ...(port !== undefined && { port }),
      ...(notes.length > 0 && { notes }),
    },
  };
}

function startOf(tasks: unknown): string {
  const task = isRecord(tasks) ? tasks["start"] : undefined;
  return textOf(isRecord(task) ? task["command"] : task) ?? "";
}

function exportOf(exports: unknown): string | undefined {
  return textOf(isRecord(exports) ? exports["."] : exports);
}

/** What denoApp refuses, as Deno would fetch it when the app starts. */
function remoteNotes({ imports, vendor }: Readonly<Record<string, unknown>>, hasLock: boolean): readonly string[] {
  return Object.entries(textsOf(imports)).flatMap(([name, target]) => {
    if (target.startsWith("npm:"))
      return hasLock ? [] : [`"${name}" is ${target}: run deno install, whose deno.lock says what comes along`];
    const isRemote = /^(?:jsr|https?):/.test(target) && vendor !== true;
    if (!isRemote) return [];
    return [`"${name}" is ${target}: say "vendor": true and "nodeModulesDir": "none" there, and run deno install`];
  });
}
