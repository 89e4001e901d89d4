/** Which Debian the tools of an image are: adduser, useradd and their like changed what they write between releases. */
import { compareVersions } from "../resolve/version.ts";

/** The releases whose tools are known. What comes later is taken for the last one. */
export type Release = "bookworm" | "trixie";

/** By the suite's name, else by the C library. */
export function releaseOf(
  suite: string | undefined,
  packages: readonly { readonly name: string; readonly version: string }[],
): Release {
  const [, named] = /^(bookworm|trixie)(-|$)/.exec(suite ?? "") ?? [];
  if (named !== undefined) return named as Release;
  const library = packages.find(({ name }) => name === "libc6");
  return library && compareVersions(library.version, "2.37") < 0 ? "bookworm" : "trixie";
}
