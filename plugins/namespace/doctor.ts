/** What `image-dsl doctor` says of this host's user namespaces. */
import { existsSync } from "node:fs";
import { HELPER_ENVIRONMENT, checkTool, findProgram, runProgram, type DoctorCheck } from "../../core/index.ts";
import { EMULATED_ARCHITECTURES, emulatorTool, findEmulator, hostPlatform } from "./emulator.ts";
import { idMap } from "./id-map.ts";

const NAME = "user namespaces";
const PURPOSE = 'runAsRoot with executor: "namespace"';

export async function checkNamespaces(): Promise<DoctorCheck> {
  const refused = await refusal("true");
  if (refused !== undefined) {
    return {
      name: NAME,
      state: "missing",
      detail: refused,
      purpose: PURPOSE,
      mend: "Allow them: see the settings kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns and user.max_user_namespaces of sysctl, and in a container its seccomp profile",
    };
  }
  const { by, users } = await idMap();
  const ids = users.reduce((sum, { count }) => sum + count, 0);
  if (by !== "self") return { name: NAME, state: "ok", detail: `${ids} ids`, purpose: PURPOSE };
  return {
    name: NAME,
    state: "limited",
    detail: "one id: files of root alone",
    purpose: PURPOSE,
    mend: "Install newuidmap (on Debian: apt-get install uidmap), and have root give this user ids in /etc/subuid and /etc/subgid",
  };
}

/** The network is a guest's or a namespace's own. */
export function checkIsolation(): DoctorCheck {
  const purpose = "run of image(), runAsRoot";
  const detail = `${purpose}: closed off: processes, environment, files, names, and without network: true the network (where run goes by fakechroot, as that)`;
  return { name: "isolation of run", state: "ok", detail, purpose };
}

const VM = 'Without it executor: "auto" takes the virtual machine; it needs Linux 6.7 or newer with binfmt_misc';

/** Scripts of the other architecture that there are virtual machines for. */
export async function checkEmulator(): Promise<DoctorCheck> {
  const architecture = EMULATED_ARCHITECTURES.find((each) => each !== hostPlatform().architecture)!;
  const emulator = findEmulator({ os: "linux", architecture });
  const check = { name: `programs for ${architecture}`, purpose: emulatorTool("", architecture).purpose };
  if ("why" in emulator) return { ...check, state: "missing", detail: emulator.why, mend: emulator.mend ?? VM };
  const refused = await refusal("mount", "-t", "binfmt_misc", "binfmt_misc", "/tmp");
  if (refused === undefined) return { ...check, state: "ok", detail: (await checkTool(emulator.tool)).detail };
  return {
    ...check,
    state: "missing",
    detail: `binfmt_misc cannot be mounted in a user namespace: ${refused}`,
    mend: VM,
  };
}

/** Why the kernel makes none, or does not do this in one, by the host's own programs. */
async function refusal(...command: readonly string[]): Promise<string | undefined> {
  if (!existsSync("/proc/self/uid_map")) return "no Linux with user namespaces and /proc";
  const unshare = findProgram("unshare");
  if (unshare === undefined) return undefined;
  const { signal } = new AbortController();
  const options = { cwd: "/", env: HELPER_ENVIRONMENT, signal };
  const { code, stderr } = await runProgram(unshare, ["--map-root-user", "--mount", ...command], options);
  return code === 0 ? undefined : stderr.trim();
}
