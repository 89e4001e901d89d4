/** `/etc/ld.so.conf`: which directories ldconfig looks into, as ldconfig itself reads the file. */
import {
  baseNameOf,
  displayShort,
  liesIn,
  readWhole,
  type Entry,
  type FileTree,
  type TreePath,
} from "../../core/index.ts";
import { componentMatcher } from "./file-pattern.ts";
import { follow, realDirectory } from "./tree.ts";

const CONFIGURATION = "/etc/ld.so.conf";
/** What distributions put into the file; also assumed where a tree has the folder but not the file. */
const USUAL_CONFIGURATION = "include /etc/ld.so.conf.d/*.conf";

const SIZE_LIMIT = 1024 * 1024;
const DIRECTORY_LIMIT = 10_000;
/** Of a path in an include, as the kernel takes them. */
const PATTERN_LIMIT = 4096;
/** Names that are gone through for patterns, in all, long ones for long patterns more than once. Distributions have some dozens. */
const WORK_LIMIT = 10_000_000;

/** What was passed over, at most. */
const TOLD = 10;

export interface Configuration {
  /** Absolute paths as written, in order, possibly repeated, possibly of directories that are not there. Byte strings. */
  readonly directories: readonly string[];
  /** What was passed over, in words that begin with the file. */
  readonly passedOver: readonly string[];
}

/** A file that is being read, or is going to be. */
interface Reading {
  readonly path: string;
  /** None of the file that stands for all where there is none. */
  readonly entry?: Entry;
  /** Undefined until its turn comes. */
  lines?: Iterator<string>;
}

/** Reads each file once: what a second reading would add is there already. */
export function readConfiguration(tree: FileTree): Configuration {
  const directories: string[] = [];
  const passedOver = new Set<string>();
  const seen = new Set<TreePath>();
  let work = 0;
  const file = follow(tree, CONFIGURATION);
  // The innermost is last: an included file is read where it is included.
  const readings: Reading[] = [{ path: CONFIGURATION, ...(file && { entry: file }) }];
  for (let reading = readings.at(-1); reading !== undefined; reading = readings.at(-1)) {
    reading.lines ??= linesOf(reading)[Symbol.iterator]();
    const next = reading.lines.next();
    if (next.done) readings.pop();
    else readLine(next.value, reading.path);
  }
  return { directories, passedOver: [...passedOver] };

  function linesOf({ entry, path }: Reading): readonly string[] {
    if (entry === undefined) return [USUAL_CONFIGURATION];
    if (entry.type !== "file" || seen.has(entry.path)) return [];
    seen.add(entry.path);
    if (entry.size <= SIZE_LIMIT) return Buffer.from(readWhole(entry)).toString("latin1").split("\n");
    passOver(path, `it has ${entry.size} bytes`);
    return [];
  }

  function passOver(path: string, why: string): void {
    if (passedOver.size < TOLD) passedOver.add(`${displayShort(path)}: ${why}`);
  }

  function readLine(raw: string, path: string): void {
    const line = trimmedStart(before(before(raw, "\0"), "#"));
    if (/^include[ \t]/.test(line)) {
      // One by one: they may be more than a call takes arguments.
      for (const each of included(line.slice("include ".length), path).reverse()) readings.push(each);
    }
    // `hwcap` lines have had no meaning for long.
    else if (!/^hwcap[ \t]/i.test(line)) addDirectory(line, path);
  }

  function included(patterns: string, path: string): Reading[] {
    const found: Reading[] = [];
    for (const pattern of patterns.split(/[ \t]+/).filter(Boolean)) {
      const absolute = pattern.startsWith("/") ? pattern : `${path.slice(0, path.lastIndexOf("/"))}/${pattern}`;
      for (const each of matching(absolute, path)) {
        const entry = follow(tree, each);
        if (entry !== undefined && !seen.has(entry.path)) found.push({ path: each, entry });
      }
    }
    return found;
  }

  /** The paths that a shell pattern names, in byte order: `*`, `?` and `[…]`, which match neither `/` nor a leading dot. */
  function matching(pattern: string, path: string): readonly string[] {
    if (pattern.length > PATTERN_LIMIT) {
      passOver(path, `it includes a path of ${pattern.length} bytes`);
      return [];
    }
    let found: readonly string[] = [""];
    for (const component of pattern.split("/").filter(Boolean)) {
      const isPattern = /[*?[\\]/.test(component);
      const matches = isPattern ? componentMatcher(component) : undefined;
      found = found.flatMap((parent) => {
        if (matches === undefined) return [`${parent}/${component}`];
        const inside = work > WORK_LIMIT ? [] : namesIn(parent, component);
        if (work > WORK_LIMIT) {
          passOver(path, "its patterns are about too many names");
          return [];
        }
        return inside.filter(matches).map((name) => `${parent}/${name}`);
      });
    }
    return found.filter((each) => follow(tree, each) !== undefined);
  }

  function namesIn(path: string, pattern: string): readonly string[] {
    const directory = realDirectory(tree, path);
    if (directory === undefined) return [];
    const names: string[] = [];
    for (const entry of tree.under(directory)) {
      work++;
      if (!liesIn(entry.path, directory)) continue;
      const name = baseNameOf(entry.path);
      work += Math.floor((name.length * pattern.length) / 256);
      names.push(name);
    }
    return names;
  }

  /** A library type after `=` has had no meaning for long either. */
  function addDirectory(line: string, path: string): void {
    const directory = trimmedEnd(trimmedEnd(before(line, "="), SPACES), "/");
    if (!directory.startsWith("/")) return;
    if (directory.length > PATTERN_LIMIT) passOver(path, `it names a path of ${directory.length} bytes`);
    else if (directories.length < DIRECTORY_LIMIT) directories.push(directory);
    else passOver(path, `there are more than ${DIRECTORY_LIMIT} directories`);
  }
}

/** As isspace(3) has them. */
const SPACES = " \t\n\v\f\r";

function before(text: string, char: string): string {
  const at = text.indexOf(char);
  return at < 0 ? text : text.slice(0, at);
}

function trimmedStart(text: string): string {
  let start = 0;
  while (start < text.length && SPACES.includes(text[start]!)) start++;
  return text.slice(start);
}

/** A regular expression would try at each of the characters anew. */
function trimmedEnd(text: string, chars: string): string {
  let end = text.length;
  while (end > 0 && chars.includes(text[end - 1]!)) end--;
  return text.slice(0, end);
}
