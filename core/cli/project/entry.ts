/** What a server without a framework is started with, and the port in its text. */
import { LAUNCHERS } from "../../project/launchers.ts";
import { isEnvFile, parseStartScript, valuedFlags } from "../../project/start-script.ts";
import { builtPath, plain } from "./build-output.ts";
import type { Program } from "./frameworks.ts";
import type { PackageManifest } from "./package-manifest.ts";
import type { ProjectFiles } from "./project-files.ts";

export interface EntryFound {
  /** A path in the project; what a build makes is not there yet. */
  readonly path: string;
  /** Whether the preset finds it too, as package.json says it. */
  readonly isSaid: boolean;
  /** What its start script starts it with; undefined where none does. */
  readonly program: Program | undefined;
  /** What starting it does otherwise than the image. */
  readonly notes: readonly string[];
}

/** The words before the file, in a script that does more than start it. What Bun runs without a dot is another script. */
const START =
  /^(?:cross-env +|env +)?(?:[A-Za-z_]\w*=\S+ +)*(node|tsx|ts-node|bun(?= [^&|;]*\.))(?: +run)?(?: +-\S+)* +([\w./@-]+)/;
/** What is loaded first, and not started. */
const LOADED_FIRST = / (?:-r|--require|--import|--loader|--env-file|--env-file-if-exists) +\S+/g;
const FOLDERS = ["", "src/"];
const NAMES = ["server", "main", "index", "app"];
const EXTENSIONS = [".js", ".mjs", ".cjs", ".ts", ".mts"];
const KNOWN = new Set(LAUNCHERS.node.usual);

/** The start script says most, then `main`, then the usual names, of what a compiler reads the file that it writes. */
export function findEntry(
  { scripts, main, isModule }: Pick<PackageManifest, "scripts" | "main" | "isModule">,
  { paths, text }: ProjectFiles,
): EntryFound | undefined {
  const { file, program, isFollowed, notes } = startedBy(scripts);
  if (file !== undefined && plain(file) !== ".") return { path: plain(file), isSaid: isFollowed, program, notes };
  const isFree = scripts["start"] === undefined || isFollowed;
  if (main !== undefined && (paths.has(plain(main)) || scripts["build"] !== undefined)) {
    return { path: plain(main), isSaid: isFree, program, notes };
  }
  const usual = FOLDERS.flatMap((folder) =>
    NAMES.flatMap((name) => EXTENSIONS.map((extension) => `${folder}${name}${extension}`)),
  );
  const path = usual.find((each) => paths.has(each));
  if (path === undefined) return undefined;
  const built = builtPath(path, { script: scripts["build"] ?? "", isModule, text });
  return { path: built ?? path, isSaid: KNOWN.has(path) && isFree, program, notes };
}

interface Started {
  readonly file: string | undefined;
  readonly program: Program | undefined;
  /** Whether the presets do what the script says, and all of it. */
  readonly isFollowed: boolean;
  readonly notes: readonly string[];
}

/** What a start script starts: as the presets read it, else most likely. */
function startedBy({ start, prestart }: PackageManifest["scripts"]): Started {
  if (start === undefined) return { file: undefined, program: undefined, isFollowed: false, notes: [] };
  // Of several commands the last is the one that goes on.
  const [last = ""] = start.split(/&&|;/).slice(-1);
  const [, starter, guessed] = START.exec(last.trim().replace(LOADED_FIRST, "")) ?? [];
  const program = starter === undefined || starter === "bun" ? starter : "node";
  const launcher = LAUNCHERS[program ?? "node"];
  const command = guessed === undefined ? undefined : parseStartScript(start, launcher);
  const named = command === undefined ? [] : valuedFlags(command.flags, launcher);
  const variables = named.find(({ kind, value }) => kind === "variables" && isEnvFile(value));
  const file = command?.entry ?? guessed;
  const isFollowed = command !== undefined && variables === undefined;
  const done = last === start ? `"${program} ${file}" alone` : "the last alone";
  const notes = [
    ...(isFollowed || (last === start && file === undefined)
      ? []
      : [`the image does of its script start, ${JSON.stringify(start)}, ${done}`]),
    ...(variables === undefined
      ? []
      : [`${variables.value} comes into no image: the container's environment sets what is in it`]),
    ...(prestart === undefined ? [] : [`its script prestart, ${JSON.stringify(prestart)}, does not run in the image`]),
  ];
  return { file, program, isFollowed: isFollowed && prestart === undefined, notes };
}

const PORTS = [
  /\bPORT\b["'\])]*\s*(?:\?\?|\|\|)\s*["']?(\d{2,5})\b/,
  /\.listen\(\s*(\d{2,5})\b/,
  /\.listen\(\s*\{[^}]*\bport\s*:\s*(\d{2,5})\b/,
  /\bserve\(\s*\{[^}]*\bport\s*:\s*(\d{2,5})\b/,
  /\bconst port(?:\s*:\s*number)?\s*=\s*(\d{2,5})\b/i,
];

/** The port that a start script says, if it says one: servers listen there. */
export function portIn(script: string): number | undefined {
  const [, port] = /(?:\bPORT=|--port[ =]|-p )(\d{2,5})\b/.exec(script) ?? [];
  return port === undefined ? undefined : Number(port);
}

/** The port that a server's source names, where it names one. */
export function findPort(entry: string, files: ProjectFiles): number | undefined {
  const texts = sourcesOf(entry).flatMap((path) => files.text(path) ?? []);
  for (const text of texts) {
    for (const pattern of PORTS) {
      const port = Number(pattern.exec(text)?.[1] ?? 0);
      if (port > 0 && port < 65_536) return port;
    }
  }
  return undefined;
}

/** The file itself, and what a compiler made it of. */
function sourcesOf(entry: string): readonly string[] {
  const [, name = ""] = /^[^/]+\/(.+)\.[cm]?js$/.exec(entry) ?? [];
  return [entry, ...(name === "" ? [] : [`src/${name}.ts`, `${name}.ts`])];
}
