/**
 * Which platform the image in a docker archive is for, found without reading its layers: from header to header, by their
 * sizes. Undefined for whatever is none, for a compressed archive, and for one with images for several platforms.
 */
import { closeSync, openSync, readSync } from "node:fs";
import { isRecord, type Platform } from "../../core/index.ts";

const BLOCK = 512;
const MAX_MEMBERS = 10_000;
/** Of a document, and of all of them. */
const MAX_JSON = 4 * 1024 * 1024;
const MAX_READ = 16 * MAX_JSON;

export function archivedPlatform(file: string): Platform | undefined {
  const descriptor = openSync(file, "r");
  try {
    const documents = jsonMembers(descriptor);
    const manifest = documents.get("manifest.json");
    const configs = Array.isArray(manifest) ? manifest.map((image: unknown) => configIn(documents, image)) : [];
    const [first, ...others] = configs;
    return others.every((other) => JSON.stringify(other) === JSON.stringify(first)) ? first : undefined;
  } finally {
    closeSync(descriptor);
  }
}

function configIn(documents: ReadonlyMap<string, unknown>, image: unknown): Platform | undefined {
  const config = isRecord(image) && typeof image["Config"] === "string" ? documents.get(image["Config"]) : undefined;
  if (!isRecord(config)) return undefined;
  const { os, architecture, variant } = config;
  if (typeof os !== "string" || typeof architecture !== "string") return undefined;
  return { os, architecture, ...(typeof variant === "string" && variant !== "" && { variant }) };
}

/** Members whose name is that of the manifest or may be a config's, parsed; those that cannot be are left out. */
function jsonMembers(descriptor: number): ReadonlyMap<string, unknown> {
  const found = new Map<string, unknown>();
  let offset = 0;
  let bytesRead = 0;
  for (let member = 0; member < MAX_MEMBERS && bytesRead <= MAX_READ; member++) {
    const header = read(descriptor, offset, BLOCK);
    const magic = header.toString("latin1", 257, 262);
    const size = Number.parseInt(header.toString("latin1", 124, 136), 8);
    if (magic !== "ustar" || !Number.isSafeInteger(size) || size < 0) break;
    const name = header.toString("latin1", 0, 100).replace(/\0[^]*/, "");
    const isSmall = size <= MAX_JSON && !name.endsWith(".tar");
    const json = isSmall ? parsed(read(descriptor, offset + BLOCK, size)) : undefined;
    if (isSmall) bytesRead += size;
    if (json !== undefined) found.set(name, json);
    offset += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return found;
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
}

/** As many of the bytes as there are. */
function read(descriptor: number, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(descriptor, bytes, 0, length, offset));
}
