/** Credential helpers: programs named `docker-credential-…`, which are asked on their standard input and answer in JSON. */
import {
  findProgram,
  homeDirectory,
  ImageDslError,
  isRecord,
  runProgram,
  userEnvironment,
  type RunResult,
} from "../../../../core/index.ts";
import { credentialOf, type Credential } from "./credential.ts";

/** Some ask a service in the cloud, or the user. */
const PATIENCE = 60_000;
/** More is no answer, and not waited for. */
const MAX_ANSWER = 64 * 1024;

export function helperProgram(name: string): string {
  return `docker-credential-${name}`;
}

/**
 * Undefined where it knows none for `server`. Throws an `Error` that shows nothing of what it said, since that may be
 * the secret. `name` is from a file of the user's, never from a registry.
 */
export async function askHelper(name: string, server: string, signal: AbortSignal): Promise<Credential | undefined> {
  if (!/^[A-Za-z0-9][\w.-]*$/.test(name)) throw new Error(`"${name}" is no name of a credential helper`);
  const program = findProgram(helperProgram(name));
  if (program === undefined) throw new Error(`${helperProgram(name)} is not installed`);
  const { code, signal: killed, stdout } = await runHelper(program, server, signal);
  if (code !== 0) {
    if (/credentials not found|no credentials|not found in/i.test(stdout)) return undefined;
    throw new Error(`${helperProgram(name)} ended with ${code === null ? `signal ${killed}` : `status ${code}`}`);
  }
  const answer = parse(stdout);
  if (!isRecord(answer) || typeof answer["Username"] !== "string" || typeof answer["Secret"] !== "string") {
    throw new Error(`${helperProgram(name)} answered something else than a user and a secret`);
  }
  return credentialOf(answer["Username"], answer["Secret"]);
}

async function runHelper(program: string, server: string, signal: AbortSignal): Promise<RunResult> {
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), PATIENCE);
  const flood = new AbortController();
  let said = 0;
  try {
    return await runProgram(program, ["get"], {
      cwd: homeDirectory() ?? "/",
      env: userEnvironment(),
      signal: AbortSignal.any([signal, timeout.signal, flood.signal]),
      input: server,
      onLine(line) {
        said += line.length + 1;
        if (said >= MAX_ANSWER) flood.abort();
      },
    });
  } catch (error) {
    if (signal.aborted || !(error instanceof ImageDslError)) throw error;
    if (flood.signal.aborted)
      throw new Error(`${program} wrote more than ${MAX_ANSWER / 1024} KiB, where a user and a secret are wanted`, {
        cause: error,
      });
    if (timeout.signal.aborted)
      throw new Error(`${program} did not answer within ${PATIENCE / 1000} seconds`, { cause: error });
    throw new Error(`${program} cannot be started`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
