/** Where a package of Yarn 1's lock comes from. */
import type { PackageOrigin } from "../../model.ts";
import type { NpmSettings } from "../../registry/settings.ts";
import type { TarballPackage } from "../../registry/tarball.ts";
import { isWebAddress } from "../../names.ts";
import { isGitArchive } from "../git-archive.ts";
import { lockError } from "../lock-error.ts";
import type { ClassicPackage } from "./graph.ts";
import { splitPattern } from "./lock-file.ts";

/** Throws `E_NPM_LOCK` for what is no tarball. */
export function tarballOf(
  file: string,
  { name, version, source, patterns }: ClassicPackage,
  settings: NpmSettings,
): TarballPackage {
  const { entry, range } = source as Extract<ClassicPackage["source"], { kind: "locked" }>;
  const [url = "", sha1] = (entry.resolved ?? "").split("#");
  if (!isWebAddress(url) || isGitArchive(url) || url.endsWith(".git")) {
    throw lockError(
      file,
      `${name} comes from "${(entry.resolved ?? range).slice(0, 200)}", which is no tarball of a registry or of the web`,
      "Packages from git and from folders are not read: publish it, or make it a workspace",
      patterns[0]!,
    );
  }
  const published = range.startsWith("npm:") ? splitPattern(range.slice("npm:".length))[0] : name;
  const integrity = entry.integrity ?? (sha1 && /^[0-9a-f]{40}$/.test(sha1) ? sha1Integrity(sha1) : undefined);
  return { name: published, version, origin: originOf(published, url, integrity, settings) };
}

function originOf(
  name: string,
  url: string,
  integrity: string | undefined,
  settings: NpmSettings,
): Exclude<PackageOrigin, { kind: "tarball" | "folder" | "project" | "bundled" }> {
  const sums = integrity === undefined ? {} : { integrity };
  if (!decodeURIComponent(new URL(url).pathname).includes(`/${name}/-/`)) return { kind: "web", url, ...sums };
  // Yarn's own registry is npm's by another name: where another one is set, that one is meant.
  const isSet = settings.has("registry") || settings.has(`${name.split("/", 1)[0]}:registry`);
  return isSet ? { kind: "registry", ...sums } : { kind: "registry", url, ...sums };
}

function sha1Integrity(hex: string): string {
  return `sha1-${Buffer.from(hex, "hex").toString("base64")}`;
}
