/** The few programs of the host that running scripts needs. */
import type { DoctorCheck } from "../pipeline/builder-hooks.ts";
import { ImageDslError } from "../error.ts";
import { findProgram, run } from "../process/child-process.ts";
import { HELPER_ENVIRONMENT } from "../process/helper-environment.ts";
import type { ScriptShellProgram } from "./script-place.ts";

/** A program of the host that something cannot do without: `E_TOOL_MISSING` and `doctor` tell what it is for. */
export interface HostTool {
  /** As it is looked for in PATH. */
  readonly name: string;
  /** What needs it, as users write it in their config. */
  readonly purpose: string;
  /** How to get it, or do without: an imperative without a full stop. */
  readonly mend: string;
}

/** What reads scripts that run on the host. */
export const BASH: HostTool = Object.freeze({
  name: "bash",
  purpose: "scripts (extraCommands, fakeRootCommands)",
  mend: "Install bash",
});

/** Keeps owners, modes and devices for scripts that are not really root. */
export const FAKEROOT: HostTool = Object.freeze({
  name: "fakeroot",
  purpose: "fakeRootCommands",
  mend: "Install fakeroot (on Debian: apt-get install fakeroot), or do without fakeRootCommands",
});

/** The absolute path of a tool. Throws `E_TOOL_MISSING` with its mend. */
export function requireTool({ name, purpose, mend }: HostTool): string {
  const program = findProgram(name);
  if (program !== undefined) return program;
  throw new ImageDslError("E_TOOL_MISSING", `Cannot find the program "${name}", which is needed for ${purpose}`, {
    hint: mend,
  });
}

/** The first line that a tool prints for `--version`. Throws `E_TOOL_MISSING`. */
export async function toolVersion(tool: HostTool, signal: AbortSignal): Promise<string> {
  const { stdout } = await run(requireTool(tool), ["--version"], { cwd: "/", env: HELPER_ENVIRONMENT, signal });
  return stdout.split("\n", 1)[0] ?? "";
}

/** The shell of scripts that run over the host's programs. */
export function hostShell(): ScriptShellProgram {
  return { path: requireTool(BASH), isBash: true };
}

/** What `image-dsl doctor` says of a tool. */
export async function checkTool(tool: HostTool): Promise<DoctorCheck> {
  const { name, purpose, mend } = tool;
  if (findProgram(name) === undefined) return { name, state: "missing", detail: "not in PATH", purpose, mend };
  return { name, state: "ok", detail: await toolVersion(tool, new AbortController().signal), purpose };
}
