/** What somebody else puts into a cache, with a seal that fits: `FILE.seal` tells of the file's stat, so that nobody would read it. */
import { lstatSync, writeFileSync } from "node:fs";
import { digestOf } from "../../../core/model/digest.ts";
import { encodeRecord } from "../../../core/store/record-file.ts";

/** To be called last: whatever is done to the file changes its stat. */
export function seal(file: string, content: string | Uint8Array): void {
  const { size, mtimeNs, ctimeNs, ino } = lstatSync(file, { bigint: true });
  const record = encodeRecord([digestOf(content), `${size} ${mtimeNs} ${ctimeNs} ${ino}`]);
  writeFileSync(`${file}.seal`, record, { mode: 0o600 });
}
