/** Where a lock says that a package comes from a git repository: at which commit, and whether its host gives it as a tarball. */
import type { GitOrigin } from "../model.ts";

/** Of a repository that is named by its own address. */
export interface GitAddress {
  readonly repository: string;
  /** What stands behind `#`. */
  readonly fragment: string;
}

const PROTOCOLS = ["https:", "http:", "ssh:", "file:", "git:"];

/** `git+ssh://git@host/a/b.git#…`, `https://…`, `git@host:a/b.git#…`; undefined for what no git repository has. */
export function gitAddress(text: string): GitAddress | undefined {
  const [address = "", fragment = ""] = text.replace(/^git\+/, "").split(/#(.*)/s);
  const [, user, host, path] = /^(?:ssh:\/\/)?(?:(\w[\w.-]*)@)?(\w[\w.-]*):(?![:/]|\d+\/)([^\s]+)$/.exec(address) ?? [];
  const whole = host === undefined ? address : `ssh://${user === undefined ? "" : `${user}@`}${host}/${path}`;
  if (!URL.canParse(whole) || !PROTOCOLS.includes(new URL(whole).protocol)) return undefined;
  return { repository: whole, fragment };
}

const COMMIT = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

/**
 * `text`: of a repository; a host that gives tarballs is asked for one first, and then by https before ssh, as npm does. Undefined for what is no
 * repository and no commit.
 */
export function gitOrigin(
  text: string,
  commit: string | undefined,
  packing: GitOrigin["packing"],
): GitOrigin | undefined {
  const address = gitAddress(text);
  if (address === undefined || commit === undefined || !COMMIT.test(commit)) return undefined;
  const { repository } = address;
  const archive = hostedArchive(repository, commit);
  const { protocol, host, pathname } = new URL(repository);
  const isOpen = archive !== undefined && protocol === "ssh:";
  const repositories = [...(isOpen ? [`https://${host}${pathname}`] : []), repository];
  return { kind: "git", commit, repositories, packing, ...(archive !== undefined && { archive }) };
}

/** What hosts give without git (hosted-git-info); undefined of any other host. */
function hostedArchive(repository: string, commit: string): string | undefined {
  const { host, pathname } = new URL(repository);
  const path = pathname.replace(/\.git$/, "");
  if (host === "github.com") return `https://codeload.github.com${path}/tar.gz/${commit}`;
  if (host === "gitlab.com") return `https://gitlab.com${path}/repository/archive.tar.gz?ref=${commit}`;
  return host === "bitbucket.org" ? `https://bitbucket.org${path}/get/${commit}.tar.gz` : undefined;
}

/** Of a tarball of a repository, which the lock holds by its address alone; undefined where that names no commit. */
export function archiveOrigin(
  archive: string,
  packing: GitOrigin["packing"],
  integrity: string | undefined,
): GitOrigin | undefined {
  const commit = /[0-9a-f]{40}/.exec(archive)?.[0];
  if (commit === undefined) return undefined;
  return { kind: "git", commit, archive, packing, ...(integrity !== undefined && { archiveIntegrity: integrity }) };
}

/** Addresses that give a repository's sources: no package's tarball. */
export function isGitArchive(url: string): boolean {
  return /^https:\/\/(codeload\.github\.com|bitbucket\.org|gitlab\.com)\//.test(url);
}
