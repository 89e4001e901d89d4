/**
 * One faked session for one script, however many commands it runs at a time: fakeroot's daemon, whose key every command
 * gets in its environment. The daemon is started here and not by the `fakeroot` program: that leaves it to process 1 and
 * waits until it is reaped, which takes seconds on some machines and for ever in containers without an init.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ChildProcess } from "node:child_process";
import { ImageDslError, messageOf } from "../error.ts";
import type { FakedStat } from "../tree/file-identity.ts";
import type { LaidTree } from "../tree/materialize.ts";
import { fakedState, parseFakedState } from "./faked-state.ts";
import { FAKEROOT, requireTool } from "./host-tools.ts";
import { ended, findProgram, readLines, run, startProcess } from "../process/child-process.ts";

export interface FakedSession {
  /** What puts a command into the session: added to its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Ends the session and reads what was faked, by `inodeKey`. */
  finish(): Promise<ReadonlyMap<string, FakedStat>>;
  /** Ends the session; what was faked is lost. */
  abandon(): Promise<void>;
}

/** What `fakeroot` gives its commands besides the key. */
const VARIABLES = ["FAKED_MODE", "LD_LIBRARY_PATH", "LD_PRELOAD"];
const SHOW_VARIABLES = 'for name do eval "printf \'%s\\n\' \\"\\$$name\\""; done';

/** Holds the daemon until its own input ends, so that neither outlives us, and waits until all is saved. */
const HOLD =
  '"$1" --foreground --load --save-file saved <state & daemon=$!; read -r end; kill -TERM "$daemon"; wait "$daemon"';

/**
 * Starts a session that shows `laid` with its own modes and owners. `directory` (private) takes its files; `env` is that
 * of the helpers. Throws `E_TOOL_MISSING` without fakeroot, `E_RUNNER_UNSUPPORTED` where it does not work.
 */
export async function startFakedSession(
  laid: LaidTree,
  directory: string,
  env: Readonly<Record<string, string>>,
): Promise<FakedSession> {
  const shown = await fakerootVariables(directory, env);
  await writeFile(join(directory, "state"), fakedState(laid), { mode: 0o600 });
  const holder = startProcess("/bin/sh", ["-c", HOLD, "sh", daemonFor(shown["LD_PRELOAD"]!)], { cwd: directory, env });
  const end = ended(holder, "faked");
  const close = async () => {
    holder.stdin?.end();
    await end;
  };
  const key = await sessionKey(holder, end);
  const sessionEnv = {
    ...shown,
    FAKEROOTKEY: key,
    // As root, fakeroot would change real owners too, and a script's outcome would depend on who runs it.
    FAKEROOTDONTTRYCHOWN: "1",
  };
  return {
    env: sessionEnv,
    finish: async () => {
      // Answers come in the order of the questions, so after this one all earlier news has arrived.
      await run("ls", ["-d", "/"], {
        cwd: directory,
        env: { ...env, ...sessionEnv },
        signal: new AbortController().signal,
      });
      await close();
      return parseFakedState(await readSaved(join(directory, "saved")));
    },
    abandon: close,
  };
}

async function fakerootVariables(
  directory: string,
  env: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  const args = ["--", "/bin/sh", "-c", SHOW_VARIABLES, "sh", ...VARIABLES];
  const { code, stdout, stderr } = await run(requireTool(FAKEROOT), args, {
    cwd: directory,
    env,
    signal: new AbortController().signal,
  });
  const values = stdout.split("\n");
  if (code !== 0 || values.length !== VARIABLES.length + 1 || !values[2])
    throw unusable(stderr.trim() || `it ended with status ${code}`);
  return Object.fromEntries(VARIABLES.map((name, index) => [name, values[index]!]));
}

/** The daemon that speaks as the library does: `libfakeroot-sysv.so` goes with `faked-sysv`. */
function daemonFor(library: string): string {
  const variant = /libfakeroot(-[a-z]+)?[^/]*\.so/.exec(library)?.[1] ?? "";
  const found = findProgram(`faked${variant}`) ?? findProgram("faked");
  if (found === undefined) throw unusable(`the daemon of ${library} (faked${variant}) is not in PATH`);
  return found;
}

/** The daemon says `key:pid` once it is ready. */
async function sessionKey(holder: ChildProcess, end: Promise<unknown>): Promise<string> {
  const errors: string[] = [];
  readLines(holder.stderr, (line) => errors.push(line));
  const answer = new Promise<string>((resolve) => readLines(holder.stdout, resolve));
  const failure = end.then(
    () => "",
    (cause: unknown) => messageOf(cause),
  );
  const line = await Promise.race([answer, failure]);
  const key = /^(\d+):\d+$/.exec(line)?.[1];
  if (key !== undefined) return key;
  holder.stdin?.end();
  throw unusable(errors.join("; ") || line || "its daemon ended at once");
}

async function readSaved(file: string): Promise<string> {
  try {
    return await readFile(file, "latin1");
  } catch (cause) {
    throw new ImageDslError(
      "E_RUNNER_UNSUPPORTED",
      "Fakeroot's daemon ended before the script did, so what it had recorded is lost",
      {
        hint: "Run the build again; if it stays, see whether something on this machine kills it",
        cause,
      },
    );
  }
}

function unusable(why: string): ImageDslError {
  return new ImageDslError("E_RUNNER_UNSUPPORTED", `Cannot start a faked session with fakeroot: ${why}`, {
    hint: "See that `fakeroot true` works on this machine; in a container it may need System V IPC",
  });
}
