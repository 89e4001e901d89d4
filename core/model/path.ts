/**
 * `TreePath`: a place inside an image's tree. A byte string without leading or trailing slash and
 * without `.`, `..` or empty components; the root is the empty string. Parsed once, at the border.
 */
import { ImageDslError } from "../error.ts";
import { displayShort, encodeText } from "./bytes.ts";
import { WHITEOUT } from "./whiteout.ts";

declare const brand: unique symbol;
/** A path of a tree as a byte string (latin1): no slash at either end, no `.`, `..` or empty component. `treePath` makes one. */
export type TreePath = string & { readonly [brand]: "TreePath" };

/** The tree's own directory: it is always there, and no entry. */
export const ROOT = "" as TreePath;

/** Parses ordinary text (`/etc/motd`, `./etc/motd` and `etc/motd` are one place). Throws `E_PATH_INVALID`. */
export function treePath(text: string): TreePath {
  return treePathFromBytes(encodeText(text));
}

/** Parses a byte string, as found in archives. Throws `E_PATH_INVALID` for `..`, NUL and what is too long for Linux. */
export function treePathFromBytes(bytes: string): TreePath {
  // The common case by far.
  if (isTreePath(bytes)) return checkedLength(bytes);
  const kept: string[] = [];
  for (const component of bytes.split("/")) {
    if (component === "" || component === ".") continue;
    if (component === ".." || component.includes("\0")) {
      throw new ImageDslError("E_PATH_INVALID", `Path "${displayShort(bytes)}" leaves the tree or holds a NUL byte`, {
        hint: "Give a path inside the image, without ..",
      });
    }
    kept.push(component);
  }
  return checkedLength(kept.join("/") as TreePath);
}

/** Whether it is in normal form: relative, leads nowhere else, and is no longer than Linux takes. The root is not among them. */
export function isTreePath(bytes: string): bytes is TreePath {
  return bytes.length <= MAX_PATH && !/(^|\/)\.{0,2}(\/|$)/.test(bytes) && !bytes.includes("\0");
}

/** Of a path or an address as somebody wrote it. Each row of slashes is looked at once. */
export function withoutEndSlashes(text: string): string {
  return text.replace(/(?<!\/)\/+$/, "");
}

/** Linux's PATH_MAX, of which the leading slash and a NUL are two. */
const MAX_PATH = 4096 - 2;
/** Linux's NAME_MAX. */
const MAX_NAME = 255;

/** The path itself. Throws `E_PATH_INVALID` where no system call takes it, so that nobody could open what lies there. */
export function checkedLength(path: TreePath): TreePath {
  if (path.length <= MAX_NAME) return path;
  const isLong = path.length > MAX_PATH;
  const name = isLong ? undefined : path.split("/").find((each) => whatItNames(each).length > MAX_NAME);
  if (!isLong && name === undefined) return path;
  const what = name === undefined ? `has ${path.length} bytes` : `has a name of ${name.length} bytes`;
  throw new ImageDslError(
    "E_PATH_INVALID",
    `Path "${displayShort(path)}" ${what}; Linux takes ${isLong ? MAX_PATH : MAX_NAME}`,
    { hint: "Shorten it, or leave it out" },
  );
}

/** The deletion of a name is longer than that, and no file. */
function whatItNames(name: string): string {
  return name.startsWith(WHITEOUT) ? name.slice(WHITEOUT.length) : name;
}

/** `parent` of a top-level path is the root; of the root, the root. */
export function parentOf(path: TreePath): TreePath {
  const slash = path.lastIndexOf("/");
  return (slash < 0 ? "" : path.slice(0, slash)) as TreePath;
}

/** The last component; empty for the root. */
export function baseNameOf(path: TreePath): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Whether `parentOf(path)` is `directory`: for all entries of a tree, this is faster than asking for the parent. */
export function liesIn(path: TreePath, directory: TreePath): boolean {
  return path.lastIndexOf("/") === (directory === "" ? -1 : directory.length) && path.startsWith(directory);
}

/** Whether `baseNameOf(path)` begins with this, faster. */
export function nameStartsWith(path: TreePath, beginning: string): boolean {
  return path.startsWith(beginning, path.lastIndexOf("/") + 1);
}

/** Joins a parsed path and one or more already parsed components. */
export function joinPath(parent: TreePath, child: string): TreePath {
  if (parent === "") return child as TreePath;
  return (child === "" ? parent : `${parent}/${child}`) as TreePath;
}

/** Whether it is the directory itself or lies below it, by whole components: `usr2` is not under `usr`. */
export function isUnder(path: TreePath, directory: TreePath): boolean {
  return directory === "" || path === directory || path.startsWith(`${directory}/`);
}

/** Whether `path` is one of `paths` or lies below one; the cost does not grow with their number. */
export function isUnderAny(path: TreePath, paths: ReadonlySet<TreePath>): boolean {
  for (let at = path; ; at = parentOf(at)) {
    if (paths.has(at)) return true;
    if (at === ROOT) return false;
  }
}

/** Order by path components, bytewise: `a/b` comes before `a-b`, as a parent's children follow it at once. */
export function comparePaths(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    if (x === 47) return -1;
    if (y === 47) return 1;
    return x - y;
  }
  return a.length - b.length;
}

/** A path for messages: absolute, decoded. */
export function displayPath(path: TreePath): string {
  return `/${displayShort(path)}`;
}
