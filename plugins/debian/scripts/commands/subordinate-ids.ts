/** /etc/subuid and /etc/subgid: ids for the containers of an ordinary user (subuid(5)), given where the files are. */
import { type TreePath, treePath } from "../../../../core/index.ts";
import type { Invocation } from "../world.ts";
import { linesOf } from "./text.ts";

const FILES = [treePath("etc/subuid"), treePath("etc/subgid")];
const FIRST = 100_000;
const LAST = 600_100_000;
const COUNT = 65_536;

export function addSubordinateIDs(user: string, invocation: Invocation): void {
  for (const path of FILES) {
    const lines = linesIn(path, invocation);
    if (lines === undefined || lines.some((line) => line.startsWith(`${user}:`))) continue;
    const first = firstGap(lines, invocation);
    write(path, [...lines, `${user}:${first}:${COUNT}`], invocation);
  }
}

export function removeSubordinateIDs(user: string, invocation: Invocation): void {
  for (const path of FILES) {
    const lines = linesIn(path, invocation);
    const kept = lines?.filter((line) => !line.startsWith(`${user}:`));
    if (lines && kept && kept.length < lines.length) write(path, kept, invocation);
  }
}

function linesIn(path: TreePath, { world: { files } }: Invocation): readonly string[] | undefined {
  return files.get(path) && linesOf(files.read(path));
}

function firstGap(lines: readonly string[], invocation: Invocation): number {
  const ranges = lines.map((line) => {
    const [, first, count] =
      /^[^:]+:([0-9]{1,10}):([0-9]{1,10})$/.exec(line) ?? invocation.refuse("such an /etc/subuid");
    return { first: Number(first), count: Number(count) };
  });
  let free = FIRST;
  for (const { first, count } of ranges.sort((a, b) => a.first - b.first)) {
    if (first - free >= COUNT) break;
    free = Math.max(free, first + count);
  }
  return free + COUNT > LAST ? invocation.refuse("so many subordinate ids") : free;
}

function write(path: TreePath, lines: readonly string[], { world }: Invocation): void {
  world.files.write(path, lines.map((line) => `${line}\n`).join(""), 0o644);
}
