/** What scripts in a guest see besides the image: the same everywhere. */
import type { RunSpec } from "../../core/index.ts";
import { TOOLS } from "./guest/guest-programs.ts";

/** The image's own programs, then the guest's. */
const PATH = `/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:${TOOLS}/bin`;

/** `mtime`: seconds since 1970. */
export function guestEnvironment({ env }: RunSpec, mtime: number): Readonly<Record<string, string>> {
  return {
    PATH,
    HOME: "/root",
    TMPDIR: "/tmp",
    LANG: "C.UTF-8",
    TZ: "UTC",
    SOURCE_DATE_EPOCH: String(mtime),
    ...env,
  };
}
