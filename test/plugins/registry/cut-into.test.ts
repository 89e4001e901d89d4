/** Streams in pieces of one size, whatever the sizes of their chunks are. */
import fc from "fast-check";
import * as assert from "uvu/assert";
import { cutInto } from "../../../plugins/registry/push/cut-into.ts";
import { suite } from "../../harness.ts";
import { runs } from "../../sampled.ts";

const test = suite("registry/cut-into");

test("all bytes come, in full pieces but for the last, each as it was while it is used", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 40 })),
      fc.nat(30),
      fc.nat(200),
      async (chunks, more, expected) => {
        const size = more + 1;
        async function* open() {
          // As streams of the product do it: a chunk's memory is another one's when the one after the next is asked for.
          const turns = [Buffer.alloc(40), Buffer.alloc(40)];
          for (const [index, chunk] of chunks.entries()) {
            const place = turns[index % 2]!;
            place.fill(0xff);
            place.set(chunk);
            yield place.subarray(0, chunk.length);
          }
        }
        const all = Buffer.concat(chunks);
        const pieces: Buffer[] = [];
        for await (const piece of cutInto(open(), size, expected)) {
          const before = Buffer.from(piece);
          await new Promise((resolve) => setImmediate(resolve));
          assert.ok(before.equals(piece));
          pieces.push(before);
        }
        assert.ok(Buffer.concat(pieces).equals(all));
        assert.ok(pieces.slice(0, -1).every(({ length }) => length === size));
        assert.is(pieces.length, Math.max(1, Math.ceil(all.length / size)));
      },
    ),
    { numRuns: runs(300) },
  );
});

test("where its use ends early, so does the stream", async () => {
  let ended = false;
  async function* open() {
    try {
      for (;;) yield Buffer.alloc(3);
    } finally {
      ended = true;
    }
  }
  for await (const piece of cutInto(open(), 10, 10)) {
    assert.is(piece.length, 10);
    break;
  }
  assert.ok(ended);
});

test.run();
