/** Where a command's name leads: to a file of the tree, or to one that every Debian system has besides. */
import { displayBytes } from "../../../../core/index.ts";
import { essentialCommand, isOfMinimalSystem } from "../essential-commands.ts";
import type { World } from "../world.ts";
import { NotCovered, type Shell } from "./state.ts";

type Setting = { readonly shell: Shell; readonly world: World };

/** Where PATH leads; a name with a slash leads to itself. */
export function findCommand(name: string, { shell, world }: Setting): string | undefined {
  const found = placesOf(name, shell).find((path) => isExecutable(path, shell, world));
  if (found !== undefined) return found;
  const place = name.includes("/") ? name : assumedCommand(name, world);
  if (place !== undefined && isEssentialPlace(place, world)) return place;
  if (mayBeThere(name, world)) throw new NotCovered(`whether ${displayBytes(name)} is there is not known`);
  return undefined;
}

/** Where PATH leads in the tree. */
export function placeInTree(name: string, { shell, world }: Setting): string | undefined {
  return placesOf(name, shell).find((path) => isExecutable(path, shell, world));
}

function placesOf(name: string, shell: Shell): readonly string[] {
  if (name.includes("/")) return [name];
  return (shell.variables.get("PATH") ?? "").split(":").map((directory) => `${directory}/${name}`);
}

export function isExecutable(path: string, shell: Shell, world: World): boolean {
  const entry = world.files.find(path, shell.directory);
  return entry?.type === "file" && (entry.mode & 0o111) !== 0;
}

/** Neither the image nor any Debian system has it: a shell says "not found". */
export function isAbsent(name: string, { shell, world }: Setting): boolean {
  if (placesOf(name, shell).some((path) => world.files.find(path, shell.directory) !== undefined)) return false;
  if (HELPERS.test(name)) return false;
  const [, base] = /^(?:\/usr)?\/s?bin\/([^/]+)$/.exec(name) ?? [undefined, name];
  return assumedCommand(base!, world) === undefined && !mayBeThere(name, world);
}

/** All that the name leads to may not be executed. */
export function isNoProgram(name: string, { shell, world }: Setting): boolean {
  const found = placesOf(name, shell).flatMap((path) => world.files.find(path, shell.directory) ?? []);
  return found.length > 0 && found.every(({ type, mode }) => type === "file" && (mode & 0o111) === 0);
}

/** Folders that hold programs of essential packages, and those of the kernel. */
const HELPERS = /^\/(usr\/)?(lib\/(init|udev|dpkg)|libexec\/dpkg|share\/debconf|dev|proc|sys)\//;

/** A path below /usr/bin or /usr/sbin that every Debian system has, whatever the image holds. */
export function isEssentialPlace(path: string, world: World): boolean {
  const [, directory, name] = /^(?:\/usr)?\/(s?bin)\/([^/]+)$/.exec(path) ?? [];
  return name !== undefined && assumedCommand(name, world) === `/usr/${directory}/${name}`;
}

/** Where the minimal system itself is in the image, its tree says what is there, and nothing else has to be assumed. */
function assumedCommand(name: string, { packages, release }: World): string | undefined {
  const isWhole = MINIMAL_SYSTEM.every((each) => packages.some((item) => item.name === each));
  return isWhole ? undefined : essentialCommand(name, release);
}

const MINIMAL_SYSTEM = ["base-files", "bash", "coreutils", "dash", "debianutils", "dpkg", "grep", "sed", "util-linux"];

/** Made by a script that was left out, or part of minimal systems without being essential. */
function mayBeThere(name: string, world: World): boolean {
  const base = name.slice(name.lastIndexOf("/") + 1);
  return isOfMinimalSystem(base, world.release) || world.leftOut.mayMakeCommand(base);
}
