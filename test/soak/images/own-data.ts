/** What a service has for itself: data of which a part does not compress, a part does by half, and a part nearly vanishes. */
import { createCipheriv, createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const MB = 1_000_000;

/** `megabytes` files of one each, the same for the same name, on every machine. */
export function writeOwnData(folder: string, name: string, megabytes: number): void {
  mkdirSync(folder, { recursive: true });
  for (let at = 0; at < megabytes; at++) writeFileSync(join(folder, `${at}.data`), dataOf(`${name} ${at}`, at % 4));
}

function dataOf(seed: string, kind: number): Buffer {
  if (kind === 0) return randomBytes(seed, MB);
  if (kind < 3) return Buffer.from(randomBytes(seed, MB / 2).toString("hex"));
  const line = `{"of":"${seed}","kind":"measured","level":"info","message":"nothing new"}\n`;
  return Buffer.from(line.repeat(Math.ceil(MB / line.length))).subarray(0, MB);
}

/** As quick as a cipher. */
function randomBytes(seed: string, size: number): Buffer {
  const key = createHash("sha256").update(seed).digest();
  return createCipheriv("aes-256-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(size));
}
