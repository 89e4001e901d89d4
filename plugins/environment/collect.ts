/** What each source brings, and which links it wants. */
import {
  FileTree,
  directoryEntry,
  treePath,
  type CollectContext,
  type Collected,
  type Source,
} from "../../core/index.ts";
import { BUNDLE_PATHS, BUNDLE_PLACES, OWN_BUNDLE, collectBundle } from "./certificates.ts";
import type { WantedLinks } from "./links.ts";
import type { CaCertificatesOptions, ProgramLinkOptions } from "./sources.ts";

const NOTHING: Collected = { nodes: [], roots: [] };

/** Where the link stands, where its program mostly is, and Debian's package of it. */
const PROGRAMS = {
  binSh: { link: "/bin/sh", path: "/bin/bash", package: "bash" },
  usrBinEnv: { link: "/usr/bin/env", path: "/bin/env", package: "coreutils" },
} as const;

interface Linked {
  readonly wanted: WantedLinks;
  readonly collected: Collected;
}

export function temporaryDirectories(): FileTree {
  return FileTree.of(["tmp", "var/tmp"].map((path) => directoryEntry(treePath(path), { mode: 0o1777 })));
}

export async function collectProgramLink(
  kind: keyof typeof PROGRAMS,
  { from, path }: ProgramLinkOptions,
  context: CollectContext,
): Promise<Linked> {
  const program = PROGRAMS[kind];
  const targets = [`/${treePath(path ?? program.path)}`];
  return linked({ by: `${kind}()`, paths: [program.link], targets, package: program.package }, from, context);
}

export async function collectBundleLinks(
  { from, bundle }: CaCertificatesOptions,
  context: CollectContext,
): Promise<Linked> {
  const wanted = { by: "caCertificates()", paths: BUNDLE_PATHS, package: "ca-certificates" };
  if (bundle === undefined) return linked({ ...wanted, targets: BUNDLE_PLACES }, from, context);
  const collected = collectBundle(bundle, context.directory);
  return { wanted: { ...wanted, targets: [OWN_BUNDLE], from: collected }, collected };
}

async function linked(wanted: WantedLinks, source: Source | undefined, context: CollectContext): Promise<Linked> {
  if (source === undefined) return { wanted, collected: NOTHING };
  const collected = await context.collect(source);
  return { wanted: { ...wanted, from: collected }, collected };
}
