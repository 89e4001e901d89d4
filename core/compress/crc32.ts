/** CRC-32 (RFC 1952, section 8) of bytes in a row from those of their parts, which other threads computed. */

/** The polynomial, and all others here, with x^0 in the topmost bit. */
const POLYNOMIAL = 0xedb88320;
const ONE = 0x80000000;
/** x^8: appending a byte multiplies by it. */
const BYTE = ONE >>> 8;

/** Of `first` followed by `second`, which is `secondSize` bytes long. The CRC of no bytes is 0. */
export function joinCrc32(first: number, second: number, secondSize: number): number {
  return (multiply(power(BYTE, secondSize), first) ^ second) >>> 0;
}

/** Modulo the polynomial. */
function multiply(left: number, right: number): number {
  let product = 0;
  let shifted = right;
  for (let bit = ONE; bit !== 0; bit >>>= 1) {
    if ((left & bit) !== 0) product ^= shifted;
    shifted = (shifted & 1) === 0 ? shifted >>> 1 : (shifted >>> 1) ^ POLYNOMIAL;
  }
  return product;
}

function power(base: number, exponent: number): number {
  let result = ONE;
  let square = base;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = multiply(result, square);
    square = multiply(square, square);
  }
  return result;
}
