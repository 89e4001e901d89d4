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
  const { os, architecture, variant } = json;
  return {
    config: configOf(shown, json["config"] ?? {}),
    platform: {
      os: wordOf(os) ?? "linux",
      architecture: wordOf(architecture) ?? "amd64",
      ...(wordOf(variant) !== undefined && { variant: wordOf(variant)! }),
    },
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

/** A word of a platform. */
function wordOf(value: unknown): string | undefined {
  return typeof value === "string" && /^[a-z0-9._-]+$/.test(value) ? value : undefined;
}

/** Docker writes null for what is not set. What is joined with other values is looked at, the rest passes through. */
function configOf(shown: string, given: unknown): ImageConfig {
  if (!isRecord(given)) throw unsound(shown, "its config's config is no object");
  const set = Object.entries(given).filter(([, value]) => value !== null);
  for (const [field, value] of set) {
    const isSound =
      field === "Env" || field === "Cmd" || field === "Entrypoint"
        ? isTexts(value)
        : !SETS.has(field) || isRecord(value);
    if (!isSound) throw unsound(shown, `its config has a ${field} of an unexpected kind`);
  }
  return Object.fromEntries(set) as ImageConfig;
}

const SETS: ReadonlySet<string> = new Set(["Labels", "ExposedPorts", "Volumes"]);

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
