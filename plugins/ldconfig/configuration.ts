/** `/etc/ld.so.conf`: which directories ldconfig looks into, as ldconfig itself reads the file. */
import { readWhole, type Entry, type FileTree } from "../../core/index.ts";
import { follow, listDirectory } from "./tree.ts";

const CONFIGURATION = "/etc/ld.so.conf";
/** What distributions put into the file; also assumed where a tree has the folder but not the file. */
const USUAL_CONFIGURATION = "include /etc/ld.so.conf.d/*.conf\n";

const SIZE_LIMIT = 1024 * 1024;
/** A file that includes itself ends here. */
const DEPTH_LIMIT = 16;
const DIRECTORY_LIMIT = 10_000;

/** Absolute paths as written, in order, possibly repeated, possibly of directories that are not there. Byte strings. */
export function configuredDirectories(tree: FileTree): string[] {
  const directories: string[] = [];
  const file = follow(tree, CONFIGURATION);
  readLines(file === undefined ? USUAL_CONFIGURATION : textOf(file), CONFIGURATION, 0);
  return directories;

  function readLines(text: string, path: string, depth: number): void {
    for (const raw of text.split("\n")) {
      const line = raw
        .replace(/\0.*/s, "")
        .replace(/#.*/s, "")
        .replace(/^[\s\v]+/, "");
      const include = /^include[ \t](.*)$/s.exec(line)?.[1];
      if (include !== undefined) includeFiles(include, path, depth);
      // `hwcap` lines have had no meaning for long.
      else if (!/^hwcap[ \t]/i.test(line)) addDirectory(line);
    }
  }

  function includeFiles(patterns: string, path: string, depth: number): void {
    if (depth >= DEPTH_LIMIT) return;
    for (const pattern of patterns.split(/[ \t]+/).filter(Boolean)) {
      const absolute = pattern.startsWith("/") ? pattern : `${path.slice(0, path.lastIndexOf("/"))}/${pattern}`;
      for (const found of expandPattern(tree, absolute)) {
        const included = follow(tree, found);
        if (included !== undefined) readLines(textOf(included), found, depth + 1);
      }
    }
  }

  /** A library type after `=` has had no meaning for long either. */
  function addDirectory(line: string): void {
    const path = line
      .replace(/=.*/s, "")
      .replace(/[\s\v]+$/, "")
      .replace(/\/+$/, "");
    if (path.startsWith("/") && directories.length < DIRECTORY_LIMIT) directories.push(path);
  }
}

function textOf(entry: Entry): string {
  return entry.type === "file" ? Buffer.from(readWhole(entry, SIZE_LIMIT)).toString("latin1") : "";
}

/** The paths that a shell pattern names, in byte order: `*`, `?` and `[…]`, which match neither `/` nor a leading dot. */
export function expandPattern(tree: FileTree, pattern: string): string[] {
  let found: readonly string[] = [""];
  for (const component of pattern.split("/").filter(Boolean)) {
    const matches = /[*?[]/.test(component) ? componentMatcher(component) : undefined;
    found = found.flatMap((parent) =>
      matches === undefined
        ? [`${parent}/${component}`]
        : listDirectory(tree, parent)
            .filter((name) => matches.test(name))
            .map((name) => `${parent}/${name}`),
    );
  }
  return found.filter((path) => follow(tree, path) !== undefined);
}

function componentMatcher(component: string): RegExp {
  const source = component.replace(
    /\[([!^]?)(\]?[^\]]*)\]|\\(.)|[\s\S]/g,
    (whole, negated: string | undefined, set: string | undefined, quoted: string | undefined) => {
      if (set !== undefined) return `[${negated ? "^" : ""}${set.replace(/[\\\]^[]/g, "\\$&")}]`;
      if (quoted !== undefined) return escape(quoted);
      if (whole === "*") return "[^]*";
      return whole === "?" ? "[^]" : escape(whole);
    },
  );
  return new RegExp(`^${component.startsWith(".") ? "" : "(?!\\.)"}${source}$`);
}

function escape(char: string): string {
  return char.replace(/[\\^$.*+?()[\]{}|/-]/, "\\$&");
}
