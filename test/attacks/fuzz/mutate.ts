/** Changes to sound inputs that parsers fall over: not bytes at random alone, but what the form is made of. */
import type { Random } from "./random.ts";

/** What an input is made of. `tar`: bytes whose headers' sums are right again afterwards. */
export type Form = "bytes" | "tar" | "text" | "json";

type Change<Input> = (input: Input, random: Random) => Input;

const LONGEST = 64 * 1024;
const MOST_CHANGES = 4;

/** One of the seeds, with a few changes. */
export function mutated(seeds: readonly Buffer[], form: Form, random: Random): Buffer {
  const seed = random.of(seeds);
  const count = 1 + random.below(MOST_CHANGES);
  if (form === "json" && random.below(4) > 0) return Buffer.from(changedJson(seed, count, random)).subarray(0, LONGEST);
  const changes: readonly Change<Buffer>[] = form === "bytes" || form === "tar" ? BYTE_CHANGES : TEXT_CHANGES;
  let bytes = seed;
  for (let done = 0; done < count; done++) bytes = random.of(changes)(bytes, random).subarray(0, LONGEST);
  return form === "tar" ? withSums(bytes) : bytes;
}

const NUMBERS = [0, 1, 2, 3, 7, 8, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0xffff, 2 ** 24, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];

const spliced = (bytes: Buffer, at: number, removed: number, added: Uint8Array): Buffer =>
  Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + removed)]);

const piece = (bytes: Buffer, random: Random): readonly [at: number, length: number] => {
  const at = random.below(bytes.length + 1);
  return [at, random.below(Math.min(600, bytes.length - at) + 1)];
};

function numberAt(bytes: Buffer, random: Random): Buffer {
  const width = random.of([1, 2, 4]);
  if (bytes.length < width) return bytes;
  const copy = Buffer.from(bytes);
  const at = random.below(Math.floor(bytes.length / width)) * width;
  const number = random.of(NUMBERS) % 2 ** (8 * width);
  if (random.below(4) === 0) copy.writeUIntBE(number, at, width);
  else copy.writeUIntLE(number, at, width);
  return copy;
}

const MOVES: readonly Change<Buffer>[] = [
  (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1)),
  (bytes, random) => spliced(bytes, ...piece(bytes, random), Buffer.alloc(0)),
  (bytes, random) => {
    const [at, length] = piece(bytes, random);
    return spliced(bytes, random.below(bytes.length + 1), 0, bytes.subarray(at, at + length));
  },
  (bytes, random) => {
    const [at, length] = piece(bytes, random);
    const times = random.of([2, 3, 50, 1000]);
    return spliced(bytes, at, 0, repeated(bytes.subarray(at, at + length), times));
  },
];

const BYTE_CHANGES: readonly Change<Buffer>[] = [
  ...MOVES,
  numberAt,
  numberAt,
  numberAt,
  (bytes, random) => spliced(bytes, random.below(bytes.length + 1), 1, Buffer.of(random.below(256))),
  (bytes, random) => spliced(bytes, random.below(bytes.length + 1), 0, Buffer.from(random.of(WORDS), "latin1")),
];

const WORDS = [
  ..."\0 \n\r\t\"'`\\/{}[]()<>|&;:,.*?!$#@%^~=+-",
  "..",
  "../",
  "//",
  "${a",
  "$(",
  "-1",
  "1e999",
  "9007199254740993",
  "\u001b[2J",
  "\u00ff",
  "[a-",
  "[!]",
  "{,}",
  "a".repeat(300),
  "(".repeat(100),
  "[".repeat(5000),
  "include /etc/*\n",
  "__proto__",
  "constructor",
  "\n\n",
  "\n ",
];

const TEXT_CHANGES: readonly Change<Buffer>[] = [
  ...MOVES,
  (bytes, random) => spliced(bytes, random.below(bytes.length + 1), 0, Buffer.from(random.of(WORDS), "latin1")),
  (bytes, random) => spliced(bytes, random.below(bytes.length + 1), 1, Buffer.from(random.of(WORDS), "latin1")),
  (bytes, random) => {
    const lines = bytes.toString("latin1").split("\n");
    const line = random.of(lines);
    lines.splice(
      random.below(lines.length),
      random.below(2),
      ...Array.from({ length: random.of([0, 1, 2]) }, () => line),
    );
    return Buffer.from(lines.join("\n"), "latin1");
  },
];

function repeated(bytes: Buffer, times: number): Buffer {
  return Buffer.concat(
    Array.from({ length: Math.min(times, Math.ceil(LONGEST / (bytes.length || LONGEST))) }, () => bytes),
  );
}

type Json = unknown;

const NO_TEXTS: readonly Json[] = [null, true, -1, 0, 0.5, 2 ** 53, -(2 ** 63), 1e308, [], {}, [[]], { a: {} }];
const TEXTS = ["", "..", "../x", "\0", "\ud800", "\u001b[2J", "npm:a@1", "workspace:*", "__proto__", "http://[", "%zz"];
const VALUES: readonly Json[] = [...NO_TEXTS, ...TEXTS, "a".repeat(5000), `sha256:${"0".repeat(64)}`];

function changedJson(seed: Buffer, count: number, random: Random): string {
  const holder = { root: JSON.parse(seed.toString()) as Json };
  for (let done = 0; done < count; done++) changeSomewhere(holder, random);
  return JSON.stringify(holder.root) ?? "";
}

/** Goes down at random, and changes what it comes to. */
function changeSomewhere(holder: object, random: Random): void {
  let at = holder as Record<string, Json>;
  for (;;) {
    const keys = Object.keys(at);
    if (keys.length === 0) return;
    const key = random.of(keys);
    const inner = at[key];
    if (typeof inner === "object" && inner !== null && random.below(4) > 0 && Object.keys(inner).length > 0) {
      at = inner as Record<string, Json>;
      continue;
    }
    const change = random.below(5);
    if (change === 0) delete at[key];
    else if (change === 1) at[random.of(["", "__proto__", "..", `${key}x`, "name"])] = structuredClone(inner);
    else if (change === 2 && typeof inner === "string")
      at[key] = TEXT_CHANGES[random.below(6)]!(Buffer.from(inner), random).toString("latin1");
    else at[key] = structuredClone(random.of(VALUES));
    return;
  }
}

const BLOCK = 512;
const SUM = 148;

/** Else no change of a header would come further than its sum. */
function withSums(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  for (let at = 0; at + BLOCK <= copy.length; at += BLOCK) {
    const header = copy.subarray(at, at + BLOCK);
    if (header.toString("latin1", 257, 262) !== "ustar") continue;
    header.fill(0x20, SUM, SUM + 8);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, SUM, "latin1");
  }
  return copy;
}
