/** How Yarn writes where a package comes from: `protocol:source#selector::params` (structUtils.parseRange). */

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

/** What lies beside a package that asks for it is known by that one, too (bindDescriptor). */
export function boundRange(range: string, locator: string): string {
  return isBesideWhoAsks(range) && !range.includes("::") ? `${range}::locator=${encodeURIComponent(locator)}` : range;
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
