/**
 * How a yarn.lock says which text a patch had (`hash=` in a resolution): the first six digits of a SHA-512 over what Yarn reads in it
 * (@yarnpkg/plugin-patch, makePatchHash). Ends of lines, and what stands around the changes, do not count.
 */
import { createHash } from "node:crypto";
import { posix } from "node:path";

/** Yarn's number for how it patches, since before the locks that are read here. */
const CACHE_VERSION = "3";

const DIGITS = 6;

/** Undefined for texts that Yarn would not read, and for those that hold for some versions alone, which nobody's own do. */
export function yarnPatchHash(texts: readonly string[]): string | undefined {
  const changes = texts.map(changesIn);
  if (changes.some((each) => each === undefined)) return undefined;
  const hash = createHash("sha512").update(CACHE_VERSION);
  for (const change of changes.flatMap((each) => each!)) hash.update(JSON.stringify(change));
  return hash.digest("hex").slice(0, DIGITS);
}

/** In Yarn's words, in the order in which it writes them. */
type Change =
  | { readonly type: "rename"; readonly fromPath: string; readonly toPath: string }
  | { readonly type: "mode change"; readonly path: string; readonly oldMode: number; readonly newMode: number }
  | {
      readonly type: "file creation" | "file deletion";
      readonly hunk: Hunk | null;
      readonly path: string;
      readonly mode: number;
      readonly hash: string | null;
    }
  | {
      readonly type: "patch";
      readonly path: string;
      readonly hunks: readonly Hunk[];
      readonly beforeHash: string | null;
      readonly afterHash: string | null;
    };

interface Hunk {
  readonly header: { readonly original: Span; readonly patched: Span };
  readonly parts: Part[];
}

interface Span {
  readonly start: number;
  readonly length: number;
}

interface Part {
  readonly type: "context" | "deletion" | "insertion";
  readonly lines: string[];
  noNewlineAtEndOfFile: boolean;
}

function changesIn(text: string): readonly Change[] | undefined {
  if (/^semver exclusivity /m.test(text)) return undefined;
  const lines = text.replace(/\r\n?/g, "\n").split("\n");
  if (lines.at(-1) === "") lines.pop();
  const starts = lines.flatMap((line, index) => (line.startsWith("diff --git ") ? [index] : []));
  if (starts.length === 0) return undefined;
  return starts.flatMap((start, index) => changesOf(lines.slice(start, starts[index + 1])));
}

/** Of one file: its head, and its hunks. */
function changesOf(lines: readonly string[]): readonly Change[] {
  const first = lines.findIndex((line) => line.startsWith("@@"));
  const head = first < 0 ? lines : lines.slice(0, first);
  const hunks = first < 0 ? [] : hunksIn(lines.slice(first));
  const said = (word: string): string | undefined =>
    head
      .find((line) => line.startsWith(word))
      ?.slice(word.length)
      .trim();

  const [diffFrom, diffTo] = namesIn(head[0]!);
  const [, beforeHash = null, afterHash = null] = /^(\w+)\.\.(\w+)/.exec(said("index ") ?? "") ?? [];
  const [deleted, created] = [said("deleted file mode "), said("new file mode ")];
  const [renamedFrom, renamedTo] = [said("rename from "), said("rename to ")];
  const hunk = hunks[0] ?? null;
  if (renamedFrom === undefined && deleted !== undefined)
    return [{ type: "file deletion", hunk, path: inPackage(diffFrom), mode: modeOf(deleted), hash: beforeHash }];
  if (renamedFrom === undefined && created !== undefined)
    return [{ type: "file creation", hunk, path: inPackage(diffTo), mode: modeOf(created), hash: afterHash }];

  const path = inPackage(renamedTo ?? said("+++ ")?.slice(2) ?? diffTo);
  const [oldMode, newMode] = [said("old mode "), said("new mode ")];
  return [
    ...(renamedFrom === undefined ? [] : [{ type: "rename", fromPath: inPackage(renamedFrom), toPath: path } as const]),
    ...(oldMode === undefined || newMode === undefined || oldMode === newMode
      ? []
      : [{ type: "mode change", path, oldMode: modeOf(oldMode), newMode: modeOf(newMode) } as const]),
    ...(hunks.length === 0 ? [] : [{ type: "patch", path, hunks, beforeHash, afterHash } as const]),
  ];
}

/** `diff --git a/FROM b/TO` */
function namesIn(line: string): readonly [from: string, to: string] {
  const [from = "", ...to] = line.trimEnd().split(" b/");
  return [from.slice("diff --git a/".length), to.join(" b/")];
}

const PARTS = { "-": "deletion", "+": "insertion", " ": "context" } as const;

function hunksIn(lines: readonly string[]): readonly Hunk[] {
  const hunks: Hunk[] = [];
  for (const line of lines) {
    const header = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line);
    const parts = hunks.at(-1)?.parts ?? [];
    const last = parts.at(-1);
    if (header !== null) {
      const [, from, removed, to, added] = header;
      hunks.push({ header: { original: spanOf(from!, removed), patched: spanOf(to!, added) }, parts: [] });
    } else if (line.startsWith("\\")) {
      if (last !== undefined) last.noNewlineAtEndOfFile = true;
    } else {
      const type = line === "" ? "context" : PARTS[line[0] as keyof typeof PARTS];
      // Whatever comes after them, such as a mail's signature.
      if (type === undefined) break;
      if (last?.type === type) last.lines.push(line.slice(1));
      else parts.push({ type, lines: [line.slice(1)], noNewlineAtEndOfFile: false });
    }
  }
  return hunks;
}

function spanOf(start: string, length: string | undefined): Span {
  return { start: Math.max(Number(start), 1), length: Number(length || 1) };
}

function modeOf(octal: string): number {
  return Number.parseInt(octal, 8) & 0o777;
}

function inPackage(path: string): string {
  return posix.relative("/", posix.resolve("/", path));
}
