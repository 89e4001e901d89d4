/** Where a package of Yarn 1's lock comes from. */
import { join, posix } from "node:path";
import type { GitOrigin, PackageOrigin } from "../../model.ts";
import type { NpmSettings } from "../../registry/settings.ts";
import type { TarballPackage } from "../../registry/tarball.ts";
import { isInnerPath, isWebAddress } from "../../names.ts";
import { archiveOrigin, gitAddress, gitOrigin, isGitArchive } from "../git-origin.ts";
import { lockError, outsideProject } from "../lock-error.ts";
import type { ClassicPackage } from "./graph.ts";
import { splitPattern, type ClassicEntry } from "./lock-file.ts";

export interface ClassicRoot {
  /** The lock. */
  readonly file: string;
  readonly root: string;
  readonly settings: NpmSettings;
}

/** Throws `E_NPM_LOCK` for what is no tarball. */
export function tarballOf(
  { file, root, settings }: ClassicRoot,
  { name, version, source, patterns }: ClassicPackage,
): TarballPackage {
  const { entry, range } = source as Extract<ClassicPackage["source"], { kind: "locked" }>;
  const git = gitOf(entry);
  if (git !== undefined) return { name, version, origin: git };
  const [url = "", sha1] = (entry.resolved ?? "").split("#");
  const integrity = entry.integrity ?? (sha1 && /^[0-9a-f]{40}$/.test(sha1) ? sha1Integrity(sha1) : undefined);
  const sums = integrity === undefined ? {} : { integrity };
  if (url.startsWith("file:")) {
    const path = posix.normalize(url.slice("file:".length));
    if (!isInnerPath(path)) throw outsideProject(file, name, url, patterns[0]!);
    return { name, version, origin: { kind: "tarball", file: join(root, path), ...sums } };
  }
  if (!isWebAddress(url) || isRepository(url)) {
    throw lockError(
      file,
      `${name} comes from "${(entry.resolved ?? range).slice(0, 200)}", which is no tarball, no commit of a repository and no folder of the project`,
      "Publish it, or make it a workspace",
      patterns[0]!,
    );
  }
  const published = range.startsWith("npm:") ? splitPattern(range.slice("npm:".length))[0] : name;
  return { name: published, version, origin: originOf(published, url, sums, settings) };
}

function gitOf({ resolved = "", integrity }: ClassicEntry): GitOrigin | undefined {
  const [url = ""] = resolved.split("#");
  if (isGitArchive(url)) return archiveOrigin(url, "whole", integrity);
  return isRepository(url) ? gitOrigin(resolved, gitAddress(resolved)?.fragment, "yarn-classic") : undefined;
}

function isRepository(url: string): boolean {
  return /^(?:git[+:]|ssh:)/.test(url) || url.endsWith(".git") || isGitArchive(url);
}

function originOf(
  name: string,
  url: string,
  sums: { readonly integrity?: string },
  settings: NpmSettings,
): Extract<PackageOrigin, { kind: "registry" | "web" }> {
  if (!decodeURIComponent(new URL(url).pathname).includes(`/${name}/-/`)) return { kind: "web", url, ...sums };
  // Yarn's own registry is npm's by another name: where another one is set, that one is meant.
  const isSet = settings.has("registry") || settings.has(`${name.split("/", 1)[0]}:registry`);
  return isSet ? { kind: "registry", ...sums } : { kind: "registry", url, ...sums };
}

function sha1Integrity(hex: string): string {
  return `sha1-${Buffer.from(hex, "hex").toString("base64")}`;
}
