/** What is small each time and large together. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Attack, Made, Refused } from "../../attack.ts";
import { END, block, pax } from "../../make/tar.ts";

/** Of so many pieces, written in compressed batches that are equal: gzip's members may stand one behind another (RFC 1952, 2.2). */
function attack(name: string, piece: Buffer, times: number, ends: Made | Refused, level = 9): Attack {
  return {
    name,
    make(folder) {
      const batch = Math.max(1, Math.floor(2 ** 24 / piece.length));
      const zipped = gzipSync(Buffer.concat(Array.from({ length: batch }, () => piece)), { level });
      const batches = Array.from({ length: Math.ceil(times / batch) }, () => zipped);
      writeFileSync(join(folder, "input.tar.gz"), Buffer.concat([...batches, gzipSync(END)]));
    },
    image: `dsl.image({ name: "t", contents: dsl.archive("./input.tar.gz") })`,
    ends,
  };
}

const empty = block({ name: "f" });

export const attacks: readonly Attack[] = [
  attack("6,000 pax headers of 400 kB", Buffer.concat([pax({ comment: "x".repeat(400_000) }), empty]), 6000, {
    code: "E_COMPRESSION",
    says: ["./input.tar.gz", "more than 250 times the bytes that went in"],
  }),
  attack(
    "1,000 pax headers of 400 kB that hardly shrink",
    Buffer.concat([pax({ comment: noise(400_000) }), empty]),
    1000,
    {
      code: "E_TAR_LIMIT",
      says: ["./input.tar.gz", /headers/],
    },
  ),
];

/** Letters that gzip makes a little smaller, the same each time. */
function noise(length: number): string {
  let state = 1;
  return Array.from({ length }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return String.fromCharCode(97 + (state % 26));
  }).join("");
}
