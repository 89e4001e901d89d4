import { gzipSync } from "node:zlib";
import fc from "fast-check";
import * as assert from "uvu/assert";
import { joinCrc32 } from "../../../core/compress/crc32.ts";
import { suite } from "../../harness.ts";

const test = suite("compress/crc32");

/** As zlib puts it at a member's end. */
function crc32(bytes: Uint8Array): number {
  const packed = gzipSync(bytes);
  return packed.readUInt32LE(packed.length - 8);
}

test("joined is that of the whole", () => {
  const bytes = fc.uint8Array({ maxLength: 5000 });
  fc.assert(
    fc.property(bytes, bytes, (first, second) => {
      const whole = crc32(Buffer.concat([first, second]));
      assert.is(joinCrc32(crc32(first), crc32(second), second.length), whole);
    }),
  );
});

test("of large parts", () => {
  const first = Buffer.alloc(3_000_001, "ab");
  const second = Buffer.alloc(5_000_003, "xyz");
  const whole = crc32(Buffer.concat([first, second]));
  assert.is(joinCrc32(crc32(first), crc32(second), second.length), whole);
});

test.run();
