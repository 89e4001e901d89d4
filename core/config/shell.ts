/** The `$` of an `images` function: zx's, loaded when it is first used, since few configs run commands. */
import type { ScriptOutput, ScriptShell } from "../model/image-spec.ts";
import { rememberCall, thisCall } from "../source-place.ts";

/** Commands run by bash in `directory`, without the user's start-up files and with nothing to read. */
export function configShell(directory: string): ScriptShell {
  return (pieces, ...values) => {
    const call = thisCall();
    return run(directory, pieces, values).catch((error: object) => {
      rememberCall(error, call);
      throw error;
    });
  };
}

async function run(directory: string, pieces: TemplateStringsArray, values: unknown[]): Promise<ScriptOutput> {
  const { $ } = await import("zx");
  // zx's own types of values are narrower than what it takes; what it refuses it refuses with a clear error.
  return $({ cwd: directory, quiet: true, stdio: ["ignore", "pipe", "pipe"] })(pieces, ...(values as string[]));
}
