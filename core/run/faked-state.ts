/**
 * The file in which fakeroot keeps what it faked: a line for each inode, `dev` in hex, `mode` in octal with the type,
 * all else in decimal (seen with fakeroot 1.31).
 */
import { constants } from "node:fs";
import { ImageDslError } from "../error.ts";
import { displayBytes } from "../model/bytes.ts";
import type { Entry } from "../model/entry.ts";
import { deviceNumber, type FakedStat } from "../tree/file-identity.ts";
import type { LaidTree } from "../tree/materialize.ts";

/** The state that shows a laid-out tree with its own modes, owners and special files. */
export function fakedState(laid: LaidTree): string {
  const lines = new Map<string, string>();
  for (const each of laid.entries.values()) {
    if (each.entry.type === "hardlink") continue; // Its file's line holds for it.
    const { dev, ino, nlink, entry } = each;
    const mode = fakedMode(entry, each.mode);
    const rdev = entry.type === "character" || entry.type === "block" ? deviceOf(entry.major, entry.minor) : 0n;
    lines.set(
      `${dev}:${ino}`,
      `dev=${dev.toString(16)},ino=${ino},mode=${mode.toString(8)},uid=${entry.uid},gid=${entry.gid},nlink=${nlink},rdev=${rdev}\n`,
    );
  }
  return [...lines.values()].join("");
}

const LINE = /^dev=([0-9a-f]+),ino=(\d+),mode=([0-7]+),uid=(\d+),gid=(\d+),nlink=\d+,rdev=(\d+)$/;

/** By `inodeKey`. Throws `E_RUNNER_UNSUPPORTED` for a line in another form. */
export function parseFakedState(text: string): ReadonlyMap<string, FakedStat> {
  const stats = new Map<string, FakedStat>();
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const match = LINE.exec(line);
    if (!match) {
      throw new ImageDslError(
        "E_RUNNER_UNSUPPORTED",
        `Cannot read fakeroot's record "${displayBytes(line.slice(0, 200))}"`,
        {
          hint: "Install fakeroot 1.31 or report its version to image-dsl",
        },
      );
    }
    const [, dev, ino, mode, uid, gid, rdev] = match as unknown as readonly [
      string,
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    stats.set(`${BigInt(`0x${dev}`)}:${ino}`, {
      mode: Number.parseInt(mode, 8),
      uid: Number(uid),
      gid: Number(gid),
      ...deviceNumber(BigInt(rdev)),
    });
  }
  return stats;
}

/** The type bits and permissions that the script shall see. */
function fakedMode(entry: Entry, realMode: number): number {
  switch (entry.type) {
    case "character":
      return constants.S_IFCHR | entry.mode;
    case "block":
      return constants.S_IFBLK | entry.mode;
    case "fifo":
      return constants.S_IFIFO | entry.mode;
    case "symlink":
      return realMode;
    default:
      return (realMode & constants.S_IFMT) | entry.mode;
  }
}

/** glibc's makedev. */
function deviceOf(major: number, minor: number): bigint {
  const [a, b] = [BigInt(major), BigInt(minor)];
  return ((a & 0xfffn) << 8n) | (b & 0xffn) | ((b & ~0xffn) << 12n) | ((a & ~0xfffn) << 32n);
}
