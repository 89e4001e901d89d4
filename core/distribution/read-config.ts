/** Reading an image's config JSON (OCI image spec, config.md), as builders of all kinds write it. */
import type { HistoryEntry } from "../image/image.ts";
import { beyond, isWithin } from "../limits/limits.ts";
import { parseDigest, type Digest } from "../model/digest.ts";
import type { ImageConfig } from "../model/image-config.ts";
import { isRecord } from "../model/json.ts";
import type { Platform } from "../model/platform.ts";
import { parseJson } from "./documents.ts";
import { unsound } from "./unsound.ts";

export interface StoredConfig {
  readonly config: ImageConfig;
  readonly platform: Platform;
  readonly diffIDs: readonly Digest[];
  readonly history: readonly HistoryEntry[];
}

/** Throws `E_BASE_IMAGE` where it is no image's config. */
export function readConfig(shown: string, bytes: Uint8Array): StoredConfig {
  const json = parse(shown, bytes);
  const diffIDs = isRecord(json["rootfs"]) ? json["rootfs"]["diff_ids"] : undefined;
  if (!isTexts(diffIDs)) throw unsound(shown, "its config has no rootfs.diff_ids");
  const [os, architecture, variant] = ["os", "architecture", "variant"].map((field) =>
    wordOf(shown, field, json[field]),
  );
  return {
    config: configOf(shown, json["config"] ?? {}),
    platform: { os: os ?? "linux", architecture: architecture ?? "amd64", ...(variant !== undefined && { variant }) },
    diffIDs: diffIDs.map(parseDigest),
    history: historyOf(json["history"], diffIDs.length),
  };
}

function parse(shown: string, bytes: Uint8Array): Record<string, unknown> {
  const json = parseJson(shown, bytes, "the config");
  if (!isRecord(json)) throw unsound(shown, "its config is no JSON object");
  if (!isSound(json, 0)) throw unsound(shown, `its config has numbers without end, or ${beyond("oci.depth")}`);
  return json;
}

/** A config that is passed on has to be written again. */
function isSound(value: unknown, depth: number): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || value === null) return true;
  return isWithin("oci.depth", depth + 1) && Object.values(value).every((member) => isSound(member, depth + 1));
}

/** A word of a platform; undefined where nothing is said, as old builders do. */
function wordOf(shown: string, field: string, value: unknown): string | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value === "string" && /^[a-z0-9._-]+$/.test(value)) return value;
  throw ofUnexpectedKind(shown, field);
}

/** Docker writes null for what is not set. What is joined with other values or looked into is of the kind that it is to be, the rest passes through. */
function configOf(shown: string, given: unknown): ImageConfig {
  if (!isRecord(given)) throw unsound(shown, "its config's config is no object");
  const set = Object.entries(given).filter(([, value]) => value !== null);
  const odd = set.find(([field, value]) => KINDS.get(field)?.(value) === false);
  if (odd !== undefined) throw ofUnexpectedKind(shown, odd[0]);
  return Object.fromEntries(set) as ImageConfig;
}

const KINDS: ReadonlyMap<string, (value: unknown) => boolean> = new Map([
  ...["Env", "Cmd", "Entrypoint", "Shell"].map((field) => [field, isTexts] as const),
  ...["Labels", "ExposedPorts", "Volumes"].map((field) => [field, isRecord] as const),
  ["Healthcheck", (value: unknown) => isRecord(value) && isTexts(value["Test"] ?? [])],
]);

function ofUnexpectedKind(shown: string, field: string): Error {
  return unsound(shown, `its config has a ${field} of an unexpected kind`);
}

const FIELDS = ["created", "created_by", "author", "comment", "empty_layer"] as const;

/** Builders may leave it out or lose count: then each layer gets a line of its own. */
function historyOf(given: unknown, layers: number): readonly HistoryEntry[] {
  const lines = Array.isArray(given) ? given.filter(isRecord) : [];
  const made = lines.filter((line) => line["empty_layer"] !== true).length;
  if (made !== layers) return Array.from({ length: layers }, () => ({ comment: "of the base image" }));
  return lines.map((line) =>
    Object.fromEntries(FIELDS.flatMap((field) => (isPlain(line[field]) ? [[field, line[field]]] : []))),
  );
}

function isPlain(value: unknown): boolean {
  return typeof value === "string" || typeof value === "boolean";
}

/** True for a list of nothing but strings, the empty one too. */
export function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
