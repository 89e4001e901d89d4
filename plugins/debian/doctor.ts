/** Where `debian()` finds an archive and keys on this host, so that a config need not name them. */
import { messageOf, redactUrl, type DoctorCheck } from "../../core/index.ts";
import { defaultAddress, readAptHost } from "./fetch/index.ts";

export async function checkApt(): Promise<DoctorCheck> {
  const check = { name: "Debian's archive", purpose: "debian() without mirror and keyring" } as const;
  const others = `${defaultAddress("")} with the keys that image-dsl brings`;
  try {
    const { sources, isDebian } = await readAptHost("/");
    const suites = [...new Set(sources.flatMap((source) => source.suites))].toSorted().join(", ");
    if (suites === "") return { ...check, state: "ok", detail: `${others}, as this host has no apt` };
    const uris = [...new Set(sources.flatMap((source) => source.uris.map(redactUrl)))].join(", ");
    const beside = isDebian ? "beside them, else " : "";
    return {
      ...check,
      state: "ok",
      detail: `${suites}: as this host's apt says (${uris}); other suites: ${beside}${others}`,
    };
  } catch (error) {
    return { ...check, state: "limited", detail: messageOf(error), mend: "set mirror: and keyring: in debian({ … })" };
  }
}
