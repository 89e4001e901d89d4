/** Commands that make, copy, move and remove files (coreutils), as root without other processes. */
import {
  baseNameOf,
  displayBytes,
  joinPath,
  parentOf,
  withoutEndSlashes,
  type TreePath,
} from "../../../../core/index.ts";
import { FileSystemError } from "../file-system.ts";
import type { CommandTable, Invocation } from "../world.ts";
import { parseOptions } from "./options.ts";
import { applyMode, groupID, userID } from "./owner.ts";
import { readText } from "./text.ts";

export const FILE_COMMANDS: CommandTable = { install, ln, mkdir, mktemp, rm, rmdir, touch, tee };

/** Runs `work` for each operand; the status is 1 once one fails, as coreutils do it. */
export function eachOperand(
  invocation: Invocation,
  operands: readonly string[],
  work: (operand: string) => void,
): number {
  if (invocation.shell.identity.uid !== 0) return invocation.refuse(`${invocation.name} as another user`);
  if (operands.length === 0) {
    invocation.printError(`${invocation.name}: missing operand\n`);
    return 1;
  }
  let status = 0;
  for (const operand of operands) {
    invocation.world.step();
    try {
      work(operand);
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error;
      invocation.printError(`${invocation.name}: '${operand}': ${error.message}\n`);
      status = 1;
    }
  }
  return status;
}

export function place(invocation: Invocation, path: string, followLast = true): TreePath {
  return invocation.world.files.resolve(path, invocation.shell.directory, followLast);
}

export function isDirectory(invocation: Invocation, path: TreePath): boolean {
  return path === "" || invocation.world.files.get(path)?.type === "directory";
}

function mkdir(invocation: Invocation): number {
  const options = parseOptions(invocation, ["p", "m:", "v", "Z", "parents", "mode:", "verbose"]);
  const { files } = invocation.world;
  const plain = 0o777 & ~invocation.shell.umask;
  const given = options.last("m", "mode");
  const mode = given === undefined ? plain : applyMode(given, 0o777, false, invocation.shell.umask, invocation);
  return eachOperand(invocation, options.operands, (operand) => {
    requireNoDanglingLink(invocation, operand);
    const target = place(invocation, operand);
    const parents = options.has("p", "parents");
    if (parents && isDirectory(invocation, target)) return;
    if (parents) makeParents(invocation, target, plain | 0o300);
    files.makeDirectory(target, mode);
    if (given !== undefined) setMode(invocation, target, mode);
  });
}

/** A link to nothing can be neither made a directory nor gone through. */
function requireNoDanglingLink(invocation: Invocation, operand: string): void {
  const { files } = invocation.world;
  const parts = operand.split("/");
  for (let length = 1; length <= parts.length; length++) {
    const path = parts.slice(0, length).join("/");
    if (path === "" || files.get(place(invocation, path, false))?.type !== "symlink") continue;
    if (files.get(place(invocation, path)) === undefined) throw new FileSystemError("File exists");
  }
}

/** What a slash behind a link does differs from tool to tool. */
export function requireNoSlashedLink(invocation: Invocation, operand: string): void {
  const trimmed = withoutEndSlashes(operand);
  if (trimmed === operand || trimmed === "") return;
  if (invocation.world.files.get(place(invocation, trimmed, false))?.type === "symlink")
    invocation.refuse(`${invocation.name} of a link with a slash behind it`);
}

/** A mode that is asked for replaces what the parent's set-group-id bit gave, but for that bit itself. */
function setMode({ world }: Invocation, path: TreePath, mode: number): void {
  world.files.changeMeta(path, { mode: mode | (world.files.get(path)!.mode & 0o2000) });
}

function makeParents(invocation: Invocation, path: TreePath, mode: number): void {
  const parent = parentOf(path);
  if (isDirectory(invocation, parent)) return;
  makeParents(invocation, parent, mode);
  invocation.world.files.makeDirectory(parent, mode);
}

function install(invocation: Invocation): number {
  const options = parseOptions(invocation, [..."dDpvZT", "m:", "o:", "g:", "directory", "mode:", "owner:", "group:"]);
  const { files } = invocation.world;
  const modeText = options.last("m", "mode");
  const owner = options.last("o", "owner");
  const group = options.last("g", "group");
  const meta = {
    mode: modeText === undefined ? 0o755 : applyMode(modeText, 0, false, 0, invocation),
    ...(owner === undefined ? {} : { uid: userID(owner, invocation) }),
    ...(group === undefined ? {} : { gid: groupID(group, invocation) }),
  };
  if (options.has("d", "directory")) {
    if (options.has("D", "T")) return invocation.refuse("install -d with -D or -T");
    return eachOperand(invocation, options.operands, (operand) => {
      requireNoDanglingLink(invocation, operand);
      const target = place(invocation, operand);
      if (!isDirectory(invocation, target)) {
        makeParents(invocation, target, 0o755);
        files.makeDirectory(target, 0o755);
      }
      files.changeMeta(target, meta);
    });
  }
  const operands = [...options.operands];
  const last = operands.pop();
  if (last === undefined || operands.length === 0) return invocation.refuse("install with such operands");
  const into = !options.has("T") && isDirectory(invocation, place(invocation, last));
  if (operands.length > 1 && !into) return invocation.refuse("install of several files to one");
  return eachOperand(invocation, operands, (operand) => {
    const text = operand === "/dev/null" ? "" : files.read(place(invocation, operand));
    const target = into ? joinPath(place(invocation, last), lastName(operand)) : place(invocation, last, false);
    if (options.has("D") && !into) {
      requireNoDanglingLink(invocation, last.slice(0, last.lastIndexOf("/") + 1));
      makeParents(invocation, target, 0o755);
    }
    if (operand !== "/dev/null" && place(invocation, operand) === target)
      throw new FileSystemError("are the same file");
    if (files.get(target)?.type === "directory") throw new FileSystemError("Is a directory");
    if (files.get(target)) files.remove(target);
    files.write(target, text, 0o600);
    files.changeMeta(target, { uid: 0, gid: 0, ...meta });
  });
}

function touch(invocation: Invocation): number {
  const options = parseOptions(invocation, [
    "c",
    "a",
    "m",
    "h",
    "r:",
    "d:",
    "no-create",
    "no-dereference",
    "reference:",
    "date:",
  ]);
  return eachOperand(invocation, options.operands, (operand) => {
    requireNoSlashedLink(invocation, operand);
    const target = place(invocation, operand, !options.has("h", "no-dereference"));
    if (invocation.world.files.get(target) || target === "" || options.has("c", "no-create")) return;
    if (options.has("h", "no-dereference")) throw new FileSystemError("No such file or directory");
    invocation.world.files.write(target, "", 0o666 & ~invocation.shell.umask);
  });
}

function ln(invocation: Invocation): number {
  const options = parseOptions(invocation, [
    ..."sfnvTr",
    "symbolic",
    "force",
    "no-dereference",
    "no-target-directory",
    "relative",
  ]);
  if (!options.has("s", "symbolic")) return invocation.refuse("a hard link");
  const { files } = invocation.world;
  const operands = [...options.operands];
  const name = operands.length > 1 ? operands.pop()! : undefined;
  const follow = !options.has("n", "no-dereference");
  const into = name === undefined || (!options.has("T") && isDirectory(invocation, place(invocation, name, follow)));
  if (operands.length === 0 || (operands.length > 1 && !into)) return invocation.refuse("ln with such operands");
  return eachOperand(invocation, operands, (target) => {
    const directory = name === undefined ? place(invocation, ".") : place(invocation, name, follow);
    const path = into ? joinPath(directory, lastName(target)) : place(invocation, name!, false);
    if (options.has("f", "force") && files.get(path)) {
      if (isDirectory(invocation, path)) throw new FileSystemError("cannot overwrite directory");
      const isItself = place(invocation, target) === path || files.resolve(target, `/${parentOf(path)}`) === path;
      if (isItself) return invocation.refuse("ln -f of a file to itself");
      files.remove(path);
    }
    const relative = options.has("r", "relative");
    files.makeLink(path, relative ? relativeTarget(place(invocation, target), parentOf(path)) : target);
  });
}

function relativeTarget(target: TreePath, directory: TreePath): string {
  const to = target.split("/");
  const from = directory === "" ? [] : directory.split("/");
  let shared = 0;
  while (shared < from.length && shared < to.length && from[shared] === to[shared]) shared++;
  return [...from.slice(shared).map(() => ".."), ...to.slice(shared)].join("/") || ".";
}

function rm(invocation: Invocation): number {
  const options = parseOptions(invocation, [..."frRvd", "force", "recursive", "verbose"]);
  const { files } = invocation.world;
  const force = options.has("f", "force");
  if (force && options.operands.length === 0) return 0;
  return eachOperand(invocation, options.operands, (operand) => {
    requireNoSlashedLink(invocation, operand);
    const target = place(invocation, withoutEndSlashes(operand) || "/", false);
    const entry = files.get(target);
    if (!entry && force) return;
    if (/(^|\/)\.\.?\/*$/.test(operand)) return invocation.refuse(`rm of ${displayBytes(operand)}`);
    if (entry?.type === "directory" && !target.includes("/"))
      return invocation.refuse(`rm of ${displayBytes(operand)}`);
    if (entry?.type !== "directory") files.remove(target);
    else if (options.has("r", "R", "recursive")) files.removeTree(target);
    else if (options.has("d") && files.list(target).length === 0) files.remove(target);
    else throw new FileSystemError("Is a directory");
  });
}

function rmdir(invocation: Invocation): number {
  const options = parseOptions(invocation, ["p", "v", "parents", "ignore-fail-on-non-empty"]);
  const { files } = invocation.world;
  return eachOperand(invocation, options.operands, (operand) => {
    requireNoSlashedLink(invocation, operand);
    if (/(^|\/)\.\.?(\/|$)/.test(operand)) return invocation.refuse(`rmdir of ${displayBytes(operand)}`);
    const parts = withoutEndSlashes(operand).split("/");
    // With -p each leading part of the path as it is written goes too.
    for (let length = parts.length; length > 0; length--) {
      const path = parts.slice(0, length).join("/");
      if (path === "") return;
      const target = place(invocation, path, false);
      const entry = files.get(target);
      if (entry && entry.type !== "directory") throw new FileSystemError("Not a directory");
      if (entry && files.list(target).length > 0 && options.has("ignore-fail-on-non-empty")) return;
      files.remove(target);
      if (!options.has("p", "parents")) return;
    }
  });
}

/** The name is always the same; a script removes what it made before it ends. */
function mktemp(invocation: Invocation): number {
  const options = parseOptions(invocation, ["d", "t", "q", "u", "p:", "tmpdir", "directory"]);
  if (options.has("u") || options.operands.length > 1) return invocation.refuse("mktemp with such options");
  const { files } = invocation.world;
  const template = options.operands[0] ?? "tmp.XXXXXXXXXX";
  const [last = "", after = ""] = /(?<!X)X+([^X]*)$/.exec(template) ?? [];
  if (after.includes("/") || (options.has("t", "p", "tmpdir") && template.includes("/")))
    return invocation.refuse("mktemp of such a name");
  if (last.length - after.length < 3) {
    invocation.printError(`mktemp: too few X's in template '${template}'\n`);
    return 1;
  }
  const inTemporary = options.operands.length === 0 || options.has("t", "tmpdir", "p");
  for (let attempt = 0; attempt < 1000; attempt++) {
    const name = template.replace(/(?<!X)X+(?=[^X]*$)/, (run) => String(attempt).padStart(run.length, "0"));
    const path = inTemporary ? `${options.last("p") ?? "/tmp"}/${name}` : name;
    const target = place(invocation, path);
    if (files.get(target)) continue;
    if (options.has("d", "directory")) files.makeDirectory(target, 0o700);
    else files.write(target, "", 0o600);
    invocation.print(`${path}\n`);
    return 0;
  }
  return invocation.refuse("mktemp of so many files");
}

function tee(invocation: Invocation): number {
  const options = parseOptions(invocation, ["a"]);
  const text = invocation.readInput();
  invocation.print(text);
  return eachOperand(invocation, options.operands, (operand) => {
    if (operand === "/dev/null") return;
    const before =
      options.has("a") && invocation.world.files.get(place(invocation, operand))
        ? (readText(invocation, operand) ?? "")
        : "";
    invocation.world.files.write(place(invocation, operand), before + text, 0o666 & ~invocation.shell.umask);
  });
}

export function lastName(path: string): string {
  return baseNameOf(withoutEndSlashes(path) as TreePath);
}
