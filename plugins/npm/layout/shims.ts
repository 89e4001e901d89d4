/**
 * The programs of a `.bin` as pnpm makes them (@zkochan/cmd-shim, pkg-manager/link-bins): scripts that start the real one, with a
 * NODE_PATH to what its package sees.
 */
import { posix } from "node:path";
import { compare, valid } from "semver";
import { isRecord, openContent, treePath, type FileEntry, type FileTree, type TreePath } from "../../../core/index.ts";
import type { PackageId, ProgramFolder, ProgramSource } from "../model.ts";
import { packageJsonIn } from "./package-json.ts";
import { sortKey } from "./sort-key.ts";

export interface BinShim {
  /** `node_modules/.bin/esbuild` */
  readonly path: string;
  readonly text: string;
  readonly package: PackageId;
  /** Where that package stands. */
  readonly place: string;
  /** The program, inside that package. */
  readonly program: string;
}

type Trees = ReadonlyMap<PackageId, FileTree>;

/** What a package has not, though it says so, gets none. */
export function binShims(folders: readonly ProgramFolder[], trees: Trees, dest: TreePath): readonly BinShim[] {
  const root = dest === "" ? "" : `/${Buffer.from(dest, "latin1").toString("utf8")}`;
  return folders.flatMap(({ path, from, bundling }) => {
    const bundled = bundling === undefined ? [] : chosen(bundledCommands(bundling, trees));
    const commands = new Map([...chosen(from.flatMap((source) => commandsOf(source, "", trees))), ...bundled]);
    return [...commands].flatMap(([name, command]): BinShim[] => {
      const entry = trees.get(command.source.package)?.get(treePath(command.program));
      if (entry?.type !== "file") return [];
      const shim = posix.join(path, name);
      const text = shimText(shim, command, entry, root);
      const { package: id, directory: place } = command.source;
      return [{ path: shim, text, package: id, place, program: command.program }];
    });
  });
}

interface Command {
  readonly name: string;
  readonly source: ProgramSource;
  /** Inside the source. */
  readonly program: string;
  readonly packageName: string;
  readonly version: string;
}

/** `inner`: the folder of the package inside the source, where it came bundled. */
function commandsOf(source: ProgramSource, inner: string, trees: Trees): readonly Command[] {
  const tree = trees.get(source.package);
  if (tree === undefined) return [];
  const { name: packageName, version, bin, directories } = packageJsonIn(tree, inner);
  if (typeof packageName !== "string") return [];
  const said = { packageName, version: typeof version === "string" ? version : "0.0.0" };
  const written: readonly (readonly [string, unknown])[] = bin
    ? typeof bin === "string"
      ? [[packageName, bin]]
      : Object.entries(bin)
    : programsBelow(tree, inner, isRecord(directories) ? directories["bin"] : undefined);
  return written.flatMap(([command, path]): Command[] => {
    const name = command.startsWith("@") ? command.slice(command.indexOf("/") + 1) : command;
    if (typeof path !== "string" || !isCommand(name)) return [];
    const program = posix.join(inner, `./${path}`);
    const isInside = inner === "" ? !program.startsWith("..") : program.startsWith(`${inner}/`);
    return isInside && !program.includes("\0") ? [{ name, source, program, ...said }] : [];
  });
}

function isCommand(name: string): boolean {
  return name !== "" && name !== "." && name !== ".." && (name === encodeURIComponent(name) || name === "$");
}

/** `directories.bin`: every file below it, by its own name. */
function programsBelow(tree: FileTree, inner: string, folder: unknown): readonly (readonly [string, string])[] {
  if (typeof folder !== "string") return [];
  const start = `${posix.join(inner, folder).replace(/\/$/, "")}/`;
  return tree.entries().flatMap(({ path, type }): (readonly [string, string])[] => {
    if (type !== "file" || !path.startsWith(start)) return [];
    return [[posix.basename(path), inner === "" ? path : path.slice(inner.length + 1)]];
  });
}

function bundledCommands(source: ProgramSource, trees: Trees): readonly Command[] {
  const manifests = (trees.get(source.package)?.entries() ?? []).flatMap(({ path }) => {
    const found = /^(node_modules\/(?:@[^/]+\/)?[^/@.][^/]*)\/package\.json$/.exec(path);
    return found === null ? [] : [found[1]!];
  });
  return manifests.flatMap((inner) => commandsOf(source, inner, trees));
}

/** Of several with one name: whose package is called so, else the last name in the alphabet, else the newest. */
function chosen(commands: readonly Command[]): ReadonlyMap<string, Command> {
  const found = new Map<string, Command>();
  for (const command of commands) {
    const earlier = found.get(command.name);
    if (earlier === undefined || precedence(earlier, command) < 0) found.set(command.name, command);
  }
  return found;
}

function precedence(a: Command, b: Command): number {
  const [isA, isB] = [a.name === a.packageName, b.name === b.packageName];
  if (isA !== isB) return isA ? 1 : -1;
  if (a.packageName !== b.packageName) return sortKey(a.packageName) < sortKey(b.packageName) ? -1 : 1;
  return valid(a.version) !== null && valid(b.version) !== null ? compare(a.version, b.version) : 0;
}

function shimText(shim: string, { source, program }: Command, entry: FileEntry, root: string): string {
  const target = `"$basedir/${posix.relative(posix.dirname(shim), posix.join(source.at, program))}"`;
  const paths = nodePaths(posix.join(source.directory, program)).map((path) => `${root}/${path}`);
  const nodePath = [...new Set([...paths, `${root}/node_modules/.pnpm/node_modules`])].join(":");
  const runtime = runtimeOf(entry, program);
  return `${PRELUDE}if [ -z "$NODE_PATH" ]; then
  export NODE_PATH="${nodePath}"
else
  export NODE_PATH="${nodePath}:$NODE_PATH"
fi
${runtime === undefined ? `${target}   "$@"\nexit $?\n` : startedBy(runtime, target)}`;
}

const PRELUDE = `#!/bin/sh
basedir=$(dirname "$(echo "$0" | sed -e 's,\\\\,/,g')")

case \`uname\` in
    *CYGWIN*|*MINGW*|*MSYS*)
        if command -v cygpath > /dev/null 2>&1; then
            basedir=\`cygpath -w "$basedir"\`
        fi
    ;;
esac

`;

function startedBy({ program, args }: Runtime, target: string): string {
  const beside = `"$basedir/${program}"`;
  return `if [ -x ${beside} ]; then
  exec ${beside} ${args} ${target} "$@"
else
  exec ${program.replaceAll("\\", "/")} ${args} ${target} "$@"
fi
`;
}

/** The `node_modules` of the program's package and the one around it. */
function nodePaths(program: string): readonly string[] {
  const segments = posix.dirname(program).split("/");
  const at = segments.findLastIndex(
    (segment, index) => segment === "node_modules" && segments[index - 1] !== "node_modules",
  );
  if (at < 0) return [];
  const around = segments.slice(0, at + 1).join("/");
  const own = segments.slice(at + 1, at + (segments[at + 1]?.startsWith("@") === true ? 3 : 2));
  return own.length === 0 ? [around] : [posix.join(around, ...own, "node_modules"), around];
}

interface Runtime {
  readonly program: string;
  readonly args: string;
}

const FIRST_LINE_BYTES = 4096;
/** Behind `#!` and blanks. A line with other blanks than these two is none that anybody writes. */
const HASHBANG = /^(?:\/usr\/bin\/env(?:[ \t]+-S)?)?[ \t]*([^ \t]+)(.*)$/;
const BY_EXTENSION: Readonly<Record<string, Runtime>> = {
  ".js": { program: "node", args: "" },
  ".cjs": { program: "node", args: "" },
  ".mjs": { program: "node", args: "" },
  ".cmd": { program: "cmd", args: "/C" },
  ".bat": { program: "cmd", args: "/C" },
  ".ps1": { program: "pwsh", args: "" },
  ".sh": { program: "sh", args: "" },
};

/** What runs it; undefined where it runs by itself. */
function runtimeOf(entry: FileEntry, program: string): Runtime | undefined {
  const start = Buffer.alloc(Math.min(FIRST_LINE_BYTES, entry.size));
  const reader = openContent(entry);
  try {
    if (start.length > 0) reader.read(start, 0, start.length);
  } finally {
    reader.close();
  }
  const line = start.toString("utf8").trim().split(/\r*\n/)[0]!;
  const hashbang = line.startsWith("#!") && !/[^\S \t]/.test(line) ? HASHBANG.exec(line.slice(2).trimStart()) : null;
  if (hashbang !== null) return { program: hashbang[1]!, args: hashbang[2]! };
  return BY_EXTENSION[posix.extname(program).toLowerCase()];
}
