/** What installing the packages would have done to the merged tree, and the ids of the users that this made. */
import {
  canonicalJson,
  platformText,
  type FileTree,
  type Json,
  type MergeContext,
} from "../../core/index.ts";
import type { CollectedPackage } from "./collect.ts";
import type { PinnedIDs } from "./scripts/accounts.ts";
import { configureOrder } from "./scripts/configure-order.ts";
import { configureTree } from "./scripts/configure.ts";
import type { ScriptCoverage, ScriptsInput, ScriptsResult } from "./scripts/evaluate.ts";

const LOCK_KIND = "debian-ids";

export function installPackages(
  tree: FileTree,
  packages: ReadonlyMap<string, CollectedPackage>,
  architecture: string,
  context: MergeContext,
): FileTree {
  const order = configureOrder([...packages.values()].map(({ pin }) => pin));
  const input: ScriptsInput = {
    tree,
    architecture,
    packages: order.map((id) => {
      const { pin, control } = packages.get(id)!;
      return { id, name: pin.name, version: pin.version, architecture: pin.architecture, control };
    }),
  };
  const result = withPinnedIDs(input, context);
  tellCoverage(result.coverage, packages, context);
  return result.tree;
}

/** Ids are given as Debian would on an empty system, then kept: another package must not renumber a volume's owner. */
function withPinnedIDs(input: ScriptsInput, { lock, target, platform }: MergeContext): ScriptsResult {
  const first = configureTree(input);
  if (isEmpty(first.ids)) return first;
  const request = { target, platform: platformText(platform) };
  const pinned = lock.read(LOCK_KIND, target, request) as PinnedIDs | undefined;
  if (pinned === undefined) {
    lock.write(LOCK_KIND, target, request, idsJson(first.ids));
    return first;
  }
  const second = configureTree({ ...input, pinned });
  const all: PinnedIDs = {
    users: { ...pinned.users, ...second.ids.users },
    groups: { ...pinned.groups, ...second.ids.groups },
  };
  if (canonicalJson(idsJson(all)) !== canonicalJson(idsJson(pinned))) lock.write(LOCK_KIND, target, request, idsJson(all));
  return second;
}

function isEmpty({ users, groups }: PinnedIDs): boolean {
  return Object.keys(users).length + Object.keys(groups).length === 0;
}

function idsJson({ users, groups }: PinnedIDs): Json {
  return { users: Object.fromEntries(Object.entries(users).map(([name, { uid, gid }]) => [name, { uid, gid }])), groups };
}

/** Coverage is always told, with what is missing by package, script and line. */
function tellCoverage(
  coverage: readonly ScriptCoverage[],
  packages: ReadonlyMap<string, CollectedPackage>,
  { emit, target }: MergeContext,
): void {
  const missing = coverage.filter(({ covered }) => !covered);
  const covered = coverage.length - missing.length;
  emit({
    type: "note",
    message: `${target}: ${covered} of ${coverage.length} maintainer scripts worked out`,
    detail: missing.map(({ package: id, script, line, reason }) => {
      const place = line === undefined ? "" : ` line ${line}`;
      return `not covered: ${packages.get(id)?.pin.name ?? id} ${script}${place}: ${reason ?? "unknown"}`;
    }),
  });
}
