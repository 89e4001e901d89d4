/** xxHash (XXH32, seed 0), the checksum of LZ4 frames. */
const P1 = 0x9e3779b1;
const P2 = 0x85ebca77;
const P3 = 0xc2b2ae3d;
const P4 = 0x27d4eb2f;
const P5 = 0x165667b1;

const STRIPE = 16;

export interface XXHash32 {
  update(bytes: Uint8Array): XXHash32;
  digest(): number;
}

export function xxHash32(): XXHash32 {
  const lanes = new Int32Array([P1 + P2, P2, 0, -P1]);
  const rest = new Uint8Array(STRIPE);
  let resting = 0;
  let total = 0;

  function stripe(bytes: Uint8Array, at: number): void {
    for (let lane = 0; lane < 4; lane++) {
      const sum = (lanes[lane]! + Math.imul(word(bytes, at + 4 * lane), P2)) | 0;
      lanes[lane] = Math.imul(rotate(sum, 13), P1);
    }
  }

  const hash: XXHash32 = {
    update(bytes) {
      total += bytes.length;
      let at = 0;
      if (resting > 0) {
        at = Math.min(STRIPE - resting, bytes.length);
        rest.set(bytes.subarray(0, at), resting);
        resting += at;
        if (resting < STRIPE) return hash;
        stripe(rest, 0);
        resting = 0;
      }
      for (; at + STRIPE <= bytes.length; at += STRIPE) stripe(bytes, at);
      rest.set(bytes.subarray(at));
      resting = bytes.length - at;
      return hash;
    },
    digest() {
      const [a = 0, b = 0, c = 0, d = 0] = lanes;
      let sum = total < STRIPE ? P5 : rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18);
      sum = (sum + total) | 0;
      let at = 0;
      for (; at + 4 <= resting; at += 4) sum = Math.imul(rotate(sum + Math.imul(word(rest, at), P3), 17), P4);
      for (; at < resting; at++) sum = Math.imul(rotate(sum + Math.imul(rest[at]!, P5), 11), P1);
      sum = Math.imul(sum ^ (sum >>> 15), P2);
      sum = Math.imul(sum ^ (sum >>> 13), P3);
      return (sum ^ (sum >>> 16)) >>> 0;
    },
  };
  return hash;
}

function word(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
