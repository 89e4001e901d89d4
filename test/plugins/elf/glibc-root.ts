/** Root directories with this host's C library, and running what needs root in them. */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, lstatSync, mkdirSync, readlinkSync, realpathSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { requireTool, tmp } from "../../harness.ts";

export const LOADER = "/lib64/ld-linux-x86-64.so.2";

/** A root directory with this host's loader and C library, `lib` and `lib64` merged into `usr`. Needs an amd64 glibc host. */
export function rootWithGlibc(): string {
  const root = tmp();
  for (const folder of ["etc", "opt", "usr/lib", "usr/lib64"]) mkdirSync(join(root, folder), { recursive: true });
  symlinkSync("usr/lib", join(root, "lib"));
  symlinkSync("usr/lib64", join(root, "lib64"));
  copyChain(root, hostLibc());
  copyChain(root, LOADER);
  return root;
}

export function hostLibc(): string {
  const found = ["/lib/x86_64-linux-gnu/libc.so.6", "/lib64/libc.so.6", "/usr/lib/libc.so.6"].find(existsSync);
  return found ?? requireTool("the C library of an amd64 glibc host");
}

/** Copies a file with the links that lead to it, each to its real place. */
export function copyChain(root: string, file: string): void {
  const place = join(realpathSync(dirname(file)), file.slice(file.lastIndexOf("/") + 1));
  const copy = join(root, place);
  if (lstatSync(copy, { throwIfNoEntry: false }) !== undefined) return;
  mkdirSync(dirname(copy), { recursive: true });
  if (!lstatSync(place).isSymbolicLink()) return cpSync(place, copy);
  const target = readlinkSync(place);
  symlinkSync(target, copy);
  const next = target.startsWith("/") ? target : join(dirname(place), target);
  if (existsSync(next)) copyChain(root, next);
}

/** Standard output of a command that needs root: an unprivileged user gets it in a namespace. */
export function runAsRoot(command: readonly [string, ...string[]]): string {
  const [file, ...args] = process.getuid?.() === 0 ? command : [requireTool("unshare"), "-r", ...command];
  if (process.getuid?.() !== 0 && spawnSync(file!, ["-r", "true"]).status !== 0)
    requireTool("root, or user namespaces");
  return execFileSync(file!, args, { encoding: "latin1", env: { LC_ALL: "C" }, stdio: ["ignore", "pipe", "ignore"] });
}
