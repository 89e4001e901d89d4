/** bubblewrap, where the host has it and lets it work, and what is in its sandbox whoever runs there. */
import { ImageDslError } from "../../error.ts";
import type { RunSpec } from "../../model/image-spec.ts";
import type { DoctorCheck } from "../../pipeline/builder-hooks.ts";
import type { RunContext } from "../../pipeline/hooks.ts";
import { findProgram, run } from "../../process/child-process.ts";
import { HELPER_ENVIRONMENT } from "../../process/helper-environment.ts";

export interface Bubblewrap {
  /** Absolute. */
  readonly program: string;
  /** As it says itself: `bubblewrap 0.8.0`. */
  readonly version: string;
}

/** What is known of it; without `bubblewrap` there is a reason and what to do. */
export type FoundBubblewrap =
  | { readonly bubblewrap: Bubblewrap }
  | { readonly bubblewrap?: undefined; readonly isThere: boolean; readonly reason: string; readonly mend: string };

const PURPOSE = "steps and scripts that see no network and no other files (step, sandbox: true, --require-sandbox)";
const INSTALL = "Install bubblewrap (on Debian: apt-get install bubblewrap)";
const ALLOW =
  "Let this user make user namespaces (sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns); in a container also a /proc without masks (docker run --security-opt seccomp=unconfined --security-opt systempaths=unconfined)";

/** Programs, libraries, and what of /etc both cannot do without; nothing of it may be written. */
const SYSTEM = [
  "/usr",
  "/bin",
  "/sbin",
  "/lib",
  "/lib32",
  "/lib64",
  "/libx32",
  "/etc/alternatives",
  "/etc/ld.so.cache",
  "/etc/ld.so.conf",
  "/etc/ld.so.conf.d",
  "/etc/ssl/openssl.cnf",
];

const ISOLATION = [
  ...words("--unshare-user --unshare-pid --unshare-net --unshare-uts --unshare-cgroup-try"),
  ...words("--uid 1000 --gid 1000 --hostname build --cap-drop ALL --die-with-parent --new-session"),
  ...words("--proc /proc --dev /dev --tmpfs /tmp"),
];

/** By the program that was tried, since PATH may change. */
const tried = new Map<string, Promise<FoundBubblewrap>>();

/** Looks for it, and runs the scripts' shell in it: that it is there does not say that it may. */
export function findBubblewrap(): Promise<FoundBubblewrap> {
  const program = findProgram("bwrap") ?? "";
  let found = tried.get(program);
  if (found === undefined) {
    found = tryBubblewrap(program);
    tried.set(program, found);
  }
  return found;
}

async function tryBubblewrap(program: string): Promise<FoundBubblewrap> {
  if (program === "") return { isThere: false, reason: "bubblewrap (bwrap) is not installed", mend: INSTALL };
  const options = { cwd: "/", env: HELPER_ENVIRONMENT, signal: new AbortController().signal };
  const [version, trial] = await Promise.all([
    run(program, ["--version"], options),
    run(
      program,
      ["--unshare-ipc", ...sandboxOptions([], "/"), "--", findProgram("bash") ?? "/bin/sh", "-c", "exit 42"],
      options,
    ),
  ]);
  if (trial.code === 42) return { bubblewrap: { program, version: firstLine(version.stdout) } };
  const said = firstLine(trial.stderr) || `it ended with ${trial.code ?? trial.signal}`;
  return { isThere: true, reason: `bubblewrap does not work here (${said})`, mend: ALLOW };
}

/** For a script that wants it. Throws `E_SANDBOX` where there is none that works. */
export function sandboxOf({ name }: RunSpec, { target }: Pick<RunContext, "target">): Promise<Bubblewrap> {
  return requireBubblewrap(`script "${name}" of "${target}"`, "sandbox: true");
}

/** Throws `E_SANDBOX` where there is none that works. `what` has to be run in it, as `who` says. */
export async function requireBubblewrap(what: string, who: string): Promise<Bubblewrap> {
  const found = await findBubblewrap();
  if (found.bubblewrap !== undefined) return found.bubblewrap;
  const { reason, mend } = found;
  throw new ImageDslError("E_SANDBOX", `Cannot run ${what} in a sandbox, which ${who} wants: ${reason}`, {
    hint: mend,
  });
}

/** For `image-dsl doctor`. */
export async function checkBubblewrap(): Promise<DoctorCheck> {
  const found = await findBubblewrap();
  const about = { name: "bubblewrap", purpose: PURPOSE };
  if (found.bubblewrap !== undefined) return { ...about, state: "ok", detail: found.bubblewrap.version };
  const { isThere, reason, mend } = found;
  return { ...about, state: isThere ? "limited" : "missing", detail: reason, mend };
}

/**
 * bwrap's options for a command that sees the system, read-only, and `mounts` (further options), and starts in
 * `start`: no network, no processes but its own, the same user and host name everywhere. It ends when we end.
 */
export function sandboxOptions(mounts: readonly string[], start: string): readonly string[] {
  return [
    ...ISOLATION,
    ...SYSTEM.flatMap((path) => ["--ro-bind-try", path, path]),
    ...mounts,
    // What is left of the root itself is bubblewrap's own, in memory.
    ...words(`--remount-ro / --chdir ${start}`),
  ];
}

function words(text: string): readonly string[] {
  return text.split(" ");
}

function firstLine(text: string): string {
  return text.trim().split("\n", 1)[0] ?? "";
}
