/** What a service has for itself: data of which a part does not compress, a part does by half, and a part nearly vanishes. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cipherBytes } from "../../cipher-bytes.ts";

const MB = 1_000_000;

/** `megabytes` files of one each, the same for the same name, on every machine. */
export function writeOwnData(folder: string, name: string, megabytes: number): void {
  mkdirSync(folder, { recursive: true });
  for (let at = 0; at < megabytes; at++) writeFileSync(join(folder, `${at}.data`), dataOf(`${name} ${at}`, at % 4));
}

function dataOf(seed: string, kind: number): Buffer {
  if (kind === 0) return cipherBytes(seed, MB);
  if (kind < 3) return Buffer.from(cipherBytes(seed, MB / 2).toString("hex"));
  const line = `{"of":"${seed}","kind":"measured","level":"info","message":"nothing new"}\n`;
  return Buffer.from(line.repeat(Math.ceil(MB / line.length))).subarray(0, MB);
}
