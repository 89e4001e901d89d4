import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import * as assert from "uvu/assert";
import { decompress } from "../../../core/compress/decompress.ts";
import { detectCompression, type CompressionFormat } from "../../../core/compress/detect.ts";
import { ImageDslError } from "../../../core/error.ts";
import { raiseLimits } from "../../../core/limits/limits.ts";
import { requireTool, suite, tmp } from "../../harness.ts";
import { runs, sampled } from "../../sampled.ts";

const test = suite("compress/decompress");

const REFEREES = { gz: "gzip", bz2: "bzip2", xz: "xz", zst: "zstd", lz4: "lz4" } as const;
type Packed = keyof typeof REFEREES;
const FORMATS = Object.keys(REFEREES) as readonly Packed[];

const inputFile = join(tmp(), "input");

const SAMPLE = Buffer.from(Array.from({ length: 20_000 }, (_, i) => `line ${(i * 7919) % 10_007}\n`).join(""));

for (const format of FORMATS) {
  test(`reads what the ${REFEREES[format]} command writes, in pieces of any size`, async () => {
    const packed = pack(format, SAMPLE);
    assert.is(detectCompression(packed), format);
    for (const piece of [1, 7, 1000, 65_536, packed.length]) {
      assert.ok(SAMPLE.equals(await read(format, slices(packed, piece))), `pieces of ${piece}`);
    }
  });

  test(`reads several ${format} streams in a row as one`, async () => {
    const both = Buffer.concat([pack(format, SAMPLE), pack(format, Buffer.from("tail"))]);
    assert.ok((await read(format, slices(both, 997))).equals(Buffer.concat([SAMPLE, Buffer.from("tail")])));
    assert.ok(
      (await read(format, [pack(format, SAMPLE), pack(format, Buffer.from("tail"))])).length === SAMPLE.length + 4,
    );
  });

  test(`reads an empty ${format} stream, but not nothing at all`, async () => {
    assert.is((await read(format, [pack(format, Buffer.alloc(0))])).length, 0);
    await rejects(read(format, []), "E_COMPRESSION");
  });

  test(`any truncation of a ${format} stream is an error`, async () => {
    const packed = pack(format, SAMPLE.subarray(0, 600));
    for (const length of sampled([...packed.keys()], 60)) {
      await rejects(read(format, [packed.subarray(0, length)]), "E_COMPRESSION", `${length} bytes`);
    }
  });

  test(`a damaged byte in a ${format} stream never gives other bytes`, async () => {
    const sample = SAMPLE.subarray(0, 600);
    const packed = pack(format, sample);
    let noticed = 0;
    const places = sampled([...packed.keys()], 60);
    for (const at of places) {
      const damaged = Buffer.from(packed);
      damaged[at]! ^= 0x40;
      // Some bits mean nothing: the time in a gzip header, the rest of zstd's last byte.
      const result = await read(format, [damaged]).catch((error: ImageDslError) => error.code);
      assert.ok(result === "E_COMPRESSION" || sample.equals(result as Buffer), `byte ${at}`);
      if (result === "E_COMPRESSION") noticed++;
    }
    assert.ok(noticed > places.length / 2);
  });

  test(`what follows a ${format} stream is an error`, async () => {
    const packed = pack(format, SAMPLE);
    for (const tail of ["garbage that is long enough to be noticed", "x", "\0\0\0garbage"]) {
      await rejects(read(format, [Buffer.concat([packed, Buffer.from(tail)])]), "E_COMPRESSION", JSON.stringify(tail));
      await rejects(read(format, [packed, Buffer.from(tail)]), "E_COMPRESSION", `later: ${JSON.stringify(tail)}`);
    }
  });

  test(`${format} output beyond the limits is refused before all of it is made`, async () => {
    const packed = pack(format, Buffer.alloc(20_000_000));
    let seen = 0;
    try {
      for await (const piece of decompress(stream([packed]), format, 1_000_000)) seen += piece.length;
      assert.unreachable();
    } catch (error) {
      assert.is((error as ImageDslError).code, "E_COMPRESSION");
    }
    assert.ok(seen <= 1_000_000, `${seen} bytes came out`);
  });

  test(`zeros in ${format} are a bomb by default, and none where it is raised`, async () => {
    const packed = pack(format, Buffer.alloc(70_000_000));
    const bomb = await rejects(read(format, [packed], 1e9), "E_COMPRESSION");
    assert.match(bomb.message, "250 times");
    assert.match(bomb.message, "--limit unpack.ratio=500");
    assert.match(bomb.hint ?? "", "bomb");
    let size = 0;
    const lowerLimits = raiseLimits({ "unpack.ratio": 2_000_000 });
    for await (const piece of decompress(stream([packed]), format)) {
      size += piece.length;
      // What a decoder makes at once is bounded, whatever the block or frame that it comes from.
      assert.ok(piece.length <= 4 * 1024 * 1024, `${piece.length} bytes at once`);
    }
    lowerLimits();
    assert.is(size, 70_000_000);
  });

  test(`ending early ends the input of the ${format} decoder`, async () => {
    const random = Buffer.concat(
      Array.from({ length: 200 }, (_, i) =>
        Buffer.from(fc.sample(fc.uint8Array({ minLength: 5000, maxLength: 5000 }), { seed: i, numRuns: 1 })[0]!),
      ),
    );
    const packed = pack(format, random);
    let ended = false;
    async function* input() {
      try {
        yield* slices(packed, 4096);
      } finally {
        ended = true;
      }
    }
    for await (const _ of decompress(input(), format, 1e9)) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.ok(ended);
  });

  test(`an error of the input comes through the ${format} decoder unchanged`, async () => {
    const packed = pack(format, SAMPLE);
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield packed.subarray(0, 100);
      throw new ImageDslError("E_NETWORK", "The line is cut");
    }
    await rejects(collect(decompress(broken(), format, 1e9)), "E_NETWORK");
  });
}

test("streams of one format can be read at the same time", async () => {
  for (const format of FORMATS) {
    const packed = pack(format, SAMPLE);
    const first = decompress(stream(slices(packed, 100)), format, 1e9);
    await first.next();
    assert.ok(SAMPLE.equals(await read(format, [packed])), format);
    await first.return();
  }
});

test("any bytes survive each referee and the decoder", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...FORMATS),
      fc.uint8Array({ maxLength: 5000 }),
      fc.integer({ min: 1, max: 600 }),
      async (format, bytes, piece) => {
        const input = Buffer.from(bytes);
        return input.equals(await read(format, slices(pack(format, input), piece)));
      },
    ),
    { numRuns: runs(25) },
  );
});

test("xz: padding between streams, all levels of dictionary, checks CRC32, CRC64 and none", async () => {
  const padded = Buffer.concat([pack("xz", SAMPLE), Buffer.alloc(8), pack("xz", SAMPLE), Buffer.alloc(4)]);
  assert.is((await read("xz", slices(padded, 1000))).length, 2 * SAMPLE.length);
  for (const args of [["-0"], ["-9e"], ["--check=crc32"], ["--check=none"], ["-T2", "--block-size=4096"]]) {
    assert.ok(SAMPLE.equals(await read("xz", [pack("xz", SAMPLE, args)])), args.join(" "));
  }
});

test("xz: what the decoder does not know is said", async () => {
  for (const args of [["--check=sha256"], ["--x86", "--lzma2"]]) {
    const error = await rejects(read("xz", [pack("xz", SAMPLE, args)]), "E_COMPRESSION");
    assert.match(error.message, "does not know");
  }
  const error = await rejects(read("xz", [pack("xz", SAMPLE, ["--lzma2=dict=512MiB"])]), "E_COMPRESSION");
  assert.match(error.message, "dictionary");
});

test("zstd: long windows, without checksum, with many frames and skippable ones", async () => {
  for (const args of [["--ultra", "-22"], ["--no-check"], ["--long=27"], ["-1", "-T2"]]) {
    assert.ok(SAMPLE.equals(await read("zst", [pack("zst", SAMPLE, args)])), args.join(" "));
  }
  const skippable = Buffer.from([0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
  assert.is(detectCompression(skippable), "zst");
  assert.ok(SAMPLE.equals(await read("zst", [skippable, pack("zst", SAMPLE), skippable])));
});

test("zstd: skippable frames of any length and kind are passed over wherever they are, and however they come", async () => {
  const frame = pack("zst", Buffer.from("hello"));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ size: fc.oneof(fc.nat(20), fc.integer({ min: 131_060, max: 131_080 })), kind: fc.nat(15) })),
      fc.nat(8),
      fc.integer({ min: 1000, max: 200_000 }),
      async (skipped, place, step) => {
        const frames = skipped.map(({ size, kind }) => {
          const bytes = Buffer.alloc(8 + size, 0x28);
          bytes.writeUInt32LE(0x184d2a50 + kind, 0);
          bytes.writeUInt32LE(size, 4);
          return bytes;
        });
        const whole = Buffer.concat([...frames.slice(0, place), frame, ...frames.slice(place)]);
        const pieces = [];
        for (let at = 0; at < whole.length; at += step) pieces.push(whole.subarray(at, at + step));
        assert.is((await read("zst", pieces)).toString(), "hello");
      },
    ),
    { numRuns: runs(50) },
  );
  const cut = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 9, 0, 0, 0, 1]);
  await rejects(read("zst", [frame, cut]), "E_COMPRESSION");
});

test("lz4: linked and separate blocks of each size, with each checksum or none, and the size told", async () => {
  for (const args of [["-B4D"], ["-B4"], ["-9", "-B5"], ["-BX", "-B6D"], ["--content-size"], ["--no-frame-crc"]]) {
    assert.ok(SAMPLE.equals(await read("lz4", [pack("lz4", SAMPLE, args)])), args.join(" "));
  }
  const skippable = Buffer.from([0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
  assert.ok(SAMPLE.equals(await read("lz4", [skippable, pack("lz4", SAMPLE), skippable])));
});

test("lz4: a frame of another version, and a match that reaches before the beginning, are refused", async () => {
  await rejects(read("lz4", [pack("lz4", SAMPLE, ["-l"])]), "E_COMPRESSION", "the old frames");
  // Of one literal and a match at distance 2, in a frame that has no checksum of its content.
  const frame = pack("lz4", Buffer.from("a".repeat(64)), ["--no-frame-crc"]);
  const offset = frame.indexOf(Buffer.from([0x61, 0x01, 0x00]));
  assert.ok(offset > 0);
  frame[offset + 1] = 2;
  const error = await rejects(read("lz4", [frame]), "E_COMPRESSION");
  assert.match(error.message, "a block is damaged");
});

test("gzip: zeros may follow, as the command allows", async () => {
  const packed = pack("gz", SAMPLE);
  assert.ok(SAMPLE.equals(await read("gz", [packed, Buffer.alloc(512)])));
  assert.ok(SAMPLE.equals(await read("gz", [Buffer.concat([packed, Buffer.alloc(512)])])));
});

test("none: bytes pass unchanged, but not beyond the limit", async () => {
  assert.ok(SAMPLE.equals(await read("none", slices(SAMPLE, 1000))));
  await rejects(read("none", [SAMPLE], 10), "E_COMPRESSION");
});

test("formats are told by their first bytes, and short or other input is none", () => {
  for (const bytes of ["", "\x1f", "\xfd7zX", "BZh9", "BZhello", "BZh9text", "PK\x03\x04", "plain text"]) {
    assert.is(detectCompression(Buffer.from(bytes, "latin1")), "none", bytes);
  }
});

function pack(format: Packed, input: Buffer, args: readonly string[] = []): Buffer {
  const tool = requireTool(REFEREES[format]);
  // From a file: Deno stops halfway when a child reads much input and writes much output at once.
  writeFileSync(inputFile, input);
  const { status, stdout, stderr } = spawnSync(tool, ["-c", ...args, inputFile], { maxBuffer: 1e9 });
  if (status !== 0) throw new Error(`${tool} failed: ${String(stderr)}`);
  return stdout;
}

function* slices(bytes: Buffer, size: number): Generator<Buffer> {
  for (let offset = 0; offset < bytes.length; offset += size) yield bytes.subarray(offset, offset + size);
}

async function* stream(pieces: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

function read(format: CompressionFormat, pieces: Iterable<Uint8Array>, most = 1e9): Promise<Buffer> {
  return collect(decompress(stream(pieces), format, most));
}

async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

async function rejects(promise: Promise<unknown>, code: string, what = ""): Promise<ImageDslError> {
  try {
    await promise;
  } catch (error) {
    if (!(error instanceof ImageDslError)) throw error;
    assert.is(error.code, code, what);
    return error;
  }
  throw new Error(`Nothing was thrown ${what}`);
}

test.run();
