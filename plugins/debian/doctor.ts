/** Whether `debian()` finds a mirror and keys on this host, so that a config need not name them. */
import { messageOf, type DoctorCheck } from "../../core/index.ts";
import { readAptSources } from "./fetch/index.ts";

export async function checkApt(): Promise<DoctorCheck> {
  const check = { name: "apt sources", purpose: "debian() without mirror and keyring" };
  const mend = "set mirror: and keyring: in debian({ … })";
  try {
    const sources = await readAptSources("/");
    const suites = [...new Set(sources.flatMap(({ suites: each }) => each))].toSorted();
    return suites.length > 0
      ? { ...check, state: "ok", detail: suites.join(", ") }
      : { ...check, state: "missing", detail: "no apt configuration on this host", mend };
  } catch (error) {
    return { ...check, state: "limited", detail: messageOf(error), mend };
  }
}
