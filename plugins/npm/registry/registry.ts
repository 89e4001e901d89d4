/** Which registry a package comes from, and how to log in there: a login goes to the host and the paths that it was written for. */
import defaults from "npm-registry-fetch/lib/default-opts.js";
import { ImageDslError } from "../../../core/index.ts";
import { isWebAddress } from "../names.ts";
import type { NpmSettings, Setting } from "./settings.ts";

export interface Login {
  /** The header's value. */
  readonly authorization: string;
  /** Which line says it. */
  readonly place: string;
}

/** The registry's address, which ends in a slash. Throws `E_NPM_REGISTRY` where it is none. */
export function registryOf(name: string, settings: NpmSettings): string {
  const scope = name.startsWith("@") ? name.split("/", 1)[0] : undefined;
  const said = (scope === undefined ? undefined : settings.get(`${scope}:registry`)) ?? settings.get("registry");
  const address = said?.value ?? defaults.registry;
  if (!isWebAddress(address)) {
    throw new ImageDslError("E_NPM_REGISTRY", `${said?.place ?? "npm"} says "${address}" for a registry`, {
      hint: "Write its address: registry=https://…",
    });
  }
  return address.endsWith("/") ? address : `${address}/`;
}

/**
 * Where a lock says that a tarball is, as npm reads it: what names npm's own registry means the one that is set (`replace-registry-host`),
 * so that one lock serves everybody.
 */
export function tarballAddress(resolved: string, name: string, settings: NpmSettings): string {
  const url = new URL(resolved);
  const registry = new URL(registryOf(name, settings));
  const which = settings.get("replace-registry-host")?.value ?? "npmjs";
  const isReplaced =
    which === "always" || (which === "npmjs" ? url.host === new URL(defaults.registry).host : which === url.host);
  if (!isReplaced || url.host === registry.host) return resolved;
  return new URL(`${registry.pathname}${url.pathname.replace(/^\//, "")}${url.search}`, registry).href;
}

/** The login that is written for an address: for its host and the longest beginning of its path. */
export function loginFor(address: string, settings: NpmSettings): Login | undefined {
  const { host, pathname } = new URL(address);
  const place = `//${host}`;
  // Beyond the longest place that somebody wrote, an address may have any number of folders.
  const longest = longestPlaceAt(place, settings) - place.length;
  const beginning = pathname.length <= longest ? pathname : pathname.slice(0, pathname.lastIndexOf("/", longest) + 1);
  for (let path = beginning; ; path = path.slice(0, path.lastIndexOf("/", path.length - 2) + 1)) {
    const found = loginAt(`${place}${path}`, settings);
    if (found !== undefined) return found;
    if (path === "/" || path === "") return undefined;
  }
}

function longestPlaceAt(host: string, settings: NpmSettings): number {
  let longest = 0;
  for (const key of settings.keys()) if (key.startsWith(host)) longest = Math.max(longest, key.lastIndexOf(":"));
  return longest;
}

function loginAt(place: string, settings: NpmSettings): Login | undefined {
  const of = (key: string): Setting | undefined =>
    settings.get(`${place}:${key}`) ?? (place.endsWith("/") ? settings.get(`${place.slice(0, -1)}:${key}`) : undefined);
  const token = of("_authToken");
  if (token !== undefined) return { authorization: `Bearer ${token.value}`, place: token.place };
  const basic = of("_auth");
  if (basic !== undefined) return { authorization: `Basic ${basic.value}`, place: basic.place };
  const [user, password] = [of("username"), of("_password")];
  if (user === undefined || password === undefined) return undefined;
  const pair = `${user.value}:${Buffer.from(password.value, "base64").toString("utf8")}`;
  return { authorization: `Basic ${Buffer.from(pair, "utf8").toString("base64")}`, place: password.place };
}

/** As httpGet takes it: a proxy's address; undefined: as the environment says. */
export function proxyFor(address: string, settings: NpmSettings): string | undefined {
  const key = address.startsWith("https:") ? "https-proxy" : "proxy";
  const said = (settings.get(key) ?? settings.get("proxy"))?.value;
  return said === undefined || said === "null" || said === "false" ? undefined : said;
}
