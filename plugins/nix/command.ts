/** Running Nix's programs: in the user's own environment, which configures them; their log as events. */
import {
  ImageDslError,
  requireTool,
  runProgram,
  type BuildContext,
  type ErrorCode,
  type HostTool,
  userEnvironment,
} from "../../core/index.ts";

export const NIX: HostTool = Object.freeze({
  name: "nix-store",
  purpose: "nix()",
  mend: "Install Nix (on Debian: apt-get install nix-bin), or see that its programs are in PATH",
});

export type NixContext = Pick<BuildContext, "directory" | "signal" | "emit"> & {
  readonly target: string;
};

/** Lines of a failed program's log that its error shows. */
const SHOWN = 20;

export interface NixFailure {
  readonly code: ErrorCode;
  /** What failed: `Cannot build "…"`. */
  readonly action: string;
  readonly hint?: string;
}

/**
 * What a program of Nix prints, in lines. Throws `E_TOOL_MISSING`, or `failure` with the end of the log. A line of more
 * than 64 KiB comes in pieces.
 */
export async function runNix(
  program: "nix" | "nix-build" | "nix-instantiate" | "nix-store",
  args: readonly string[],
  context: NixContext,
  failure: NixFailure,
): Promise<readonly string[]> {
  const output: string[] = [];
  const log: string[] = [];
  const { code } = await runProgram(requireTool({ ...NIX, name: program }), args, {
    cwd: context.directory,
    env: userEnvironment(),
    signal: context.signal,
    onLine(line, stream) {
      if (stream === "stdout") {
        output.push(line);
        return;
      }
      log.push(line);
      if (log.length > 2 * SHOWN) log.splice(0, SHOWN);
      context.emit({ type: "script-output", target: context.target, script: program, line });
    },
  });
  if (code === 0) return output;
  const lines = log.filter((line) => line.trim() !== "").slice(-SHOWN);
  throw new ImageDslError(
    failure.code,
    [`${failure.action}: ${program} ended with status ${code}`, ...lines.map((line) => `  ${line}`)].join("\n"),
    { hint: failure.hint },
  );
}
