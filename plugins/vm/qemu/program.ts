/** QEMU itself: a program of the host, or one of Debian's packages unpacked into a folder, which needs no root. */
import { existsSync, readdirSync } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import {
  HELPER_ENVIRONMENT,
  ImageDslError,
  hostPath,
  readElfOfHost,
  requireTool,
  runProgram,
  type HostTool,
  type Json,
} from "../../../core/index.ts";

export interface QemuProgram {
  /** The program's file. */
  readonly path: string;
  /** What starts it: its arguments come behind. */
  readonly command: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
}

/** Throws `E_TOOL_MISSING`. */
export function findQemu(tool: HostTool): QemuProgram {
  const path = requireTool(tool);
  const folder = /^(.+)\/usr\/bin\/[^/]+$/.exec(path)?.[1];
  const isUnpacked = folder !== undefined && existsSync(join(folder, "usr/share/qemu"));
  return isUnpacked ? unpackedQemu(path, folder) : { path, command: [path], env: HELPER_ENVIRONMENT };
}

/** What tells one of it from another that is put in its place. */
export async function programFacts({ path, command }: QemuProgram): Promise<Json> {
  const { size, mtimeMs, ino } = await stat(path);
  return { command: [...command], size, mtimeMs, ino };
}

/** The first line that it prints for `--version`. Throws `E_VM` where it cannot even do that. */
export async function qemuVersion({ command, env }: QemuProgram, signal: AbortSignal): Promise<string> {
  const [program, ...first] = command;
  const { code, stdout, stderr } = await runProgram(program, [...first, "--version"], { cwd: "/", env, signal });
  if (code !== 0) throw new ImageDslError("E_VM", stderr.trim().split("\n")[0] || `It ended with status ${code}`);
  return stdout.split("\n", 1)[0]!;
}

/** Its loader, libraries and data are looked for where Debian installs them, below the folder. */
function unpackedQemu(path: string, folder: string): QemuProgram {
  const libraries = ["usr/lib", "lib"].flatMap((name) => librariesIn(join(folder, name)));
  const loader = loaderOf(path, libraries);
  const data = ["qemu", "seabios"].flatMap((name) => ["-L", join(folder, "usr/share", name)]);
  const modules = libraries.map((each) => join(each, "qemu")).find((each) => existsSync(each));
  return {
    path,
    command: loader === undefined ? [path, ...data] : [loader, "--library-path", libraries.join(":"), path, ...data],
    env: { ...HELPER_ENVIRONMENT, ...(modules !== undefined && { QEMU_MODULE_DIR: modules }) },
  };
}

function librariesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith("-linux-gnu"));
  return names.sort().map((name) => join(folder, name));
}

/** The C library's own, where that is among the libraries, as it works with no other; else the host's. Undefined for what needs none. */
function loaderOf(program: string, libraries: readonly string[]): string | undefined {
  const interpreter = readElfOfHost(hostPath(program))?.interpreter;
  if (interpreter === undefined) return undefined;
  return libraries.map((each) => join(each, basename(interpreter))).find((each) => existsSync(each)) ?? interpreter;
}
