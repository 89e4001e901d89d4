/** How Yarn writes where a package comes from: `protocol:source#selector::params` (structUtils.parseRange). */
import { posix } from "node:path";
import { isInnerPath } from "../../names.ts";

export interface YarnReference {
  /** With its colon. */
  readonly protocol: string;
  /** What the selector chooses from; undefined where there is none. */
  readonly source?: string;
  readonly selector: string;
  readonly params: URLSearchParams;
}

/** Undefined where a `%` says nothing. */
export function parseReference(reference: string): YarnReference | undefined {
  const [main, params] = splitAt(reference, "::");
  const [before, selector] = splitAt(main, "#");
  const [protocol, rest] = before.includes(":") ? splitAt(before, ":") : ["", before];
  try {
    return {
      protocol: `${protocol}:`,
      ...(selector !== undefined && { source: decodeURIComponent(rest!) }),
      selector: decodeURIComponent(selector ?? rest!),
      params: new URLSearchParams(params),
    };
  } catch {
    return undefined;
  }
}

function splitAt(text: string, separator: string): readonly [before: string, after?: string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** `["@my/lib", "workspace:packages/lib"]` */
export function splitLocator(locator: string): readonly [name: string, reference: string] {
  const at = locator.indexOf("@", 1);
  return at < 0 ? [locator, ""] : [locator.slice(0, at), locator.slice(at + 1)];
}

/** What lies beside a package that asks for it is known by that one, too (bindDescriptor). A path alone is a file's. */
export function boundRange(range: string, locator: string): string {
  const whole = /^\.{0,2}\//.test(range) ? `file:${range}` : range;
  return isBesideWhoAsks(whole) && !whole.includes("::") ? `${whole}::locator=${encodeURIComponent(locator)}` : whole;
}

/** Folders that ask for each other by their places, in a row: more than anybody has. */
const MOST_FOLDERS = 10;

/**
 * Where it lies, from the root: what `workspace:`, `file:`, `link:` and `portal:` name, the last three beside who asks for them. "" is the root;
 * undefined is what lies nowhere in the project.
 */
export function placeOf(reference: string): string | undefined {
  let [path, asking] = ["", reference];
  for (let count = 0; count < MOST_FOLDERS; count++) {
    if (asking.startsWith("workspace:")) return inProject(posix.join(asking.slice("workspace:".length), path));
    const { protocol = "", selector = "", params } = parseReference(asking) ?? {};
    if (!/^(?:file|link|portal):$/.test(protocol) || selector.startsWith("/")) return undefined;
    path = posix.join(selector, path);
    [, asking] = splitLocator(params?.get("locator") ?? "");
  }
  return undefined;
}

function inProject(joined: string): string | undefined {
  const path = joined.replace(/\/$/, "");
  return path === "." ? "" : isInnerPath(path) ? path : undefined;
}

function isBesideWhoAsks(range: string): boolean {
  if (/^(?:file|link|portal|exec):/.test(range)) return true;
  return range.startsWith("patch:") && patchPathsOf(range).some((path) => !/^(?:~\/|\/|builtin<)/.test(path));
}

/** Of `patch:…`, without what it says of each (`optional!`). */
export function patchPathsOf(reference: string): readonly string[] {
  const { source, selector = "" } = parseReference(reference) ?? {};
  if (source === undefined || selector === "") return [];
  return selector.split("&").map((path) => path.slice(path.lastIndexOf("!") + 1));
}
