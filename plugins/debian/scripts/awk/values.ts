/** awk's values: numbers, strings, and what of the input may be either. */
import { refuseAwk } from "./lexer.ts";

/** From a field, `-v` or `split`: a number too, if it looks like one. */
export interface Input {
  readonly input: string;
  /** A field that the record has not. */
  readonly absent?: true;
}

export const ABSENT: Input = { input: "", absent: true };

/** `undefined`: a variable that was never set, both "" and 0. */
export type Value = string | number | Input | undefined;

const NUMERIC = /^[ \t\n\v\f\r]*[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?[ \t\n\v\f\r]*$/;
const LEADING = /^[ \t\n\v\f\r]*([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)/;
/** Numbers to strtod(3), but not to every awk. */
const DOUBTFUL = /^[ \t\n\v\f\r]*[+-]?(?:0[xX]|inf|nan)/i;

export function numberOf(value: Value): number {
  if (value === undefined) return 0;
  if (typeof value === "number") return value;
  const text = typeof value === "string" ? value : value.input;
  if (DOUBTFUL.test(text)) return refuseAwk("a text that may be a number");
  const number = Number(LEADING.exec(text)?.[1] ?? 0);
  return Number.isFinite(number) ? number : refuseAwk("a number of such a size");
}

export function textOf(value: Value): string {
  if (value === undefined) return "";
  if (typeof value === "string") return value;
  return typeof value === "number" ? numberText(value) : value.input;
}

export function isTrue(value: Value): boolean {
  const settled = settle(value);
  return typeof settled === "number" ? settled !== 0 : settled !== undefined && settled !== "";
}

/** Below 0, 0 or above. Numbers are compared as such, if both are. */
export function compareValues(left: Value, right: Value): number {
  // Beside a string, what looks like a number is none.
  if (typeof left === "string" || typeof right === "string") return compareTexts(textOf(left), textOf(right));
  // A number to one awk, and a string to another.
  if (left === ABSENT || right === ABSENT) return refuseAwk("the comparison of a field that is not there");
  const [a, b] = [settle(left), settle(right)];
  if (typeof a === "string" || typeof b === "string") return compareTexts(textOf(left), textOf(right));
  return (a ?? 0) - (b ?? 0);
}

function compareTexts(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Input that looks like a number as the number that it is, and any other as a string. */
function settle(value: Value): string | number | undefined {
  if (typeof value !== "object") return value;
  if (DOUBTFUL.test(value.input)) return refuseAwk("a text that may be a number");
  return NUMERIC.test(value.input) ? numberOf(value) : value.input;
}

/** Beyond, old versions of mawk print whole numbers as any other. */
const MOST = 2 ** 31 - 1;

export function numberText(value: number): string {
  if (Object.is(value, -0)) return refuseAwk("a negative zero");
  if (Number.isInteger(value)) return Math.abs(value) <= MOST ? String(value) : refuseAwk("a number of such a size");
  return generalText(value, 6);
}

/** `%.Ng`. */
export function generalText(value: number, digits: number): string {
  if (value === 0) return Object.is(value, -0) ? refuseAwk("a negative zero") : "0";
  if (!Number.isFinite(value)) return refuseAwk("a number of such a size");
  const [mantissa = "", power = ""] = value.toExponential(digits - 1).split("e");
  const exponent = Number(power);
  refuseTie(value, digits - 1 - exponent);
  const plain = (text: string) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
  if (exponent >= -4 && exponent < digits) return plain(value.toFixed(Math.max(0, digits - 1 - exponent)));
  return `${plain(mantissa)}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

/** C and JavaScript round what lies exactly between two decimals to different sides. */
export function refuseTie(value: number, decimals: number): void {
  if (Math.abs((value * 10 ** decimals) % 1) === 0.5) refuseAwk("a number halfway between two decimals");
}
