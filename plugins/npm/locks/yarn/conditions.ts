/** On which systems a package runs, as Yarn's locks say it: `os=linux & (cpu=x64 | cpu=arm64) & libc=glibc`. */
import type { TargetSystem } from "../../model.ts";
import { lockError } from "../lock-error.ts";
import { REGENERATE, type YarnPackage } from "./lock-file.ts";

const TOKEN = /^(!?)(os|cpu|libc)=([a-z0-9_-]+)$/;

/** Throws `E_NPM_LOCK`. */
export function runsOn(file: string, { conditions, locator }: YarnPackage, target: TargetSystem): boolean {
  if (conditions === undefined) return true;
  return conditions.split(" & ").every((line) =>
    line
      .replace(/^\((.*)\)$/, "$1")
      .split(" | ")
      .some(isMet),
  );

  function isMet(token: string): boolean {
    const found = TOKEN.exec(token);
    if (found === null) throw lockError(file, `its conditions "${conditions}" are not read`, REGENERATE, locator);
    const [, not, kind, value] = found;
    return (target[kind as keyof TargetSystem] === value) === (not === "");
  }
}
