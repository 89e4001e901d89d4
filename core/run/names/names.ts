/**
 * How a script is kept to the image's users and groups: in a namespace where this host allows one, else by a library
 * loaded into its programs. With neither, only what surely asks for none may run: never does a name mean the host's.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { DoctorCheck } from "../../pipeline/builder-hooks.ts";
import { ImageDslError } from "../../error.ts";
import { temporaryDirectory } from "../../host.ts";
import { displayBytes } from "../../model/bytes.ts";
import { findProgram, run } from "../../process/child-process.ts";
import { HELPER_ENVIRONMENT } from "../../process/helper-environment.ts";
import type { InnerCommand } from "../script-place.ts";
import type { ShellText } from "../shell-words.ts";
import { writeNameFiles, type NameFiles } from "./name-files.ts";
import { firstNameUse } from "./nameless.ts";
import { openNamespace } from "./namespace.ts";
import { passesPreload, preloadNames } from "./preload.ts";

type Means = "namespace" | "library" | "none";

const PURPOSE = "users and groups of the image in scripts (chown NAME, id, tar, …)";
const INSTALL =
  "Install bubblewrap and let it work, or install nss_wrapper (on Debian: apt-get install bubblewrap libnss-wrapper)";

export interface Names {
  /** The command that runs another one with these names. */
  enter(command: readonly string[], env: Readonly<Record<string, string>>): InnerCommand;
  /**
   * Throws `E_RUNNER_UNSUPPORTED` where a text shows that names in it could mean the host's; `programs` are the
   * statically linked ones that it runs.
   */
  check(script: string, text: ShellText, programs: readonly string[]): void;
  /** What to do where a script's last words say that there is no such user or group. */
  mend(lines: readonly string[]): string | undefined;
}

/** `directory` is made for what this needs. Without `files`, all that is given are processes of the script's own. */
export async function openNames(files: NameFiles | undefined, directory: string): Promise<Names> {
  const means = await meansHere(dirname(directory));
  if (files === undefined) return openUnnamed(means);
  writeNameFiles(files, directory);
  const mend = (lines: readonly string[]) => mendOfNames(files, lines);
  if (means === "namespace") return { enter: openNamespace(directory)!, check() {}, mend };
  if (means === "library") {
    return {
      enter: (command, env) => preloadNames(directory, command, env),
      check(script, text, programs) {
        const [first] = programs;
        const why = first === undefined ? passesPreload(text) : `"${first}" is statically linked`;
        if (why === undefined) return;
        throw unsupported(
          `Cannot keep users and groups in ${script} to the image's: ${why}, and nss_wrapper does not reach that`,
          "Use numbers and dynamically linked programs, or install bubblewrap and let it work (`image-dsl doctor` says what it lacks)",
        );
      },
      mend,
    };
  }
  return {
    mend,
    enter: (command, env) => ({ command, env }),
    check(script, text) {
      const use = firstNameUse(text);
      if (use === undefined) return;
      throw unsupported(
        `Cannot keep users and groups in ${script} to the image's: it has ${use}, which may look them up, and would find this machine's`,
        INSTALL,
      );
    },
  };
}

function openUnnamed(means: Means): Names {
  const namespace = means === "namespace" ? openNamespace(undefined) : undefined;
  return { enter: namespace ?? ((command, env) => ({ command, env })), check() {}, mend: () => undefined };
}

/** What chown, install, id, find, busybox, Python and their like say of a name that they do not find. */
const UNKNOWN_NAME =
  /(?:invalid|unknown|no such|known|does not exist:?) (?:user|group|spec)|name not found: |(?:user|group)\b.* does not exist/i;

const SHOWN_NAMES = 20;

/** As `Names` says it, of these files. */
export function mendOfNames({ passwd }: NameFiles, lines: readonly string[]): string | undefined {
  if (!lines.some((line) => UNKNOWN_NAME.test(line))) return undefined;
  const users = passwd.split("\n").flatMap((line) => (line === "" ? [] : [displayBytes(line.split(":", 1)[0]!)]));
  const more = users.length > SHOWN_NAMES ? ", …" : "";
  const known = users.length === 0 ? "which has none" : `which has ${users.slice(0, SHOWN_NAMES).join(", ")}${more}`;
  return `Names mean the users and groups of the image before the script (${known}), never this machine's: add the user to the image (fakeNss({ extraPasswdLines }), a package that brings it), or give numbers`;
}

/** For `image-dsl doctor`. */
export async function checkNames(): Promise<DoctorCheck> {
  const about = { name: "names in scripts", purpose: PURPOSE };
  const means = await meansHere(temporaryDirectory());
  if (means === "namespace") return { ...about, state: "ok", detail: "by bubblewrap" };
  if (means === "library") {
    const detail = "by nss_wrapper: statically linked programs are refused";
    return { ...about, state: "limited", detail, mend: "Install bubblewrap and let it work" };
  }
  const detail = "neither bubblewrap nor nss_wrapper works: what may look up a name is refused";
  return { ...about, state: "missing", detail, mend: INSTALL };
}

/** Whether scripts have a namespace of processes here, in which those of others, with their environments, are not to be seen. */
export async function haveOwnProcesses(): Promise<boolean> {
  return (await meansHere(temporaryDirectory())) === "namespace";
}

/** By the program that was tried, since PATH may change. */
const tried = new Map<string, Promise<Means>>();

function meansHere(writable: string): Promise<Means> {
  const program = findProgram("bwrap") ?? "";
  let means = tried.get(program);
  if (means === undefined) {
    means = tryMeans(writable);
    tried.set(program, means);
  }
  return means;
}

const PROBE = { name: "image-dsl-probe", id: 4_294_000_042 };
const PROBE_FILES: NameFiles = {
  passwd: `${PROBE.name}:x:${PROBE.id}:${PROBE.id}::/:/bin/sh\n`,
  group: `${PROBE.name}:x:${PROBE.id}:\n`,
  shadow: "",
  gshadow: "",
};

/** Asks a program of this host for a name that only the given files have. */
async function tryMeans(writable: string): Promise<Means> {
  const command = ["id", "-u", PROBE.name];
  if (findProgram(command[0]!) === undefined) return "none";
  const parent = mkdtempSync(join(writable, "image-dsl-names-"));
  try {
    const directory = join(parent, "names");
    writeNameFiles(PROBE_FILES, directory);
    const namespace = openNamespace(directory);
    if (namespace !== undefined && (await answers(namespace(command, HELPER_ENVIRONMENT)))) return "namespace";
    return (await answers(preloadNames(directory, command, HELPER_ENVIRONMENT))) ? "library" : "none";
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
}

async function answers({ command, env }: InnerCommand): Promise<boolean> {
  const [program, ...args] = command;
  const { signal } = new AbortController();
  const { code, stdout } = await run(program!, args, { cwd: "/", env, signal });
  return code === 0 && stdout.trim() === String(PROBE.id);
}

function unsupported(message: string, hint: string): ImageDslError {
  return new ImageDslError("E_RUNNER_UNSUPPORTED", message, { hint });
}
