/** printf(1) and dash's echo: escapes and conversions. */
import { displayBytes } from "../../../../core/index.ts";
import type { Invocation } from "../world.ts";

const SIMPLE: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  e: "\x1b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
};

/** dash's `echo` and `%b`: `\0` starts an octal number, `\c` ends all output. */
export function unescapeEcho(text: string): { readonly out: string; readonly stop: boolean } {
  let out = "";
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    const code = text[at + 1];
    if (char !== "\\" || code === undefined) {
      out += char;
      continue;
    }
    if (code === "c") return { out, stop: true };
    const octal = /^(0[0-7]{0,3}|[1-7][0-7]{0,2})/.exec(text.slice(at + 1, at + 5))?.[0];
    out += octal === undefined ? (SIMPLE[code] ?? char + code) : String.fromCharCode(Number.parseInt(octal, 8) & 255);
    at += octal?.length ?? 1;
  }
  return { out, stop: false };
}

/** The format again and again until the arguments are used up. */
export function formatPrintf(format: string, args: readonly string[], invocation: Invocation): string {
  const pattern = /\\([0-7]{1,3}|[\s\S])|%([-0 +#]*)(\d{0,3})(?:\.(\d{0,3}))?([\s\S])|[^\\%]+|[\s\S]/g;
  const isBash = invocation.shell.source.dialect === "bash";
  let result = "";
  let next = 0;
  do {
    const before = next;
    for (const [whole, escape, flags, width, precision, conversion] of format.matchAll(pattern)) {
      if (escape !== undefined) {
        const octal = /^[0-7]/.test(escape);
        if (isBash && /^[xuUE"'?]/.test(escape)) invocation.refuse(`printf \\${escape}`);
        result += octal ? String.fromCharCode(Number.parseInt(escape, 8) & 255) : (SIMPLE[escape] ?? whole);
      } else if (conversion === undefined) result += whole;
      else if (conversion === "%") result += "%";
      else {
        const text = convert(conversion, args[next++], precision, invocation);
        const isNegative = /^[di]$/.test(conversion) && text.startsWith("-");
        if (/[+# ]/.test(flags!) || (isNegative && flags!.includes("0")))
          invocation.refuse(`printf ${displayBytes(whole)}`);
        const pad = flags!.includes("0") && conversion !== "s" && !flags!.includes("-") ? "0" : " ";
        const wide = Number(width || "0");
        result += flags!.includes("-") ? text.padEnd(wide) : text.padStart(wide, pad);
      }
    }
    // A format that takes nothing is printed once.
    if (next === before) break;
  } while (next < args.length);
  return result;
}

function convert(
  conversion: string,
  arg: string | undefined,
  precision: string | undefined,
  invocation: Invocation,
): string {
  const cut = (text: string) => (precision === undefined ? text : text.slice(0, Number(precision || "0")));
  switch (conversion) {
    case "s":
      return cut(arg ?? "");
    case "b": {
      const isBash = invocation.shell.source.dialect === "bash";
      if (isBash && /\\[xuUE"'?]/.test(arg ?? "")) return invocation.refuse("printf %b with such an escape");
      const { out, stop } = unescapeEcho(arg ?? "");
      return stop ? invocation.refuse("printf %b with \\c") : cut(out);
    }
    case "c":
      return arg ? arg.slice(0, 1) : invocation.refuse("printf %c of nothing");
    case "d":
    case "i":
    case "u":
    case "o":
    case "x":
    case "X": {
      const known = /^[di]$/.test(conversion) ? /^-?(0|[1-9]\d{0,14})$/ : /^(0|[1-9]\d{0,14})$/;
      const value = known.test(arg ?? "0") && precision === undefined ? Number(arg ?? "0") : Number.NaN;
      if (Number.isNaN(value)) return invocation.refuse(`printf %${conversion} of ${displayBytes(arg ?? "")}`);
      const text = value.toString(conversion === "o" ? 8 : /x/i.test(conversion) ? 16 : 10);
      return conversion === "X" ? text.toUpperCase() : text;
    }
    default:
      return invocation.refuse(`printf %${displayBytes(conversion)}`);
  }
}
