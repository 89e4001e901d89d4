/** Texts as they may appear in messages, events and logs: without what could be a secret of an address. */

/** Leaves out user, password and query (where signed links carry their keys); of other schemes and of what is no URL only the scheme stays. */
export function redactUrl(url: string | URL): string {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return schemeOnly(String(url));
  }
  if (!/^(https?|file):$/.test(parsed.protocol)) return schemeOnly(parsed.href);
  const query = parsed.search === "" ? "" : "?…";
  const user = parsed.username === "" && parsed.password === "" ? "" : "…@";
  const host = parsed.protocol === "file:" ? "" : `${user}${parsed.host}`;
  return `${parsed.protocol}//${host}${parsed.pathname}${query}`;
}

function schemeOnly(text: string): string {
  return `${/^[a-z][a-z0-9+.-]*:/i.exec(text)?.[0] ?? ""}…`;
}

/**
 * A text that may quote addresses, whoever wrote them and however wrongly: URLs lose what `redactUrl` leaves out, others
 * what stands before the `@` where that has a password. Digests, paths and versions behind an `@` stay with what is before them.
 */
export function redactText(text: string): string {
  if (!/[@?]/.test(text)) return text;
  return text
    .replace(/\bhttps?:\/\/[^\s"'<>()]+/g, (url) => (/[@?]/.test(url) ? redactUrl(url) : url))
    .replace(/\S+/g, (word) => (word.includes("@") ? withoutPassword(word) : word));
}

/** Quotes and the like, and an option's or a variable's name: what may stand before an address without a blank. */
const OPENING = /^["'([{<]*(?:[\w-]+=["']?)?(?:\/\/)?/;
/** Behind these an `@` is one of a path. */
const BEFORE_PATHS = new Set([
  "docker-archive",
  "oci-archive",
  "oci",
  "rootfs",
  "stream",
  "file",
  "node",
  "npm",
  "jsr",
]);

/** Of a word without blanks. */
function withoutPassword(word: string): string {
  const at = lastAt(word);
  const opening = OPENING.exec(word)![0];
  const given = word.slice(opening.length, Math.max(at, opening.length));
  if (given.endsWith("…")) return word;
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(given)?.[0];
  const kept =
    scheme === undefined ? keptOfName(given, word.slice(at + 1)) : keptOfUrl(scheme, given.slice(scheme.length));
  return kept === undefined ? word : `${opening}${kept}…${word.slice(at)}`;
}

/** What may be shown of `SCHEME://USER:PASSWORD`; undefined where it is no such thing. */
function keptOfUrl(scheme: string, rest: string): string | undefined {
  const [authority = ""] = rest.split("/", 1);
  if (scheme === "file://" || rest === "") return undefined;
  if (scheme === "ssh://" && !rest.includes(":")) return undefined;
  // A slash that is not written %2F ends what a URL's reader takes for the host.
  const isPassword = authority === rest || (/^https?:/i.test(scheme) ? /:(?!\d*$)/ : /:/).test(authority);
  return isPassword ? scheme : undefined;
}

/** What may be shown of `[TRANSPORT:]USER:PASSWORD` before a host; undefined where it is no such thing. */
function keptOfName(given: string, behind: string): string | undefined {
  const [first, ...others] = given.split(":");
  const rest = others.join(":");
  if (others.length === 0) return undefined;
  // As Yarn and pnpm write down a package that is another one, or a patched one: ms@patch:ms@npm%3A2.1.3.
  if (others.length === 1 && OTHER_PACKAGE.test(first!)) return undefined;
  // An address that was taken for a path, such as /home/me/USER:PASSWORD@HOST/NAME.
  if (first!.includes("/"))
    return HOST_AND_PATH.test(behind) ? first!.slice(0, first!.lastIndexOf("/") + 1) : undefined;
  if (BEFORE_PATHS.has(first!) && (others.length === 1 || others[0]!.includes("/"))) return undefined;
  // As in files:node_modules/name@1.2/index.js.
  if (others.length === 1 && rest.includes("/") && !HOST_AND_PATH.test(behind)) return undefined;
  return others.length === 1 ? "" : `${first}:`;
}

const OTHER_PACKAGE = /^(?:@[\w.-]+\/)?[\w.-]+@(?:npm|patch|jsr)$/;

const HOST_AND_PATH = /^(?:[\w-]+(?:\.[\w-]+)*:\d+|localhost|[\w-]+(?:\.[\w-]+)*\.[a-z][\w-]*|\d+(?:\.\d+){3})\//i;

/** The last one that no digest follows; -1 where there is none. */
function lastAt(word: string): number {
  let at = word.lastIndexOf("@");
  // From -1 on it would be looked for at 0, once more.
  while (at >= 0 && /^sha\d+:/.test(word.slice(at + 1, at + 9))) at = at === 0 ? -1 : word.lastIndexOf("@", at - 1);
  return at;
}
