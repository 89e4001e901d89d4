/** What scripts in a guest see besides the image: the same everywhere. */
import { scriptEnvironment, type RunSpec } from "../../core/index.ts";
import { TOOLS } from "./guest/guest-programs.ts";

/** The image's own programs, then the guest's. */
const PATH = `/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:${TOOLS}/bin`;

/** `mtime`: seconds since 1970. */
export function guestEnvironment(run: RunSpec, mtime: number): Readonly<Record<string, string>> {
  return scriptEnvironment(run, mtime, { home: "/root", temporary: "/tmp" }, PATH);
}
