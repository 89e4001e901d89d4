/** The files that an image archive or an OCI layout consists of: where their bytes are. Nothing is unpacked. */
import { realpathSync, statSync, type Stats } from "node:fs";
import { join, resolve } from "node:path";
import {
  ImageDslError,
  compressionOfFile,
  hostPath,
  isReference,
  messageOf,
  openRegular,
  readRange,
  requireWithin,
  systemCodeOf,
  treePath,
  unpackedArchive,
  unsound,
  type BuildContext,
  type FilePlace,
  type LimitName,
} from "../../core/index.ts";
import { readMembers } from "./members.ts";

export interface ImageFiles {
  /** As it is shown to people. */
  readonly shown: string;
  /** Undefined where there is no such file. Throws `E_PATH_INVALID` for a name that leads out. */
  find(name: string): FilePlace | undefined;
}

/** Throws `E_BASE_IMAGE` where nothing is there, `E_COMPRESSION` and `E_TAR_INVALID` where it is damaged. */
export async function openImageFiles(given: string, context: BuildContext): Promise<ImageFiles> {
  const path = resolve(context.directory, given);
  const stat = statOf(path, given);
  if (stat.isDirectory()) return layoutFiles(path, given, context);
  if (stat.isFile()) return archiveFiles(path, given, context);
  throw new ImageDslError("E_BASE_IMAGE", `Cannot read the base image "${given}": it is neither a file nor a folder`);
}

/** Links are followed inside the folder only. */
function layoutFiles(directory: string, shown: string, { reads }: Pick<BuildContext, "reads">): ImageFiles {
  const root = realpathSync(directory);
  return {
    shown,
    find(name) {
      const place = join(root, treePath(name));
      reads.path(hostPath(place));
      const file = realPath(place);
      if (file === undefined) return undefined;
      if (!file.startsWith(`${root}/`)) {
        throw unsound(shown, "a link in it leads out of its folder");
      }
      const stat = statSync(file);
      return stat.isFile() ? { file, offset: 0, size: stat.size } : undefined;
    },
  };
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

async function archiveFiles(path: string, shown: string, context: BuildContext): Promise<ImageFiles> {
  const format = await compressionOfFile(path);
  const tar = format === "none" ? path : (await unpackedArchive(path, format, context)).file;
  const members = await readMembers(tar, context.store, context.signal);
  return {
    shown,
    find(name) {
      const place = members.find(treePath(name));
      return place && { file: tar, ...place };
    },
  };
}

/** The file's bytes. Throws `E_BASE_IMAGE` beyond the limit. */
export async function readPlace(place: FilePlace, limit: LimitName, shown: string): Promise<Buffer> {
  requireWithin(limit, place.size, shown);
  const pieces: Uint8Array[] = [];
  const handle = await openRegular(place.file);
  try {
    for await (const piece of readRange(handle, place.offset, place.size)) pieces.push(piece);
  } finally {
    await handle.close();
  }
  return Buffer.concat(pieces);
}

function statOf(path: string, given: string): Stats {
  try {
    return statSync(path);
  } catch (cause) {
    const isMissing = systemCodeOf(cause) === "ENOENT";
    const why = isMissing
      ? "it is taken for the path of an archive or a layout, and nothing is there"
      : messageOf(cause);
    throw new ImageDslError("E_BASE_IMAGE", `Cannot read the base image "${given}": ${why}`, {
      hint: missingHint(given),
      cause: isMissing ? undefined : cause,
    });
  }
}

/** Command lines and other tools write images in other ways: what looks like one of those is told how it is written here. */
function missingHint(given: string): string {
  const [, transport, rest = ""] = /^([a-z][a-z-]*):(.*)$/.exec(given) ?? [];
  const [path, ...name] = rest.split(":");
  if (transport === "oci" || transport === "oci-archive" || transport === "docker-archive") {
    const tag = name.length === 0 ? "" : `, with fromImageTag: "${name.at(-1)}" beside it`;
    return `fromImage takes the path alone: write fromImage: "${path}"${tag}`;
  }
  if (transport?.includes("-")) return `fromImage takes no daemons: image-dsl copy ${given} oci:DIR makes a path of it`;
  const isName = isReference(given) || isReference(`${given}:latest`);
  const registry = isName
    ? `; an image of a registry is written docker://${given}, or image({ from: "${given}" })`
    : "";
  return `Paths start from the config's folder${registry}`;
}
