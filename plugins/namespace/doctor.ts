/** What `image-dsl doctor` says of this host's user namespaces. */
import { HELPER_ENVIRONMENT, findProgram, runProgram, type DoctorCheck } from "../../core/index.ts";
import { idMap } from "./id-map.ts";

const NAME = "user namespaces";
const PURPOSE = 'runAsRoot with executor: "namespace"';

export async function checkNamespaces(): Promise<DoctorCheck> {
  const refused = await refusal();
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

/** Why the kernel makes none, by the host's own program for it. */
async function refusal(): Promise<string | undefined> {
  const unshare = findProgram("unshare");
  if (unshare === undefined) return undefined;
  const { signal } = new AbortController();
  const options = { cwd: "/", env: HELPER_ENVIRONMENT, signal };
  const { code, stderr } = await runProgram(unshare, ["--map-root-user", "--mount", "true"], options);
  return code === 0 ? undefined : stderr.trim();
}
