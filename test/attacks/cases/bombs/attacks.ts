/** Much out of little, by each codec. Each is one compressed piece many times: members and frames may stand one behind another. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Attack } from "../../attack.ts";
import { block } from "../../make/tar.ts";
import { requireTool } from "../../../harness.ts";

const PIECE = 64 * 1024 ** 2;
const PIECES = 48;

const BOMB = ["more than 250 times the bytes that went in", "--limit unpack.ratio=500"];

function attack(name: string, command: readonly [string, ...string[]], suffix: string, says = BOMB): Attack {
  const compress = (input: Uint8Array): Buffer =>
    execFileSync(requireTool(command[0]), command.slice(1), { input, maxBuffer: PIECE });
  return {
    name,
    make(folder) {
      const zeros = compress(Buffer.alloc(PIECE));
      const header = compress(block({ name: "zeros", size: PIECE * PIECES }));
      const pieces = Array.from({ length: PIECES }, () => zeros);
      writeFileSync(join(folder, `input.tar.${suffix}`), Buffer.concat([header, ...pieces]));
    },
    image: `dsl.image({ name: "t", contents: dsl.archive("./input.tar.${suffix}") })`,
    ends: { code: "E_COMPRESSION", says: [`./input.tar.${suffix}: `, ...says] },
  };
}

export const attacks: readonly Attack[] = [
  attack("3 GiB of zeros, gzip", ["gzip", "-c"], "gz"),
  attack("3 GiB of zeros, bzip2", ["bzip2", "-c"], "bz2"),
  attack("3 GiB of zeros, xz", ["xz", "-0", "-c"], "xz"),
  attack("3 GiB of zeros, Zstandard", ["zstd", "-q", "-c"], "zst"),
  attack("3 GiB of zeros, Zstandard with a window of 2 GiB", ["zstd", "-q", "--ultra", "--long=31", "-c"], "zst", [
    "its window is larger than 128 MiB",
    "→ Compress it with a smaller window",
  ]),
];
