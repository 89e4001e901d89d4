/** Reading a work directory back: every name in it, however odd, and what `lstat` says. */
import { chmodSync, lstatSync, readdirSync, readlinkSync, type BigIntStats } from "node:fs";
import { ImageDslError, messageOf, systemCodeOf } from "../error.ts";
import { runtime } from "../host.ts";
import { displayBytes } from "../model/bytes.ts";
import type { HostPath } from "../model/entry.ts";
import { ROOT, displayPath, joinPath, type TreePath } from "../model/path.ts";
import { hostPath } from "./host.ts";
import { placeOf } from "./materialize.ts";
import type { Pausing } from "./turns.ts";

export interface Found {
  readonly path: TreePath;
  readonly stat: BigIntStats;
}

/**
 * All below `root` but `leaveOut` and what is below those, in tree order. Throws `E_SCRIPT_FAILED` for sockets, and for
 * what lies too deep.
 */
export function* walkDirectory(root: HostPath, leaveOut: readonly TreePath[]): Pausing<readonly Found[]> {
  const found: Found[] = [];
  // The last one is next.
  const pending = pathsIn(root, ROOT, leaveOut).reverse();
  while (pending.length > 0) {
    const path = pending.pop()!;
    const stat = statOf(root, path);
    if (stat.isSocket()) {
      throw socketLeft(displayPath(path));
    }
    found.push({ path, stat });
    yield;
    if (stat.isDirectory()) for (const each of pathsIn(root, path, leaveOut).reverse()) pending.push(each);
  }
  return found;
}

/** `path`: as it is shown. */
export function socketLeft(path: string): ImageDslError {
  return new ImageDslError("E_SCRIPT_FAILED", `The script left the socket ${path}, which no image can hold`, {
    hint: "Stop the server and remove its socket at the script's end",
  });
}

/** In order. */
function pathsIn(root: HostPath, directory: TreePath, leaveOut: readonly TreePath[]): TreePath[] {
  const names = namesIn(placeOf(root, directory)).toSorted();
  return names.map((name) => joinPath(directory, name)).filter((path) => !leaveOut.includes(path));
}

/** A script can go down further than a path of one piece can say. */
function statOf(root: HostPath, path: TreePath): BigIntStats {
  try {
    return lstatSync(placeOf(root, path), { bigint: true });
  } catch (cause) {
    if (systemCodeOf(cause) !== "ENAMETOOLONG") throw cause;
    throw new ImageDslError("E_SCRIPT_FAILED", `The script left ${displayPath(path)}, which lies too deep to be read`, {
      hint: "Shorten its path: Linux takes 4,095 bytes, those of the work directory's own path among them",
      cause,
    });
  }
}

function namesIn(directory: string | Buffer): readonly string[] {
  try {
    return readNames(directory);
  } catch (cause) {
    if (systemCodeOf(cause) !== "EACCES") throw cause;
    // It is ours; the script took our own right away. Its mode is read again later, from what was found before.
    chmodSync(directory, 0o700);
    return readNames(directory);
  }
}

function readNames(directory: string | Buffer): readonly string[] {
  if (runtime() === "node")
    return readdirSync(directory, { encoding: "buffer" }).map((name) => name.toString("latin1"));
  const names = readdirSync(directory);
  const odd = names.find((name) => name.includes("\uFFFD"));
  if (odd !== undefined) {
    throw new ImageDslError("E_CONTENT_UNREADABLE", `The script made a file whose name is not UTF-8: "${odd}"`, {
      hint: `Run image-dsl with Node, since ${runtime()} cannot open such files, or name the file otherwise`,
    });
  }
  return names.map(hostPath);
}

/** A link's target as a byte string. */
export function readLink(place: string | Buffer): string {
  try {
    if (runtime() === "node") return readlinkSync(place, { encoding: "buffer" }).toString("latin1");
    return hostPath(readlinkSync(place));
  } catch (cause) {
    throw new ImageDslError(
      "E_CONTENT_UNREADABLE",
      `Cannot read the link ${displayBytes(hostPath(place))}: ${messageOf(cause)}`,
      { cause },
    );
  }
}
