/** What stands in a `bun.lock`: its schema, and what the list of each package means (Bun's source: install/lockfile/bun.lock). */
import * as v from "valibot";
import { recordOf } from "../../../../core/index.ts";
import type { GitOrigin } from "../../model.ts";
import { isInnerPath, isPackageName, isWebAddress } from "../../names.ts";
import { gitAddress, gitOrigin } from "../git-origin.ts";
import { lockError } from "../lock-error.ts";
import { isTarball } from "../placed-tree.ts";
import { list, texts } from "../schemas.ts";

const text = v.string();
const lists = {
  dependencies: v.optional(texts),
  devDependencies: v.optional(texts),
  optionalDependencies: v.optional(texts),
  peerDependencies: v.optional(texts),
};

const bin = v.optional(v.union([text, texts]));

const infoSchema = v.object({
  ...lists,
  optionalPeers: v.optional(v.array(text)),
  os: v.optional(list),
  cpu: v.optional(list),
  libc: v.optional(list),
  bin,
  binDir: v.optional(text),
  bundled: v.optional(v.boolean()),
});

const packageSchema = v.pipe(v.array(v.unknown()), v.minLength(1), v.maxLength(4));

export const lockSchema = v.object({
  lockfileVersion: v.number(),
  configVersion: v.optional(v.number()),
  workspaces: recordOf(text, v.object({ name: v.optional(text), version: v.optional(text), bin, ...lists })),
  packages: v.optional(recordOf(text, packageSchema), {}),
  patchedDependencies: v.optional(texts, {}),
});

export type BunLock = v.InferOutput<typeof lockSchema>;
export type BunPackage = v.InferOutput<typeof packageSchema>;

export interface Resolution {
  readonly name: string;
  readonly version?: string;
  /** As a package-lock has it: an address, `file:` and a path, or where a link leads to. */
  readonly resolved?: string;
  readonly git?: GitOrigin;
  readonly link: boolean;
  readonly info: v.InferOutput<typeof infoSchema>;
  readonly integrity?: string;
}

const NO_TARBALL = "Publish it, or depend on a tarball of it";

/** `["name@version", registry's address, info, integrity]`, `["name@ADDRESS", info, integrity]`, `["name@workspace:folder"]`. Throws `E_NPM_LOCK`. */
export function resolutionOf(file: string, key: string, written: BunPackage): Resolution {
  const where = `packages["${key}"]`;
  const refused = (what: string, hint = "bun install --lockfile-only writes it anew") =>
    lockError(file, `${where} ${what}`, hint, where);
  const [first, ...rest] = written;
  const [, name = "", resolution = ""] = typeof first === "string" ? (/^(@?[^@]+)@(.*)$/s.exec(first) ?? []) : [];
  if (!isPackageName(name) || resolution === "") throw refused("does not say which package it is");
  const folder = /^workspace:(.*)$/s.exec(resolution)?.[1];
  if (folder !== undefined) return { name, resolved: folder, link: true, info: {} };
  const isVersion = /^v?\d+\.\d+\.\d+/.test(resolution);
  // Of a repository a commit stands before it.
  const [address, given, integrity] = isVersion
    ? rest
    : [undefined, rest[0], /^git(?:hub:|\+)/.test(resolution) ? rest[2] : rest[1]];
  const { success, output: info, issues } = v.safeParse(infoSchema, given ?? {}, { abortEarly: true });
  if (!success) throw refused(`${v.getDotPath(issues[0]) ?? ""}: ${issues[0].message}`);
  if (info.binDir !== undefined) throw refused("offers a folder of programs, which is not read", NO_TARBALL);
  const sum: { integrity?: string } = typeof integrity === "string" && integrity !== "" ? { integrity } : {};
  const found = { name, link: false, info, ...sum };
  if (isVersion) {
    const isElsewhere = typeof address === "string" && isWebAddress(address);
    return { ...found, version: resolution, ...(isElsewhere && { resolved: address }) };
  }
  const git = gitOf(resolution, sum.integrity);
  if (git !== undefined) return { name, link: false, info, git };
  if (isWebAddress(resolution)) return { ...found, resolved: resolution };
  const path = resolution.replace(/^(?:file:)?(?:\.\/)*/, "");
  const isFolder = resolution.startsWith("file:") && !isTarball(path);
  if ((isTarball(path) || isFolder) && isInnerPath(path)) return { ...found, resolved: `file:${path}` };
  throw refused(
    `comes from "${resolution.slice(0, 200)}", which is no tarball, no commit of a repository and no folder of the project`,
    NO_TARBALL,
  );
}

/** `git+ssh://HOST/PATH#COMMIT`, or GitHub's as a tarball of `github:OWNER/NAME#COMMIT`, where the commit may be cut short. */
function gitOf(resolution: string, integrity: string | undefined): GitOrigin | undefined {
  const [, path, commit] = /^github:([\w.-]+\/[\w.-]+)#([0-9a-f]{7,40})$/.exec(resolution) ?? [];
  if (path === undefined) {
    return resolution.startsWith("git+") ? gitOrigin(resolution, gitAddress(resolution)?.fragment, "whole") : undefined;
  }
  const archive = `https://api.github.com/repos/${path}/tarball/${commit}`;
  const sums = integrity === undefined ? {} : { archiveIntegrity: integrity };
  return { kind: "git", commit: commit!, archive, packing: "whole", ...sums };
}
