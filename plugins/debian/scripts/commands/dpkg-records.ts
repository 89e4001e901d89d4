/** Overrides of owners and modes, and diversions: dpkg's records of what administrators and packages want otherwise. */
import { type TreePath, treePath } from "../../../../core/index.ts";
import { compilePattern } from "../shell/pattern.ts";
import { inDpkgOrder } from "../record-order.ts";
import type { FileSystem } from "../file-system.ts";
import type { CommandTable, Invocation } from "../world.ts";
import { makeDirectories } from "./alternatives.ts";
import { type ParsedOptions, parseOptions } from "./options.ts";
import { applyMode, parseOwner } from "./owner.ts";
import { linesOf, printLine, printLines } from "./text.ts";

export const DPKG_RECORD_COMMANDS: CommandTable = {
  "dpkg-statoverride": statOverride,
  "dpkg-divert": divert,
};

const OVERRIDES = treePath("var/lib/dpkg/statoverride");

function statOverride(invocation: Invocation): number {
  const options = parseOptions(invocation, [
    "update",
    "force",
    "force-all",
    "force-statoverride-add",
    "quiet",
    "add",
    "list",
    "remove",
  ]);
  const { files } = invocation.world;
  const lines = recordLines(files, OVERRIDES);
  const pathOf = (line: string) => line.split(" ").slice(3).join(" ");
  if (options.has("list")) {
    const test = compilePattern((options.operands[0] ?? "*").replace(/(?<=^\/|[^/])\/+$/, ""));
    const found = lines.filter((line) => test(pathOf(line)));
    printLines(invocation, found);
    return found.length > 0 ? 0 : 1;
  }
  if (options.has("remove")) {
    const { operands } = options;
    if (operands.length !== 1) return 2;
    const path = operands[0]!.replace(/(?<=^\/|[^/])\/+$/, "");
    const kept = lines.filter((line) => pathOf(line) !== path);
    if (kept.length === lines.length) return options.has("force", "force-all") ? 0 : 2;
    files.write(OVERRIDES, textOf(kept), 0o644);
    return 0;
  }
  const [user, group, mode, path] = options.operands;
  if (!options.has("add") || path === undefined || options.operands.length !== 4)
    return invocation.refuse("dpkg-statoverride with such options");
  if (lines.some((line) => pathOf(line) === path)) {
    return options.has("force", "force-all", "force-statoverride-add") ? invocation.refuse("a forced override") : 2;
  }
  const owner = parseOwner(`${user}:${group}`, invocation);
  const bits = applyMode(mode!, 0, false, 0, invocation);
  makeDirectories(invocation, treePath("var/lib/dpkg"));
  const all = inDpkgOrder([...lines, `${user} ${group} ${bits.toString(8)} ${path}`], pathOf, invocation);
  files.write(OVERRIDES, textOf(all), 0o644);
  const place = files.resolve(path, "/", false);
  if (options.has("update") && files.get(place)) files.changeMeta(place, { ...owner, mode: bits });
  return 0;
}

const DIVERSIONS = treePath("var/lib/dpkg/diversions");

/** Each as its three lines: from where, where to, and by whom. */
export function diversionsIn(files: FileSystem): readonly (readonly string[])[] {
  const lines = recordLines(files, DIVERSIONS);
  return Array.from({ length: Math.floor(lines.length / 3) }, (_item, index) => lines.slice(index * 3, index * 3 + 3));
}

function divert(invocation: Invocation): number {
  const options = parseOptions(invocation, [
    "add",
    "rename",
    "no-rename",
    "quiet",
    "local",
    "package:",
    "divert:",
    "list",
    "truename",
    "remove",
    "listpackage",
    "force-all",
  ]);
  const { files } = invocation.world;
  const diversions = diversionsIn(files);
  if (options.has("list")) {
    const test = compilePattern(options.operands[0] ?? "*");
    for (const [from, to, by] of diversions) {
      if (test(from!))
        printLine(
          invocation,
          by === ":" ? `local diversion of ${from} to ${to}` : `diversion of ${from} to ${to} by ${by}`,
        );
    }
    return 0;
  }
  const [from] = options.operands;
  if (from === undefined || options.operands.length > 1) return invocation.refuse("dpkg-divert with such options");
  const there = diversions.find(([path]) => path === from);
  if (options.has("truename")) return printLine(invocation, there?.[1] ?? from);
  if (options.has("listpackage")) {
    if (there === undefined) return 0;
    return printLine(invocation, there[2] === ":" ? "LOCAL" : there[2]!);
  }
  if (options.has("remove")) {
    if (there === undefined) return 0;
    if (!isMeant(there, options)) return 2;
    if (options.has("rename")) return invocation.refuse("dpkg-divert --rename --remove");
    const kept = diversions.filter((each) => each !== there);
    files.write(DIVERSIONS, kept.map(textOf).join(""), 0o644);
    return 0;
  }
  const to = options.last("divert") ?? `${from}.distrib`;
  const by = options.has("local") ? ":" : (options.last("package") ?? invocation.world.current().name);
  if (there?.[1] === to && there[2] === by) return 0;
  const isTaken = (path: string) => diversions.some(([one, other]) => one === path || other === path);
  if (isTaken(from) || isTaken(to)) return 2;
  makeDirectories(invocation, treePath("var/lib/dpkg"));
  const all = inDpkgOrder([...diversions, [from, to, by]], ([path]) => path!, invocation);
  files.write(DIVERSIONS, all.map(textOf).join(""), 0o644);
  const place: TreePath = files.resolve(from, "/", false);
  const owner = files.get(place)?.origin;
  // The diverting package keeps the name for its own file.
  if (
    options.has("rename") &&
    !options.has("no-rename") &&
    files.get(place) &&
    owner !== invocation.world.current().id
  ) {
    const target = files.resolve(to, "/", false);
    files.rename(place, target);
  }
  return 0;
}

/** What is to be removed is as it was said to be. */
function isMeant([, to, by]: readonly string[], options: ParsedOptions): boolean {
  const wanted = options.has("local") ? ":" : options.last("package");
  return (options.last("divert") ?? to) === to && (wanted ?? by) === by;
}

function recordLines(files: FileSystem, path: TreePath): readonly string[] {
  return files.get(path) ? linesOf(files.read(path)) : [];
}

function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}
