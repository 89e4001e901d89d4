/** cp(1) and mv(1): bytes are never read, only pointed to. */
import { joinPath, parentOf, withoutEndSlashes, type Entry, type TreePath } from "../../../../core/index.ts";
import { FileSystemError } from "../file-system.ts";
import type { CommandTable, Invocation } from "../world.ts";
import { eachOperand, isDirectory, lastName, place, requireNoSlashedLink } from "./files.ts";
import { parseOptions } from "./options.ts";

export const COPY_COMMANDS: CommandTable = { cp, mv };

function cp(invocation: Invocation): number {
  const options = parseOptions(invocation, [
    ..."aprRfdnuvTPLZ",
    "archive",
    "recursive",
    "force",
    "no-clobber",
    "preserve:",
    "remove-destination",
  ]);
  if (options.has("u")) return invocation.refuse("cp -u: times are not those of an installation");
  const archive = options.has("a", "archive");
  const preserved = options.last("preserve");
  if (preserved !== undefined && !/^(all|mode,ownership,timestamps)$/.test(preserved))
    return invocation.refuse("cp --preserve");
  const how = {
    keep: archive || options.has("p") || preserved !== undefined,
    recursive: archive || options.has("r", "R", "recursive"),
    links: archive || options.has("d", "P"),
    replace: !options.has("n", "no-clobber"),
    unlink: options.has("remove-destination"),
  };
  const { files } = invocation.world;
  return transfer(invocation, options.operands, options.has("T"), (source, target, followed) => {
    const isFolder = files.get(followed)?.type === "directory";
    if (isFolder && (target === source || target.startsWith(`${followed}/`)))
      return invocation.refuse("cp of a directory into itself");
    if (files.get(target)) {
      const end = files.resolve(`/${target}`, "/");
      if (end === followed || source === target) return invocation.refuse("cp of a file to itself");
      if (files.get(end) === undefined) return invocation.refuse("cp over a dangling link");
    }
    copyEntry(invocation, source, followed, target, how);
  });
}

interface CopyRules {
  readonly keep: boolean;
  readonly recursive: boolean;
  readonly links: boolean;
  readonly replace: boolean;
  readonly unlink: boolean;
}

function copyEntry(
  invocation: Invocation,
  named: TreePath,
  followed: TreePath,
  target: TreePath,
  how: CopyRules,
): void {
  const { files } = invocation.world;
  const link = files.get(named);
  const source = how.links || (how.recursive && link?.type === "symlink") ? named : followed;
  const entry = files.get(source);
  if (!entry) throw new FileSystemError("No such file or directory");
  const there = files.get(target);
  if (entry.type === "directory") {
    if (!how.recursive) throw new FileSystemError("-r not specified; omitting directory");
    if (target === source || target.startsWith(`${source}/`))
      throw new FileSystemError("cannot copy a directory into itself");
    const parent = files.get(parentOf(target));
    if (!there && how.keep && parent && (parent.mode & 0o2000) !== 0)
      return invocation.refuse("cp that preserves, into a set-group-id directory");
    if (!there) files.makeDirectory(target, entry.mode & ~invocation.shell.umask & 0o777);
    else if (there.type !== "directory") throw new FileSystemError("cannot overwrite non-directory");
    for (const name of files.list(source)) {
      invocation.world.step();
      const child = joinPath(source, name);
      copyEntry(invocation, child, child, joinPath(target, name), how);
    }
  } else if (entry.type === "symlink") {
    if (there && !how.replace) return;
    if (there?.type === "directory") throw new FileSystemError("cannot overwrite directory with non-directory");
    if (there) files.remove(target);
    files.makeLink(target, entry.target);
  } else if (entry.type === "file" || entry.type === "hardlink") {
    if (there && !how.replace) return;
    if (there && how.unlink) files.remove(target);
    const place = there?.type === "symlink" && !how.unlink ? files.resolve(`/${target}`, "/") : target;
    copyFile(invocation, source, place);
    if (how.keep) keepMeta(invocation, source, place);
    return;
  } else throw new FileSystemError("Operation not permitted");
  if (how.keep) keepMeta(invocation, source, target);
}

/** The bytes are not read, only pointed to: files may be large. */
function copyFile({ world, shell }: Invocation, source: TreePath, target: TreePath): void {
  const { files } = world;
  const named = files.get(source)!;
  const entry = named.type === "hardlink" ? files.get(named.target)! : named;
  if (entry.type !== "file") throw new FileSystemError("Operation not permitted");
  files.write(target, "", entry.mode & 0o777 & ~shell.umask);
  const made = files.get(target)!;
  const first = made.type === "hardlink" ? files.get(made.target)! : made;
  files.put({ ...first, type: "file", size: entry.size, content: entry.content } as Entry);
}

function keepMeta({ world }: Invocation, source: TreePath, target: TreePath): void {
  const from = world.files.get(source)!;
  const { mode, uid, gid, mtime } = from;
  world.files.put({ ...world.files.get(target)!, mode, uid, gid, mtime } as Entry);
}

function mv(invocation: Invocation): number {
  const options = parseOptions(invocation, [..."fnvTZ", "force", "no-clobber", "verbose"]);
  const { files } = invocation.world;
  return transfer(invocation, options.operands, options.has("T"), (source, target) => {
    if (files.get(target) && options.has("n", "no-clobber")) return;
    const isSame = files.get(target) && files.resolve(`/${source}`, "/") === files.resolve(`/${target}`, "/");
    if (isSame) return source === target ? fail("are the same file") : invocation.refuse("mv of a file to itself");
    files.rename(source, target);
  });
}

/** `SOURCE… TARGET`, where an existing directory takes the sources in. */
function transfer(
  invocation: Invocation,
  all: readonly string[],
  noTarget: boolean,
  work: (source: TreePath, target: TreePath, followed: TreePath) => void,
): number {
  const operands = [...all];
  const last = operands.pop();
  if (last === undefined || operands.length === 0) return invocation.refuse(`${invocation.name} with such operands`);
  requireNoSlashedLink(invocation, last);
  const into = !noTarget && isDirectory(invocation, place(invocation, last));
  if (operands.length > 1 && !into) return invocation.refuse(`${invocation.name} of several files to one`);
  return eachOperand(invocation, operands, (operand) => {
    requireNoSlashedLink(invocation, operand);
    const source = place(invocation, withoutEndSlashes(operand) || "/", false);
    const target = into ? joinPath(place(invocation, last), lastName(operand)) : place(invocation, last, false);
    work(source, target, place(invocation, operand));
  });
}

function fail(message: string): never {
  throw new FileSystemError(message);
}
