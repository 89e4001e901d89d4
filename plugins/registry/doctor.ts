/** For which registries this host holds credentials, and where; never what they are. */
import type { DoctorCheck } from "../../core/index.ts";
import { listCredentials } from "./authorization/credentials/list.ts";

export async function checkLogins(): Promise<DoctorCheck> {
  const check = { name: "registry logins", purpose: "pushing, and images that are not for everybody" };
  const { known, problems } = await listCredentials();
  const detail = known.map(({ registry, source }) => `${registry} from ${source}`);
  if (problems.length > 0) {
    const mend = "log in again: docker login HOST, or podman login HOST";
    return { ...check, state: "limited", detail: [...detail, ...problems].join("; "), mend };
  }
  if (detail.length > 0) return { ...check, state: "ok", detail: detail.join("; ") };
  return { ...check, state: "missing", detail: "none", mend: "docker login HOST, or podman login HOST" };
}
