/** Where the files of a package of a yarn.lock come from, by its reference. */
import { join } from "node:path";
import type { PackageOrigin } from "../../model.ts";
import { isWebAddress } from "../../names.ts";
import { gitAddress, gitOrigin } from "../git-origin.ts";
import { lockError, outsideProject } from "../lock-error.ts";
import { isLink, type YarnPackage } from "./lock-file.ts";
import { unpatched } from "./patches.ts";
import { placeOf } from "./reference.ts";

export interface YarnRoot {
  /** The lock. */
  readonly file: string;
  readonly root: string;
}

/** `member`: the folder whose packages are asked for. Throws `E_NPM_LOCK` for what is not read. */
export function originOf(locked: YarnPackage, member: string, { file, root }: YarnRoot): PackageOrigin {
  const { name, reference } = unpatched(locked);
  if (isLink({ reference }) || reference.startsWith("file:")) {
    const place = placeOf(reference);
    if (place === undefined) throw outsideProject(file, name, reference, locked.locator);
    if (/\.(?:tgz|tar\.gz)$/.test(place) && !isLink({ reference })) return { kind: "tarball", file: join(root, place) };
    return place === member || place === "" ? { kind: "project" } : { kind: "folder", directory: join(root, place) };
  }
  if (reference.startsWith("npm:")) {
    const url = new URLSearchParams(reference.split("::", 2)[1] ?? "").get("__archiveUrl");
    if (url === null) return { kind: "registry" };
    if (isWebAddress(url)) return { kind: "registry", url };
  }
  if (isWebAddress(reference) && /^[^#]+\.(?:tgz|tar\.gz)$/.test(reference)) return { kind: "web", url: reference };
  const git = gitOf(reference);
  if (git !== undefined) return git;
  throw lockError(
    file,
    `${name} comes from "${reference.slice(0, 200)}", which is no tarball, no commit of a repository and no folder of the project`,
    "Publish it, or make it a workspace",
    locked.locator,
  );
}

/** `https://HOST/PATH.git#commit=…`; undefined for one of a repository's workspaces. */
function gitOf(reference: string): PackageOrigin | undefined {
  const said = new URLSearchParams(gitAddress(reference)?.fragment);
  return said.size === 1 ? gitOrigin(reference, said.get("commit") ?? undefined, "yarn") : undefined;
}

/** Throws `E_NPM_LOCK` for a link to a folder that is not in the image. */
export function refuseOutside(file: string, locked: YarnPackage): void {
  const { name, reference, locator } = locked;
  if (isLink(locked) && placeOf(reference) === undefined) throw outsideProject(file, name, reference, locator);
}
