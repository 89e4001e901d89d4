/**
 * `systemd-tmpfiles --create` (tmpfiles.d(5)) as version 252 has it, before the first boot of a machine: lines for the
 * boot are skipped, and so are those that speak of a machine id, since an image has none.
 */
import { type Entry, type TreePath, displayBytes, joinPath, treePath } from "../../../../core/index.ts";
import { FileSystemError } from "../file-system.ts";
import { compilePattern } from "../shell/pattern.ts";
import type { CommandTable, Invocation } from "../world.ts";
import { parseOptions } from "./options.ts";
import { linesOf } from "./text.ts";
import { type TmpfilesItem, parseTmpfilesLine } from "./tmpfiles-line.ts";

export const TMPFILES_COMMANDS: CommandTable = {
  "systemd-tmpfiles"(invocation) {
    const options = parseOptions(invocation, ["create", "root:"]);
    if (!options.has("create") || (options.last("root") ?? "") !== "" || options.operands.length === 0)
      return invocation.refuse("systemd-tmpfiles with such options");
    let status = 0;
    const items: TmpfilesItem[] = [];
    for (const name of options.operands) {
      const lines = configuration(name, invocation);
      if (lines === undefined) {
        invocation.printError(`Failed to open '${name}': No such file or directory\n`);
        return 1;
      }
      for (const line of lines) {
        const item = parseTmpfilesLine(line, invocation);
        if (item === "invalid") status = 65;
        else if (item !== "skipped") items.push(item);
      }
    }
    // What has a pattern comes last, so that it finds what the others made.
    const [plain, patterns] = [items.filter((item) => !isPattern(item)), items.filter(isPattern)];
    for (const item of [...withoutRepeated(plain), ...patterns]) {
      try {
        create(item, invocation);
      } catch (error) {
        if (!(error instanceof FileSystemError)) throw error;
        invocation.printError(`${item.path}: ${error.message}\n`);
        if (!item.mayFail && status === 0) status = 73;
      }
    }
    return status;
  },
};

const DIRECTORIES = ["etc/tmpfiles.d", "run/tmpfiles.d", "usr/local/lib/tmpfiles.d", "usr/lib/tmpfiles.d"];

function configuration(name: string, { world }: Invocation): readonly string[] | undefined {
  const places = name.startsWith("/") ? [name] : DIRECTORIES.map((directory) => `/${directory}/${name}`);
  for (const place of places) {
    const entry = world.files.find(place, "/");
    if (entry?.type === "file") return linesOf(world.files.read(entry.path));
  }
  return undefined;
}

function isPattern({ type }: TmpfilesItem): boolean {
  return "wezZmaAhHtT".includes(type);
}

/** Of several lines that make one path, the first counts. */
function withoutRepeated(items: readonly TmpfilesItem[]): readonly TmpfilesItem[] {
  return items.filter((item, index) => items.findIndex(({ path }) => path === item.path) === index);
}

function create(item: TmpfilesItem, invocation: Invocation): void {
  switch (item.type) {
    case "d":
    case "D":
    case "v":
    case "q":
    case "Q":
      return makeDirectory(item, invocation);
    case "f":
      return makeFile(item, invocation);
    case "L":
      return makeLink(item, invocation);
    case "C":
      if (exists(item.argument ?? `/usr/share/factory${item.path}`, invocation))
        invocation.refuse("systemd-tmpfiles with a file to copy");
      return;
    case "e":
    case "m":
    case "z":
    case "Z":
      for (const entry of matching(item, invocation)) {
        if (item.type === "e" && entry.type !== "directory") continue;
        const inside = item.type === "Z" ? invocation.world.files.below(entry.path) : [];
        for (const each of [entry, ...inside])
          if (each.type !== "symlink") setOwner(each.path, item, false, invocation);
      }
      return;
    case "a":
    case "A":
    case "h":
    case "H":
    case "t":
    case "T":
      if (matching(item, invocation).length > 0) {
        const what = item.type.toLowerCase() === "a" ? "access control lists" : "attributes";
        invocation.world.note("left-out", `systemd-tmpfiles: ${what} of ${item.path} belong to the host's file system`);
      }
      return;
    default:
      if (item.type === "w" && matching(item, invocation).length === 0) return;
      invocation.refuse(`systemd-tmpfiles with a line of the type ${displayBytes(item.type)}`);
  }
}

function makeDirectory(item: TmpfilesItem, invocation: Invocation): void {
  const { files } = invocation.world;
  const path = placeOf(item.path, invocation);
  const there = files.get(path);
  if (there && there.type !== "directory") throw new FileSystemError("Not a directory");
  if (!there) files.makeDirectory(path, item.mode ?? 0o755);
  setOwner(path, item, !there, invocation);
}

function makeFile(item: TmpfilesItem, invocation: Invocation): void {
  const { files } = invocation.world;
  const path = placeOf(item.path, invocation);
  const there = files.get(path);
  if (there && there.type !== "file") throw new FileSystemError("not a regular file");
  if (!there || item.anew) files.write(path, unescaped(item.argument ?? "", invocation), item.mode ?? 0o644);
  setOwner(path, item, !there, invocation);
}

function makeLink(item: TmpfilesItem, invocation: Invocation): void {
  const { files } = invocation.world;
  if (item.user !== undefined || item.group !== undefined) invocation.refuse("systemd-tmpfiles with a link's owner");
  const path = placeOf(item.path, invocation);
  const target = item.argument ?? `/usr/share/factory${item.path}`;
  const there = files.get(path);
  if (there && (!item.anew || (there.type === "symlink" && there.target === target))) return;
  if (there) files.removeTree(path);
  files.makeLink(path, target);
}

/** The place of a path, with the directories on the way made. A link may lead there, but not from a user's directory. */
function placeOf(path: string, { world }: Invocation): TreePath {
  const { files } = world;
  const slash = path.lastIndexOf("/");
  let directory = treePath("");
  let owner = 0;
  for (const name of path.slice(0, slash).split("/")) {
    if (name === "") continue;
    directory = files.resolve(`/${joinPath(directory, name)}`, "/");
    if (directory === "") continue;
    if (files.get(directory) === undefined) files.makeDirectory(directory, 0o755);
    const entry = files.get(directory)!;
    if (entry.type !== "directory") throw new FileSystemError("Not a directory");
    if (owner !== 0 && entry.uid !== owner) throw new FileSystemError("Detected unsafe path transition");
    owner = entry.uid;
  }
  return joinPath(directory, path.slice(slash + 1));
}

function setOwner(path: TreePath, item: TmpfilesItem, isNew: boolean, { world }: Invocation): void {
  const { files } = world;
  const entry = files.get(path)!;
  const applies = (onlyNew: boolean) => isNew || !onlyNew;
  const uid = item.user !== undefined && applies(item.user.onlyNew) ? item.user.id : entry.uid;
  const gid = item.group !== undefined && applies(item.group.onlyNew) ? item.group.id : entry.gid;
  let mode = entry.mode;
  if (item.mode !== undefined && applies(item.modeOnlyNew)) {
    mode = item.masked ? maskedMode(item.mode, entry) : item.mode;
  }
  if (uid !== entry.uid || gid !== entry.gid || mode !== entry.mode) files.changeMeta(path, { uid, gid, mode });
}

/** `~`: bits that the entry has not for anybody are not given, nor set-id bits to files. */
function maskedMode(mode: number, entry: Entry): number {
  let masked = mode;
  if ((entry.mode & 0o111) === 0) masked &= ~0o111;
  if ((entry.mode & 0o222) === 0) masked &= ~0o222;
  if ((entry.mode & 0o444) === 0) masked &= ~0o444;
  return entry.type === "directory" ? masked : masked & ~0o7000;
}

function matching({ path }: TmpfilesItem, { world }: Invocation): readonly Entry[] {
  const { files } = world;
  if (!/[*?[]/.test(path)) {
    const entry = files.get(files.resolve(path, "/", false));
    return entry ? [entry] : [];
  }
  let places: TreePath[] = [treePath("")];
  for (const name of path.split("/").filter((part) => part !== "")) {
    const test = compilePattern(name);
    places = places.flatMap((place) =>
      files
        .list(place === "" ? place : files.resolve(`/${place}`, "/"))
        .filter((child) => test(child) && (name.startsWith(".") || !child.startsWith(".")))
        .map((child) => joinPath(place === "" ? place : files.resolve(`/${place}`, "/"), child)),
    );
  }
  return places.flatMap((place) => files.get(place) ?? []);
}

function exists(path: string, { world }: Invocation): boolean {
  return world.files.find(path, "/") !== undefined;
}

function unescaped(text: string, invocation: Invocation): string {
  return text.replace(/\\(.?)/g, (_match, char: string) => {
    const known: Readonly<Record<string, string>> = {
      n: "\n",
      t: "\t",
      r: "\r",
      "\\": "\\",
      '"': '"',
      "'": "'",
      s: " ",
    };
    return known[char] ?? invocation.refuse(`systemd-tmpfiles with \\${displayBytes(char)}`);
  });
}
