/** The sandbox: bubblewrap, where the host has it and lets it work. */
import { HELPER_ENVIRONMENT, findProgram, runProgram, type DoctorCheck } from "../../core/index.ts";

export interface Bubblewrap {
  /** Absolute. */
  readonly program: string;
  /** As it says itself: `bubblewrap 0.8.0`. */
  readonly version: string;
}

/** What is known of it; without `bubblewrap` there is a reason and what to do. */
export type Found =
  | { readonly bubblewrap: Bubblewrap }
  | { readonly bubblewrap?: undefined; readonly isThere: boolean; readonly reason: string; readonly mend: string };

const PURPOSE = "steps that see no network and no other files (step, --require-sandbox)";
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
  ...words("--unshare-user --unshare-ipc --unshare-pid --unshare-net --unshare-uts --unshare-cgroup-try"),
  ...words("--uid 1000 --gid 1000 --hostname build --cap-drop ALL --die-with-parent --new-session"),
  ...words("--proc /proc --dev /dev --tmpfs /tmp"),
];

/** Looks for it, and runs the scripts' shell in it: that it is there does not say that it may. */
export async function findBubblewrap(signal: AbortSignal): Promise<Found> {
  const program = findProgram("bwrap");
  if (program === undefined) return { isThere: false, reason: "bubblewrap (bwrap) is not installed", mend: INSTALL };
  const options = { cwd: "/", env: HELPER_ENVIRONMENT, signal };
  const [version, trial] = await Promise.all([
    runProgram(program, ["--version"], options),
    runProgram(program, [...sandboxOptions([], "/"), "--", findProgram("bash") ?? "/bin/sh", "-c", "exit 42"], options),
  ]);
  if (trial.code === 42) return { bubblewrap: { program, version: firstLine(version.stdout) } };
  const said = firstLine(trial.stderr) || `it ended with ${trial.code ?? trial.signal}`;
  return { isThere: true, reason: `bubblewrap does not work here (${said})`, mend: ALLOW };
}

/** For `image-dsl doctor`. */
export async function checkBubblewrap(): Promise<DoctorCheck> {
  const found = await findBubblewrap(new AbortController().signal);
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
