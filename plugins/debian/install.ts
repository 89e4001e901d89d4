/** What installing the packages would have done to the merged tree, and the ids of the users that this made. */
import {
  canonicalJson,
  platformText,
  type FileTree,
  type Json,
  type Lock,
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
  const request = { target, platform: platformText(platform) };
  const known = lock.peek(LOCK_KIND, request) as PinnedIDs | undefined;
  const result = configureTree(known === undefined ? input : { ...input, pinned: known });
  if (isEmpty(result.ids)) return result;
  const pinned = lock.read(LOCK_KIND, target, request) as PinnedIDs | undefined;
  if (pinned === undefined && known !== undefined) return renumbered(input, request, target, lock);
  const all = { users: { ...pinned?.users, ...result.ids.users }, groups: { ...pinned?.groups, ...result.ids.groups } };
  if (pinned === undefined || canonicalJson(idsJson(all)) !== canonicalJson(idsJson(pinned))) {
    lock.write(LOCK_KIND, target, request, idsJson(all));
  }
  return result;
}

/** `--update-lock`: ids as on an empty system, whatever was pinned. */
function renumbered(input: ScriptsInput, request: Json, target: string, lock: Lock): ScriptsResult {
  const result = configureTree(input);
  lock.write(LOCK_KIND, target, request, idsJson(result.ids));
  return result;
}

function isEmpty({ users, groups }: PinnedIDs): boolean {
  return Object.keys(users).length + Object.keys(groups).length === 0;
}

function idsJson({ users, groups }: PinnedIDs): Json {
  return {
    users: Object.fromEntries(Object.entries(users).map(([name, { uid, gid }]) => [name, { uid, gid }])),
    groups,
  };
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
