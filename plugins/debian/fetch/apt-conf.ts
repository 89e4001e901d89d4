/** The few settings of the host's apt.conf (apt.conf(5)) that matter here: proxies, and whether releases expire. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { readRegular } from "../../../core/index.ts";

export interface AptSettings {
  /** A setting's value by its full name, which is compared without case; the last one given wins. */
  get(name: string): string | undefined;
}

/** What is unreadable counts as absent: apt.conf only adjusts what also works without it. */
export async function readAptSettings(root: string): Promise<AptSettings> {
  const directory = join(root, "etc/apt/apt.conf.d");
  const names = await readdir(directory).catch(() => []);
  // apt takes names without a suffix, or with `.conf`.
  const parts = names.filter((name) => /^[A-Za-z0-9_-]+(\.conf)?$/.test(name)).toSorted();
  const values = new Map<string, string>();
  for (const file of [...parts.map((name) => join(directory, name)), join(root, "etc/apt/apt.conf")]) {
    for (const [name, value] of parseAptConf((await readRegular(file, "settings.bytes").catch(() => "")).toString()))
      values.set(name, value);
  }
  return { get: (name) => values.get(name.toLowerCase()) };
}

/**
 * The plain settings of one file: `Name::Part "value";` and blocks of them. Names come in lower case. Lists
 * (`Name:: "value"`) and directives (`#clear`, `#include`) are passed over.
 */
export function parseAptConf(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  const scopes: string[] = [];
  let name = "";
  const set = (value: string): void => {
    if (name === "" || scopes.length >= DEEPEST) return;
    const full = [...scopes, name].join("::").toLowerCase();
    if (!full.endsWith("::")) values.set(full, value);
  };
  for (const [, token = "", quoted] of withoutComments(text).matchAll(TOKEN)) {
    if (quoted !== undefined) {
      set(quoted);
    } else if (token === "{") {
      scopes.push(name);
      name = "";
    } else if (token === "}") {
      scopes.pop();
      name = "";
    } else if (token === ";") {
      name = "";
    } else if (name === "") {
      name = token;
    } else {
      // An unquoted value, as in `APT::Get::Assume-Yes true;`
      set(token);
    }
  }
  return values;
}

/** No setting of apt's has as many parts. */
const DEEPEST = 100;

const TOKEN = /("([^"\n]*)"|[{};]|[^\s{};"]+)/g;

/** Comments begin with `//` or `#` at a line's start or after a blank, or stand between `/*` and its end. */
function withoutComments(text: string): string {
  return text.replace(/"[^"\n]*"|\/\*[^]*?\*\/|(?<=^|\s)(?:\/\/|#)[^\n]*/gm, (piece) =>
    piece.startsWith('"') ? piece : " ",
  );
}

/** The proxy that apt would use for a URL: a URL, `direct`, or undefined where apt says nothing. */
export function aptProxy(settings: AptSettings, url: string): string | undefined {
  const { protocol, hostname } = new URL(url);
  const scheme = protocol.slice(0, -1);
  const value =
    settings.get(`Acquire::${scheme}::Proxy::${hostname}`) ??
    settings.get(`Acquire::${scheme}::Proxy`) ??
    (scheme === "https" ? settings.get("Acquire::http::Proxy") : undefined);
  if (value === undefined || value === "" || value === "false") return undefined;
  return value.toUpperCase() === "DIRECT" ? "direct" : value;
}

/** `Acquire::Check-Valid-Until`, on by default. */
export function checksValidUntil(settings: AptSettings): boolean {
  return !/^(no|false|without|off|disable|0)$/i.test(settings.get("Acquire::Check-Valid-Until") ?? "true");
}
