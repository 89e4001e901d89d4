/** Takes exact numbers of bytes from a stream of chunks, counting. */
import { ImageDslError } from "../error.ts";
import { requireWithin } from "../limits/limits.ts";
import type { PassingChunks } from "./passing-chunks.ts";

export class ByteQueue {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #pass: PassingChunks["pass"] | undefined;
  #current: Uint8Array = new Uint8Array(0);
  #used = 0;
  #position = 0;

  constructor(chunks: AsyncIterable<Uint8Array> | PassingChunks) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.#pass = "pass" in chunks ? chunks.pass : undefined;
  }

  /** Bytes taken or skipped so far. */
  get position(): number {
    return this.#position;
  }

  /** The next `size` bytes, copied where they cross chunks; undefined at the stream's end. Throws `E_TAR_INVALID` when it ends inside. */
  async take(size: number): Promise<Buffer | undefined> {
    if (this.#current.length - this.#used >= size) {
      const bytes = Buffer.from(this.#current.buffer, this.#current.byteOffset + this.#used, size);
      this.#advance(size);
      return bytes;
    }
    const bytes = Buffer.alloc(size);
    let filled = 0;
    while (filled < size) {
      if (this.#used === this.#current.length && !(await this.#pull())) {
        if (filled === 0) return undefined;
        throw cutOff();
      }
      const piece = this.#current.subarray(this.#used, this.#used + size - filled);
      bytes.set(piece, filled);
      filled += piece.length;
      this.#advance(piece.length);
    }
    return bytes;
  }

  /** Nothing more is taken: whatever the chunks come from is let go. */
  async end(): Promise<void> {
    await this.#chunks.return?.();
  }

  /** Throws `E_TAR_INVALID` when the stream ends inside; where the chunks can be passed over, the next `take` sees that it has ended. */
  async skip(size: number): Promise<void> {
    const beyond = size - (this.#current.length - this.#used);
    if (this.#pass !== undefined && beyond > 0) {
      this.#pass(beyond);
      this.#used = this.#current.length;
      this.#count(size);
      return;
    }
    let left = size;
    while (left > 0) {
      if (this.#used === this.#current.length && !(await this.#pull())) throw cutOff();
      const piece = Math.min(left, this.#current.length - this.#used);
      this.#advance(piece);
      left -= piece;
    }
  }

  #advance(count: number): void {
    this.#used += count;
    this.#count(count);
  }

  #count(count: number): void {
    this.#position += count;
    requireWithin("tar.bytes", this.#position, "The archive");
  }

  async #pull(): Promise<boolean> {
    const next = await this.#chunks.next();
    if (next.done) return false;
    this.#current = next.value;
    this.#used = 0;
    return true;
  }
}

function cutOff(): ImageDslError {
  return new ImageDslError("E_TAR_INVALID", "The tar archive is cut off");
}
