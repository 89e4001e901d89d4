/** Commands that change owners and modes, and those that ask about files. */
import { type Entry, ROOT, type TreePath, displayBytes } from "../../../../core/index.ts";
import { FileSystemError } from "../file-system.ts";
import type { CommandTable, Invocation } from "../world.ts";
import { eachOperand } from "./files.ts";
import { type ParsedOptions, parseOptions } from "./options.ts";
import { applyMode, groupID, parseOwner } from "./owner.ts";
import { printLine } from "./text.ts";

export const FILE_FACT_COMMANDS: CommandTable = {
  chown(invocation) {
    const options = parseOptions(invocation, OWNER_OPTIONS);
    const model = referenceOf(invocation, options);
    if (model) return changeOwner(invocation, options, options.operands, { uid: model.uid, gid: model.gid });
    const [owner, ...paths] = options.operands;
    return changeOwner(invocation, options, paths, parseOwner(owner ?? "", invocation));
  },
  chgrp(invocation) {
    const options = parseOptions(invocation, OWNER_OPTIONS);
    const model = referenceOf(invocation, options);
    if (model) return changeOwner(invocation, options, options.operands, { gid: model.gid });
    const [group, ...paths] = options.operands;
    return changeOwner(invocation, options, paths, { gid: groupID(group ?? "", invocation) });
  },
  chmod(invocation) {
    // `-x` and the like are modes, not options.
    const args = invocation.args.map((arg) => (/^-[rwxXst]+$/.test(arg) ? `a${arg}` : arg));
    const options = parseOptions(invocation, [..."Rfvc", "recursive", "silent", "quiet", "reference:"], { args });
    const { files } = invocation.world;
    const model = referenceOf(invocation, options);
    const [mode, ...paths] = model ? [model.mode.toString(8).padStart(5, "0"), ...options.operands] : options.operands;
    if (mode === undefined) return invocation.refuse("chmod without a mode");
    const change = (path: TreePath, entry: Entry) => {
      const isDirectory = entry.type === "directory";
      files.changeMeta(path, { mode: applyMode(mode, entry.mode, isDirectory, invocation.shell.umask, invocation) });
    };
    return eachOperand(invocation, paths, (operand) => {
      const path = files.resolve(operand, invocation.shell.directory);
      const entry = files.get(path);
      if (!entry) throw new FileSystemError("No such file or directory");
      const inside = options.has("R", "recursive") ? files.below(path) : [];
      change(path, entry);
      for (const child of inside) if (child.type !== "symlink") change(child.path, child);
    });
  },
  readlink(invocation) {
    const options = parseOptions(invocation, [..."femnqsv", "canonicalize", "canonicalize-existing", "no-newline"]);
    const [path] = options.operands;
    if (path === undefined || options.operands.length > 1) return invocation.refuse("readlink with such operands");
    const how = ["f", "e", "m", "canonicalize", "canonicalize-existing"].filter((option) => options.has(option));
    if (how.length > 1 || (how.length > 0 && options.has("n", "no-newline")))
      return invocation.refuse("readlink with such options");
    if (how.length > 0) return printPath(invocation, path, options.has("e", "canonicalize-existing"), options.has("m"));
    const { files } = invocation.world;
    const entry = path === "" ? undefined : files.get(files.resolve(path, invocation.shell.directory, false));
    if (entry?.type !== "symlink") return 1;
    invocation.print(entry.target + (options.has("n", "no-newline") ? "" : "\n"));
    return 0;
  },
  realpath(invocation) {
    const options = parseOptions(invocation, [..."emsqzLP", "strip", "no-symlinks", "canonicalize-missing"]);
    const [path] = options.operands;
    if (path === undefined || options.operands.length > 1) return invocation.refuse("realpath with such operands");
    const strips = options.has("s", "strip", "no-symlinks");
    if (options.has("e") && options.has("m", "canonicalize-missing")) return invocation.refuse("realpath -e -m");
    if (strips && options.has("e")) return invocation.refuse("realpath -s -e");
    if (!strips) return printPath(invocation, path, options.has("e"), options.has("m", "canonicalize-missing"));
    const kept: string[] = [];
    for (const component of (path.startsWith("/") ? path : `${invocation.shell.directory}/${path}`).split("/")) {
      if (component === "..") kept.pop();
      else if (component !== "" && component !== ".") kept.push(component);
    }
    return printLine(invocation, `/${kept.join("/")}`);
  },
  "dpkg-realpath"(invocation) {
    const options = parseOptions(invocation, ["root:", "z", "zero"]);
    const [path, ...more] = options.operands;
    const { shell } = invocation;
    const { files } = invocation.world;
    // It goes through links as the kernel does only within its root, and through what is not there in its own way.
    if (path === undefined || more.length > 0 || !["", "/"].includes(options.last("root") ?? "")) {
      return invocation.refuse("dpkg-realpath in another root");
    }
    const entry = files.find(path, shell.directory);
    if (!entry && files.resolve(path, shell.directory) !== "")
      return invocation.refuse(`dpkg-realpath of "${path}", which is not there`);
    invocation.print(`/${files.resolve(path, shell.directory)}${options.has("z", "zero") ? "\0" : "\n"}`);
    return 0;
  },
  stat(invocation) {
    const options = parseOptions(invocation, ["L", "c:", "format:", "printf:", "dereference"]);
    const format = options.last("c", "format");
    if (format === undefined) return invocation.refuse("stat without -c");
    const { files } = invocation.world;
    return eachOperand(invocation, options.operands, (operand) => {
      const path = files.resolve(operand, invocation.shell.directory, options.has("L", "dereference"));
      const entry = files.get(path);
      if (!entry) throw new FileSystemError("No such file or directory");
      printLine(
        invocation,
        format.replace(/%(.)/g, (_match, letter: string) => fact(letter, entry, operand, invocation)),
      );
    });
  },
  ls(invocation) {
    const options = parseOptions(invocation, ["L", "1", "d", "A", "a", "l", "n", "v"]);
    // Versions have an order of their own.
    if (options.has("v") && options.operands.length > 1) return invocation.refuse("ls -v of several files");
    if (options.has("n")) return listNumbers(invocation, options);
    if (options.has("a", "l") || (options.operands.length !== 1 && !options.has("d")))
      return invocation.refuse("ls with such operands");
    const { files } = invocation.world;
    return eachOperand(invocation, options.operands, (operand) => {
      const path = files.resolve(operand, invocation.shell.directory, !options.has("d"));
      if (path === ROOT) return invocation.refuse("ls of /");
      const entry = files.get(path);
      if (!entry) throw new FileSystemError("No such file or directory");
      if (entry.type !== "directory" || options.has("d")) printLine(invocation, operand);
      else if (options.has("v")) invocation.refuse("ls -v of a directory");
      else
        for (const name of files.list(path)) if (options.has("A") || !name.startsWith(".")) printLine(invocation, name);
    }) === 0
      ? 0
      : 2;
  },
  mountpoint(invocation) {
    const { operands } = parseOptions(invocation, ["q", "quiet"]);
    // What an installation always has; everything else is part of the tree.
    return /^\/(proc|sys|dev)?\/?$/.test(operands[0] ?? "") ? 0 : 32;
  },
};

/** `ls -n` of files: owners as numbers, the time that all of an image has. */
function listNumbers(invocation: Invocation, { operands }: ParsedOptions): number {
  const { files } = invocation.world;
  const lines = eachOperand(invocation, operands, (operand) => {
    const entry = files.get(files.resolve(operand, invocation.shell.directory, false));
    if (!entry) throw new FileSystemError("No such file or directory");
    if (entry.type !== "file" || operands.length !== 1) return invocation.refuse("ls -n of more than a file");
    const { mode, uid, gid, size } = entry;
    const letters = [..."rwxrwxrwx"].map((letter, bit) => ((mode >> (8 - bit)) & 1 ? letter : "-")).join("");
    if (mode > 0o777) return invocation.refuse("ls -n of a set-id file");
    printLine(invocation, `-${letters} 1 ${uid} ${gid} ${size} Jan  1  1970 ${operand}`);
  });
  return lines === 0 ? 0 : 2;
}

const OWNER_OPTIONS = [..."RhfvcHLP", "recursive", "no-dereference", "silent", "quiet", "reference:"];

/** `--reference=FILE`: whose owner or mode is taken. */
function referenceOf({ world, shell }: Invocation, options: ParsedOptions): Entry | undefined {
  const path = options.last("reference");
  if (path === undefined) return undefined;
  const entry = world.files.find(path, shell.directory);
  if (!entry) throw new FileSystemError("failed to get attributes of the reference file");
  return entry;
}

/** As Linux does it: a file loses its set-id bits with a new owner, the one for the group where that may execute it. */
function changeOwner(
  invocation: Invocation,
  options: ParsedOptions,
  paths: readonly string[],
  meta: { readonly uid?: number; readonly gid?: number },
): number {
  const { files } = invocation.world;
  const change = (path: TreePath, entry: Entry) => {
    const isFile = entry.type === "file" || entry.type === "hardlink";
    const cleared = isFile ? 0o4000 | ((entry.mode & 0o010) !== 0 ? 0o2000 : 0) : 0;
    files.changeMeta(path, { ...meta, mode: entry.mode & ~cleared });
  };
  const recursive = options.has("R", "recursive");
  const ownLinks = options.has("h", "no-dereference");
  // Of -H, -L and -P the last one counts, which the parsed options do not tell.
  const walks = ["H", "L", "P"].filter((option) => options.has(option));
  if (recursive && (walks.length > 1 || walks[0] === "L" || (walks[0] === "H" && ownLinks)))
    return invocation.refuse(`${invocation.name} -R with such options`);
  // By default a recursive change follows no links, not even the named ones.
  const follow = recursive ? walks[0] === "H" : !ownLinks;
  return eachOperand(invocation, paths, (operand) => {
    const path = files.resolve(operand, invocation.shell.directory, follow);
    const entry = files.get(path);
    if (path === "") return invocation.refuse(`${invocation.name} of /`);
    if (!entry) throw new FileSystemError("No such file or directory");
    const inside = recursive && entry.type === "directory" ? files.below(path) : [];
    if (follow && !ownLinks && inside.some(({ type }) => type === "symlink"))
      return invocation.refuse(`${invocation.name} -R -H over links`);
    change(path, entry);
    for (const child of inside) change(child.path, child);
  });
}

function printPath(invocation: Invocation, path: string, mustExist: boolean, mayMiss: boolean): number {
  const { files } = invocation.world;
  if (path === "") return 1;
  const place = files.resolve(path, invocation.shell.directory);
  const slash = place.lastIndexOf("/");
  const parent = slash < 0 ? "" : place.slice(0, slash);
  if (mustExist && place !== "" && !files.get(place)) return 1;
  if (!mayMiss && parent !== "" && files.get(parent as TreePath)?.type !== "directory") return 1;
  return printLine(invocation, `/${place}`);
}

function fact(letter: string, entry: Entry, operand: string, invocation: Invocation): string {
  const { accounts } = invocation.world;
  switch (letter) {
    case "a":
      return entry.mode.toString(8);
    case "u":
      return String(entry.uid);
    case "g":
      return String(entry.gid);
    case "U":
      return accounts.users().find((user) => user.uid === entry.uid)?.name ?? "UNKNOWN";
    case "G":
      return accounts.groups().find((group) => group.gid === entry.gid)?.name ?? "UNKNOWN";
    case "n":
      return operand;
    case "s":
      return entry.type === "file" ? String(entry.size) : invocation.refuse("stat %s of no plain file");
    case "%":
      return "%";
    default:
      return invocation.refuse(`stat %${displayBytes(letter)}`);
  }
}
