/** Sizes as people write them: `10GB`, `1.5 GiB`, `500MiB`, `0`. */
import { ImageDslError } from "../error.ts";

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/** Whole bytes. Without a unit it is bytes. Throws `E_USAGE` for anything else than a number and a unit. */
export function readSize(option: string, text: string): number {
  const [, number = "", unit = ""] = /^([0-9]+(?:\.[0-9]+)?) ?([a-z]*)$/i.exec(text) ?? [];
  const size = Math.floor(Number(number) * (UNITS[unit.toLowerCase()] ?? NaN));
  if (number !== "" && Number.isSafeInteger(size)) return size;
  throw new ImageDslError("E_USAGE", `--${option} "${text}" is no size`, {
    hint: "Write a number and one of B, kB, MB, GB, TB, KiB, MiB, GiB, TiB: 10GB, or 500MiB",
  });
}
