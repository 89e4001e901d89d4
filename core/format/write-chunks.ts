/** A host file as a destination: a regular one is replaced whole; what a pipe or a device is, is written into. */
import { lstat, open, readlink, type FileHandle } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { ImageDslError, messageOf, systemCodeOf } from "../error.ts";
import { userId } from "../host.ts";
import { makeDirectory } from "../store/make-directory.ts";
import { replaceFile } from "../store/replace-file.ts";
import { pump } from "./pump.ts";

/**
 * Writes the chunks to `file`: under another name, renamed when whole; at the target of a symbolic link that is this user's or root's; straight into
 * a pipe or device. Mode 0666 less the umask, as any file that a program makes. Throws `E_OUTPUT`, `E_NO_SPACE`.
 */
export async function writeChunks(file: string, chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
  try {
    const place = await placeOf(file);
    if (place.kind === "stream") return await writeInto(place.path, "w", chunks, signal);
    makeDirectory(dirname(place.path));
    await replaceFile(place.path, (temporary) => writeInto(temporary, "wx", chunks, signal));
  } catch (cause) {
    // What the chunks' own making throws says more than we could.
    if (cause instanceof ImageDslError || systemCodeOf(cause) === undefined) throw cause;
    throw new ImageDslError("E_OUTPUT", `Cannot write ${file}: ${messageOf(cause)}`, {
      hint: systemCodeOf(cause) === "ENOSPC" ? "Make room there" : "Name a file in a folder that you may write to",
      cause,
    });
  }
}

interface Place {
  readonly kind: "file" | "stream";
  readonly path: string;
}

/** As many links as Linux follows. */
const MAX_LINKS = 40;

async function placeOf(file: string, links = 0): Promise<Place> {
  const stat = await lstat(file).catch((error: unknown) => {
    if (systemCodeOf(error) === "ENOENT") return undefined;
    throw error;
  });
  if (stat === undefined || stat.isFile()) return { kind: "file", path: file };
  if (stat.isSymbolicLink() && links < MAX_LINKS) {
    refuseForeign(file, stat.uid);
    return placeOf(resolve(dirname(file), await readlink(file)), links + 1);
  }
  if (stat.isFIFO() || stat.isCharacterDevice()) return { kind: "stream", path: file };
  throw new ImageDslError("E_OUTPUT", `${file} is there and is no file`, { hint: "Remove it, or name another" });
}

/** Whoever may make links where we write, as anybody may in /tmp, could choose by one which of our files is replaced. */
function refuseForeign(link: string, owner: number): void {
  const user = userId();
  if (user === undefined || owner === user || owner === 0) return;
  throw new ImageDslError("E_OUTPUT", `${link} is a link of another user's (${owner}), which is not followed`, {
    hint: "Name the file that is meant, or remove the link",
  });
}

async function writeInto(
  path: string,
  flags: "w" | "wx",
  chunks: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  const handle: FileHandle = await open(path, flags, 0o666);
  try {
    await pump(chunks, (bytes) => handle.writeFile(bytes), signal);
  } finally {
    await handle.close();
  }
}
