/**
 * The folder of a layout (OCI image spec, image-layout.md), made or found. Nothing is written into one that holds anything
 * else, and none of what belongs to a layout may be a link: it would lead to what is somebody else's.
 */
import { lstat, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  canonicalJson,
  isRecord,
  kindOf,
  makeDirectory,
  messageOf,
  readRegular,
  renameWhenWhole,
  sweepAbandoned,
  systemCodeOf,
  temporaryName,
} from "../../core/index.ts";
import { readLayoutIndex } from "./index-json.ts";
import { unfit } from "./place.ts";

export const BLOBS = "blobs";
export const INDEX_FILE = "index.json";
export const LAYOUT_FILE = "oci-layout";
export const LAYOUT_JSON = Buffer.from(canonicalJson({ imageLayoutVersion: "1.0.0" }));

/** Throws `E_OUTPUT`, and the system's error where nothing can be made. */
export async function openLayout(directory: string): Promise<void> {
  makeDirectory(directory);
  const version = await readOwn(directory, LAYOUT_FILE);
  if (version === undefined) await requireEmpty(directory);
  else checkVersion(directory, version);
  const index = await readOwn(directory, INDEX_FILE);
  if (index !== undefined) readLayoutIndex(directory, index);
  await ownFolder(directory, BLOBS);
  await ownFolder(directory, `${BLOBS}/sha256`);
  await sweepAbandoned(join(directory, BLOBS));
  if (version === undefined) await writeUnder(directory, LAYOUT_FILE, LAYOUT_JSON);
}

/** A file of the layout's own, or undefined where it is not there. Throws `E_OUTPUT` for what is no file. */
export async function readOwn(directory: string, name: string): Promise<Buffer | undefined> {
  const file = join(directory, name);
  const stat = await statOf(file);
  if (stat === undefined) return undefined;
  if (!stat.isFile()) throw unfit(directory, `its ${name} is ${kindOf(stat)}`);
  return readRegular(file, "oci.document").catch((error: unknown) => {
    throw unfit(directory, `its ${name} cannot be read: ${messageOf(error)}`);
  });
}

/** Writes a file of the layout, which appears whole. */
export function writeUnder(directory: string, name: string, bytes: Uint8Array): Promise<void> {
  return renameWhenWhole(temporaryFile(directory), directory, async (temporary) => {
    await writeFile(temporary, bytes, { flag: "wx", mode: 0o666 });
    return join(directory, name);
  });
}

/** Where no reader looks, and where the next build sweeps. */
export function temporaryFile(directory: string): string {
  return join(directory, BLOBS, temporaryName("file"));
}

/** But for what another build has just made, or one that was killed at its beginning. */
async function requireEmpty(directory: string): Promise<void> {
  const names = await readdir(directory);
  if (names.includes(LAYOUT_FILE) || names.every((name) => name === BLOBS)) return;
  throw unfit(directory, "it is neither empty nor an OCI layout");
}

function checkVersion(directory: string, bytes: Uint8Array): void {
  const version = versionOf(bytes);
  if (version === undefined) throw unfit(directory, `its ${LAYOUT_FILE} says no version`);
  if (!version.startsWith("1.")) throw unfit(directory, "it is a layout of another version than 1");
}

function versionOf(bytes: Uint8Array): string | undefined {
  try {
    const layout: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    const version = isRecord(layout) ? layout["imageLayoutVersion"] : undefined;
    return typeof version === "string" ? version : undefined;
  } catch {
    return undefined;
  }
}

async function ownFolder(directory: string, name: string): Promise<void> {
  const path = join(directory, name);
  const stat = await statOf(path);
  if (stat === undefined) return makeDirectory(path);
  if (!stat.isDirectory()) throw unfit(directory, `its ${name} is ${kindOf(stat)}`);
}

async function statOf(path: string) {
  return lstat(path).catch((error: unknown) => {
    if (systemCodeOf(error) === "ENOENT") return undefined;
    throw error;
  });
}
