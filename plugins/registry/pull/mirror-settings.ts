/** The files in which podman and docker are told of mirrors, as plain data. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import {
  environment,
  homeDirectory,
  ImageDslError,
  isRecord,
  messageOf,
  readRegular,
  systemCodeOf,
} from "../../../core/index.ts";
import { isRegistry } from "../reference.ts";

export interface RegistryTable {
  readonly file: string;
  readonly prefix: string;
  /** What takes the prefix's place; empty: the prefix stays. */
  readonly location: string;
  readonly insecure: boolean;
  readonly blocked: boolean;
  readonly mirrors: readonly Mirror[];
}

export interface Mirror {
  readonly location: string;
  readonly insecure: boolean;
  readonly pulls: "all" | "digest-only" | "tag-only";
}

const SYSTEM = "/etc/containers";

/** Of all files; a later one's table takes the place of an earlier one's with the same prefix. */
export async function registryTables(): Promise<readonly RegistryTable[]> {
  const tables = new Map<string, RegistryTable>();
  for (const file of await registriesFiles()) {
    const text = await read(file);
    if (text === undefined) continue;
    for (const table of await tablesIn(file, text)) tables.set(table.prefix, table);
  }
  return [...tables.values()];
}

/** Of `daemon.json`: a mirror is named by its URL. */
export async function daemonMirrors(): Promise<readonly { readonly host: string; readonly insecure: boolean }[]> {
  const home = homeDirectory();
  const files = [...(home === undefined ? [] : [join(home, ".config/docker/daemon.json")]), "/etc/docker/daemon.json"];
  for (const file of files) {
    const text = await read(file);
    if (text === undefined) continue;
    const value = parseJson(file, text);
    const mirrors = isRecord(value) ? value["registry-mirrors"] : undefined;
    if (mirrors !== undefined) return listOf(mirrors, file, "registry-mirrors").map((url) => mirrorOf(url, file));
  }
  return [];
}

/** A user's own main file takes the place of all that the system has. */
async function registriesFiles(): Promise<readonly string[]> {
  const home = homeDirectory();
  const own = home === undefined ? undefined : join(home, ".config/containers");
  const ownMain = own && (await read(join(own, "registries.conf"))) !== undefined;
  const named = environment()["CONTAINERS_REGISTRIES_CONF"];
  const ownParts = own === undefined ? [] : await partsIn(join(own, "registries.conf.d"));
  if (!named && ownMain) return [join(own, "registries.conf"), ...ownParts];
  const main = named || join(SYSTEM, "registries.conf");
  return [main, ...(await partsIn(join(SYSTEM, "registries.conf.d"))), ...ownParts];
}

async function partsIn(folder: string): Promise<readonly string[]> {
  try {
    const names = (await readdir(folder)).filter((name) => name.endsWith(".conf"));
    return names.toSorted().map((name) => join(folder, name));
  } catch (error) {
    if (isAbsent(error)) return [];
    throw wrong(folder, `it cannot be read: ${messageOf(error)}`, error);
  }
}

async function tablesIn(file: string, text: string): Promise<readonly RegistryTable[]> {
  const { parse } = await import("smol-toml");
  let value: Readonly<Record<string, unknown>>;
  try {
    value = parse(text);
  } catch (error) {
    throw wrong(file, `it is not TOML: ${messageOf(error).split("\n", 1)[0]}`, error);
  }
  if (value["registries"] !== undefined) throw wrong(file, "it is in the older format, with [registries.…]");
  const tables = value["registry"] ?? [];
  if (!Array.isArray(tables)) throw wrong(file, "registry is no list of tables: [[registry]]");
  return tables.map((table: unknown) => tableOf(table, file));
}

function tableOf(table: unknown, file: string): RegistryTable {
  if (!isRecord(table)) throw wrong(file, "registry is no list of tables: [[registry]]");
  const location = textOf(table["location"], file, "location").replace(/\/$/, "");
  const prefix = textOf(table["prefix"], file, "prefix").replace(/\/$/, "") || location;
  if (prefix === "" || (location === "" && !prefix.startsWith("*."))) {
    throw wrong(file, `the table of ${prefix === "" ? "a registry" : `"${prefix}"`} has no location`);
  }
  const byDigest = flagOf(table["mirror-by-digest-only"], file, "mirror-by-digest-only");
  const mirrors = table["mirror"] ?? [];
  if (!Array.isArray(mirrors)) throw wrong(file, "mirror is no list of tables: [[registry.mirror]]");
  return {
    file,
    prefix,
    location: location === prefix ? "" : location,
    insecure: flagOf(table["insecure"], file, "insecure"),
    blocked: flagOf(table["blocked"], file, "blocked"),
    mirrors: mirrors.map((mirror: unknown) => mirrorTableOf(mirror, byDigest, file)),
  };
}

function mirrorTableOf(mirror: unknown, byDigest: boolean, file: string): Mirror {
  if (!isRecord(mirror)) throw wrong(file, "mirror is no list of tables: [[registry.mirror]]");
  const location = textOf(mirror["location"], file, "location").replace(/\/$/, "");
  if (location === "") throw wrong(file, "a mirror has no location");
  const pulls = textOf(mirror["pull-from-mirror"], file, "pull-from-mirror") || "all";
  if (pulls !== "all" && pulls !== "digest-only" && pulls !== "tag-only") {
    throw wrong(file, `pull-from-mirror is "${pulls}", not all, digest-only or tag-only`);
  }
  if (byDigest && mirror["pull-from-mirror"] !== undefined) {
    throw wrong(file, "pull-from-mirror and mirror-by-digest-only exclude each other");
  }
  return { location, insecure: flagOf(mirror["insecure"], file, "insecure"), pulls: byDigest ? "digest-only" : pulls };
}

function mirrorOf(text: string, file: string): { readonly host: string; readonly insecure: boolean } {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url !== undefined && url.username === "" && url.pathname === "/" && url.search === "";
  if (!isPlain || !/^https?:$/.test(url.protocol) || !isRegistry(url.host)) {
    throw wrong(file, "a registry mirror is no URL of the form https://HOST");
  }
  return { host: url.host, insecure: url.protocol === "http:" };
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw wrong(file, "it is not JSON", error);
  }
}

async function read(file: string): Promise<string | undefined> {
  try {
    return (await readRegular(file, "settings.bytes")).toString("utf8");
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw wrong(file, `it cannot be read: ${messageOf(error)}`, error);
  }
}

function isAbsent(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR"].includes(systemCodeOf(error) ?? "");
}

function textOf(value: unknown, file: string, name: string): string {
  if (value !== undefined && typeof value !== "string") throw wrong(file, `${name} is no text`);
  return value ?? "";
}

function flagOf(value: unknown, file: string, name: string): boolean {
  if (value !== undefined && typeof value !== "boolean") throw wrong(file, `${name} is neither true nor false`);
  return value ?? false;
}

function listOf(value: unknown, file: string, name: string): readonly string[] {
  if (!Array.isArray(value) || !value.every((each): each is string => typeof each === "string")) {
    throw wrong(file, `${name} is no list of texts`);
  }
  return value;
}

function wrong(file: string, what: string, cause?: unknown): ImageDslError {
  return new ImageDslError("E_REGISTRY", `The settings for registries in "${file}" cannot be used: ${what}`, {
    place: { file },
    cause,
  });
}
