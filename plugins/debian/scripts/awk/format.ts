/** awk's printf and sprintf. */
import { displayBytes } from "../../../../core/index.ts";
import { refuseAwk } from "./lexer.ts";
import { type Value, generalText, numberOf, refuseTie, textOf } from "./values.ts";

const CONVERSION = /%([-0 +]*)(\d{0,3})(?:\.(\d{0,2}))?([\s\S]?)/g;

export function formatted(format: string, values: readonly Value[]): string {
  let used = 0;
  return format.replaceAll(CONVERSION, (whole, flags: string, width: string, precision: string | undefined, kind) => {
    if (whole === "%%") return "%";
    if (used >= values.length) return refuseAwk("printf with fewer values than conversions");
    const text = converted(kind as string, values[used++], precision, whole);
    const isNumber = /^[dixXoufg]$/.test(kind as string);
    if (/[ +]/.test(flags) || (flags.includes("0") && (!isNumber || text.startsWith("-") || precision !== undefined)))
      return refuseAwk(`printf ${displayBytes(whole)}`);
    if (flags.includes("-")) return text.padEnd(Number(width));
    return text.padStart(Number(width), flags.includes("0") ? "0" : " ");
  });
}

function converted(kind: string, value: Value, precision: string | undefined, whole: string): string {
  const number = () => numberOf(value);
  switch (kind) {
    case "s": {
      const text = textOf(value);
      return precision === undefined ? text : text.slice(0, Number(precision));
    }
    case "c":
      // A number is a character's code, and what may be one is not the same to all.
      return typeof value === "string" && value !== "" ? value[0]! : refuseAwk("printf %c of this");
    case "d":
    case "i":
    case "u":
    case "x":
    case "X":
    case "o": {
      const whole = Math.trunc(number());
      if (precision !== undefined || Math.abs(whole) >= 2 ** 31 || (whole < 0 && !/[di]/.test(kind)))
        return refuseAwk(`printf %${kind} of such a number`);
      const text = (whole + 0).toString(kind === "o" ? 8 : /x/i.test(kind) ? 16 : 10);
      return kind === "X" ? text.toUpperCase() : text;
    }
    case "f": {
      const decimals = precision === undefined ? 6 : Number(precision);
      const exact = number();
      refuseTie(exact, decimals);
      return Math.abs(exact) < 1e15 && !Object.is(exact, -0) ? exact.toFixed(decimals) : refuseAwk("printf %f of this");
    }
    case "g":
      return generalText(number(), Number(precision ?? 6) || 1);
    default:
      return refuseAwk(`printf ${displayBytes(whole)}`);
  }
}
