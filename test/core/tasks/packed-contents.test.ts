/** What a thread is told of contents is what there is to tell. */
import fc from "fast-check";
import * as assert from "uvu/assert";
import type { ContentPlace } from "../../../core/tar/pieces.ts";
import { treePath } from "../../../core/model/path.ts";
import { packContents, unpackContents } from "../../../core/tasks/packed-contents.ts";
import { suite } from "../../harness.ts";

const test = suite("tasks/packed-contents");

const offset = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const time = fc.double({ min: 0, max: 4e15, noNaN: true });
/** Byte strings, as host paths and tree paths are. */
const name = fc.string({
  unit: fc.integer({ min: 1, max: 255 }).map((byte) => String.fromCharCode(byte)),
  minLength: 1,
});
const record = <Fields>(fields: { [Key in keyof Fields]: fc.Arbitrary<Fields[Key]> }) =>
  fc.record(fields, { noNullPrototype: true });
const stat = record({ size: offset, mtimeMs: time, ctimeMs: time, ino: offset, dev: offset });
const content = fc.oneof(
  record({ kind: fc.constant("host" as const), file: name, stat }),
  record({ kind: fc.constant("slice" as const), file: name, offset }),
);
const path = name
  .filter((text) => !/^[./]*$/.test(text))
  .map((text) => treePath(text.replaceAll(/[^a-z\x80-\xff]/g, "_")));
const place: fc.Arbitrary<ContentPlace> = record({
  file: record({ path, size: offset, content }),
  at: offset,
  from: offset,
  length: offset,
});

test("any contents come out as they went in, in order", () => {
  fc.assert(
    fc.property(fc.array(place), (places) => {
      assert.equal([...unpackContents(structuredClone(packContents(places)))], places);
    }),
  );
});

test("bytes in memory are refused: a thread would get a copy", () => {
  const file = { path: treePath("a"), size: 1, content: { kind: "inline", bytes: new Uint8Array(1) } } as const;
  assert.throws(() => packContents([{ file, at: 0, from: 0, length: 1 }]), /in memory/);
});

test.run();
