/** Whether a package says that it runs on the target, in the words of package.json: `os`, `cpu`, `libc`. */
import type { Platform } from "../../core/index.ts";
import type { TargetSystem } from "./model.ts";

export interface SystemLimits {
  readonly os?: readonly string[] | undefined;
  readonly cpu?: readonly string[] | undefined;
  readonly libc?: readonly string[] | undefined;
}

/** Go's names of architectures that Node calls otherwise. */
const CPUS: Readonly<Record<string, string>> = { amd64: "x64", "386": "ia32", ppc64le: "ppc64", loong64: "loong64" };

export function targetSystem({ os, architecture }: Platform, libc: string): TargetSystem {
  return { os, cpu: CPUS[architecture] ?? architecture, libc };
}

/** As npm decides it (npm-install-checks): a list of names that fit, or of names with `!` that do not. */
export function fitsSystem({ os, cpu, libc }: SystemLimits, target: TargetSystem): boolean {
  return fits(os, target.os) && fits(cpu, target.cpu) && fits(libc, target.libc);
}

function fits(list: readonly string[] | undefined, value: string): boolean {
  if (list === undefined || list.length === 0 || (list.length === 1 && list[0] === "any")) return true;
  if (list.includes(`!${value}`)) return false;
  return list.includes(value) || list.every((entry) => entry.startsWith("!"));
}

/** `linux/x64 (glibc)` */
export function systemText({ os, cpu, libc }: TargetSystem): string {
  return `${os}/${cpu} (${libc})`;
}
