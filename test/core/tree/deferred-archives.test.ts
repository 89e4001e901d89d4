/** Archives that are not here yet: of what is known of them, exactly what was asked for, or it is missed. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { digestOf } from "../../../core/model/digest.ts";
import type { FileEntry } from "../../../core/model/entry.ts";
import { treePath } from "../../../core/model/path.ts";
import { openContent, readWhole } from "../../../core/tree/content.ts";
import {
  ArchiveMissed,
  beginDeferral,
  bringArchives,
  deferArchive,
  endDeferral,
  isDeferred,
  noteReads,
  notedReads,
} from "../../../core/tree/deferred-archives.ts";
import { suite, tmp } from "../../harness.ts";

const test = suite("tree/deferred-archives");

const BYTES = Buffer.from("the bytes of a whole archive, one after the other");

function archive(): string {
  const file = join(tmp(), "archive.tar");
  writeFileSync(file, BYTES);
  return file;
}

function slice(file: string, offset: number, size: number): FileEntry {
  const content = { kind: "slice", file, archive: digestOf("an archive"), offset } as const;
  return { type: "file", path: treePath("/a"), mode: 0o644, uid: 0, gid: 0, mtime: 1, size, content };
}

function readFrom(entry: FileEntry, from: number, length: number): string {
  const bytes = Buffer.alloc(length);
  const reader = openContent(entry, from);
  reader.read(bytes, 0, length);
  reader.close();
  return bytes.toString();
}

test("what was read of an archive is read again without it; all else is missed, a part of it too, and told", async () => {
  const file = archive();
  noteReads(file);
  readWhole(slice(file, 4, 5));
  readFrom(slice(file, 0, 40), 7, 8);
  readFrom(slice(file, 0, 40), 30, 3);
  const parts = notedReads(file)!;
  assert.equal(
    Array.from(parts, ([start, bytes]) => [start, bytes.length]),
    [
      [4, 11],
      [30, 3],
    ],
  );
  assert.is(notedReads(file), undefined);

  rmSync(file);
  const [ours, others] = [beginDeferral(), beginDeferral()];
  deferArchive(file, parts, async () => writeFileSync(file, BYTES), ours);
  assert.is(readWhole(slice(file, 4, 5)).toString(), BYTES.subarray(4, 9).toString());
  assert.is(readFrom(slice(file, 0, 40), 5, 10), BYTES.subarray(5, 15).toString());
  assert.not(ours.hasMissed);
  for (const [from, length] of [
    [3, 2],
    [14, 2],
    [20, 1],
    [32, 2],
  ] as const) {
    assert.throws(
      () => readFrom(slice(file, 0, 40), from, length),
      (error: unknown) => error instanceof ArchiveMissed,
    );
  }
  assert.equal([ours.hasMissed, others.hasMissed], [true, false]);
  for (const deferral of [ours, others]) endDeferral(deferral);

  const whole = slice(file, 0, BYTES.length);
  assert.ok(isDeferred(whole));
  await bringArchives([whole, slice(file, 1, 2)]);
  assert.not(isDeferred(whole));
  assert.is(readWhole(whole).toString(), BYTES.toString());
});

test("of an archive of which much is read nothing is noted", () => {
  const file = join(tmp(), "large.tar");
  writeFileSync(file, Buffer.alloc(3_000_000));
  noteReads(file);
  readWhole(slice(file, 0, 2_000_000));
  assert.is(notedReads(file), undefined);
});

test.run();
