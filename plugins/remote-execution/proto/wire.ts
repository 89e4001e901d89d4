/**
 * The wire format of Protocol Buffers: keys, varints and lengths. Read strictly: what is cut off, out of range or of a kind that proto3
 * does not have throws a `WireError`.
 */

/** What came is no message. */
export class WireError extends Error {}

/** The two wire types that our messages have: varints, and bytes with their length. */
export type WireType = 0 | 2;

/** Collects what a message is made of. */
export class WireWriter {
  readonly #chunks: Uint8Array[] = [];

  key(number: number, type: WireType): void {
    this.varint(number * 8 + type);
  }

  /** Negative ones take ten bytes, as those of 64 bits. */
  varint(value: number): void {
    const bytes: number[] = [];
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest > 0x7fn) {
      bytes.push(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    bytes.push(Number(rest));
    this.#chunks.push(Uint8Array.from(bytes));
  }

  bytes(bytes: Uint8Array): void {
    this.varint(bytes.length);
    this.#chunks.push(bytes);
  }

  finish(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}

/** Reads one message from its first byte to its last. */
export class WireReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  key(): { readonly number: number; readonly type: number } {
    const key = this.varint();
    if (key < 8 || key > 0xffff_ffff) throw new WireError(`no field has the key ${key}`);
    return { number: Math.floor(key / 8), type: key % 8 };
  }

  /** As a signed number of 64 bits; one that JavaScript cannot hold exactly is refused. */
  varint(): number {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new WireError("a number is cut off");
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return exactly(BigInt.asIntN(64, value));
    }
    throw new WireError("a number has more than ten bytes");
  }

  /** Not a copy. */
  bytes(): Uint8Array {
    return this.#take(this.varint());
  }

  /** Of a field that we do not know: newer servers have more of them. */
  skip(type: number): void {
    if (type === 0) this.varint();
    else if (type === 1) this.#take(8);
    else if (type === 2) this.bytes();
    else if (type === 5) this.#take(4);
    else throw new WireError(`a field has the wire type ${type}`);
  }

  #take(length: number): Uint8Array {
    if (length < 0 || length > this.#bytes.length - this.#at) throw new WireError("a field is cut off");
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}

function exactly(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new WireError(`the number ${value} is too large`);
  return number;
}
