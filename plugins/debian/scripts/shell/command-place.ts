/** Where a command's name leads: to a file of the tree, or to one that every Debian system has besides. */
import { displayBytes } from "../../../../core/index.ts";
import { essentialCommand, isOfMinimalSystem } from "../essential-commands.ts";
import type { ScriptPackage, World } from "../world.ts";
import { NotCovered, type Shell } from "./state.ts";

type Setting = { readonly shell: Shell; readonly world: World };

/** Where PATH leads; a name with a slash leads to itself. Undefined where there is no such program. */
export function findCommand(name: string, { shell, world }: Setting): string | undefined {
  const places = placesOf(name, shell);
  const found = places.find((path) => isExecutable(path, shell, world));
  if (found !== undefined) return found;
  // Nothing else is meant by the path of something that is there.
  if (name.includes("/") && world.files.find(name, shell.directory) !== undefined) return undefined;
  const assumed = places.find((path) => isEssentialPlace(path, world));
  if (assumed !== undefined) return assumed;
  if (mayBeThere(name, world)) throw new NotCovered(`whether ${displayBytes(name)} is there is not known`);
  return undefined;
}

export interface Failure {
  readonly status: 126 | 127;
  /** As the shell words it, with the name it gives to what it could not run. */
  readonly message: string;
}

/** How a shell fails to run what `findCommand` does not find: where PATH leads to what is no program, dash says 127 too. */
export function failureToFind(name: string, { shell, world }: Setting): Failure {
  const isBash = shell.source.dialect === "bash";
  const found = placesOf(name, shell).flatMap((path) => {
    const entry = world.files.find(path, shell.directory);
    return entry === undefined ? [] : [{ path, isFile: entry.type === "file" }];
  });
  const file = found.find(({ isFile }) => isFile);
  if (name.includes("/")) {
    if (found.length === 0)
      return { status: 127, message: `${name}: ${isBash ? "No such file or directory" : "not found"}` };
    return { status: 126, message: `${name}: ${isBash && !file ? "Is a directory" : "Permission denied"}` };
  }
  if (!isBash) return { status: 127, message: `${name}: ${found.length === 0 ? "not found" : "Permission denied"}` };
  return file
    ? { status: 126, message: `${file.path}: Permission denied` }
    : { status: 127, message: `${name}: command not found` };
}

function placesOf(name: string, shell: Shell): readonly string[] {
  if (name.includes("/")) return [name];
  return (shell.variables.get("PATH") ?? "").split(":").map((directory) => `${directory || "."}/${name}`);
}

function isExecutable(path: string, shell: Shell, world: World): boolean {
  const entry = world.files.find(path, shell.directory);
  return entry?.type === "file" && (entry.mode & 0o111) !== 0;
}

/** Folders that hold programs of essential packages, and those of the kernel. */
const HELPERS = /^\/(usr\/)?(lib\/(init|udev|dpkg)|libexec\/dpkg|share\/debconf|dev|proc|sys)\//;

/** A path below /usr/bin or /usr/sbin that every Debian system has, whatever the image holds. */
export function isEssentialPlace(path: string, world: World): boolean {
  const [, directory, name] = /^(?:\/usr)?\/(s?bin)\/([^/]+)$/.exec(path) ?? [];
  return name !== undefined && assumedCommand(name, world) === `/usr/${directory}/${name}`;
}

/**
 * Where the minimal system itself is in the image, and there before all else, its tree says what is there, and nothing
 * has to be assumed.
 */
function assumedCommand(name: string, { packages, release }: World): string | undefined {
  const place = essentialCommand(name, release);
  if (place === undefined) return undefined;
  const isFirst = ({ turn }: ScriptPackage) => (turn?.unpacked ?? 0) === 0;
  const isWhole = MINIMAL_SYSTEM.every((each) => packages.some((item) => item.name === each && isFirst(item)));
  return isWhole ? undefined : place;
}

/** The packages that are essential in each release. */
const MINIMAL_SYSTEM =
  "base-files base-passwd bash bsdutils coreutils dash debianutils diffutils dpkg findutils grep gzip hostname init-system-helpers libc-bin ncurses-base ncurses-bin perl-base sed sysvinit-utils tar util-linux".split(
    " ",
  );

/** A helper of an essential package, made by a script that was left out, or part of minimal systems without being essential. */
function mayBeThere(name: string, world: World): boolean {
  if (HELPERS.test(name)) return true;
  const base = name.slice(name.lastIndexOf("/") + 1);
  return isOfMinimalSystem(base, world.release) || world.leftOut.mayMakeCommand(base);
}
