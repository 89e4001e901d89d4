/** Programs of the system that a step says it uses: which versions scripts see, whatever PATH the user has. */
import { ImageDslError } from "../error.ts";
import { run } from "../process/child-process.ts";
import { HELPER_ENVIRONMENT } from "../process/helper-environment.ts";

/** By name, the first line that each prints for `--version`. */
export type ToolVersions = Readonly<Record<string, string>>;

/** In the names' order. Throws `E_TOOL_MISSING` for one that is not there, or does not say which it is. */
export async function systemTools(names: readonly string[], signal: AbortSignal): Promise<ToolVersions> {
  const versions: [string, string][] = [];
  for (const name of [...new Set(names)].sort()) versions.push([name, await versionOf(name, signal)]);
  return Object.fromEntries(versions);
}

async function versionOf(name: string, signal: AbortSignal): Promise<string> {
  // By the shell, which looks where the sandbox's looks.
  const command = ["-c", 'exec "$0" --version < /dev/null', name];
  const { code, stdout } = await run("/bin/sh", command, { cwd: "/", env: HELPER_ENVIRONMENT, signal });
  const version = stdout.split("\n", 1)[0]!.trim();
  if (code === 0 && version !== "") return version;
  const what = code === 127 ? "it is not in /usr/bin or /usr/local/bin" : "it does not answer to --version";
  throw new ImageDslError("E_TOOL_MISSING", `Cannot tell which "${name}" a step would run: ${what}`, {
    hint: `Install it there, or leave "${name}" out of the step's tools`,
  });
}
