/** What installing the packages would have done to the merged tree, and what of it could not be worked out. */
import type { FileTree, MergeContext } from "../../core/index.ts";
import type { CollectedPackage, DebianCollection } from "./collect.ts";
import { identityOf } from "./checksum.ts";
import { configureOnce } from "./configure-once.ts";
import type { NotWorkedOut } from "./script-cost.ts";
import { withPinnedIDs } from "./pins/pinned-ids.ts";
import type { Answers } from "./scripts/debconf.ts";
import type { ScriptsInput, ScriptsResult } from "./scripts/evaluate.ts";

export interface InstallSettings {
  readonly architecture: string;
  readonly suite: string;
  readonly configure: DebianCollection["configure"];
  readonly executor: DebianCollection["executor"];
  /** Of each source. */
  readonly machines: readonly DebianCollection["machine"][];
  /** Of each source, in order. */
  readonly answers: readonly Answers[];
}

export interface Installed {
  readonly tree: FileTree;
  readonly notWorkedOut: readonly NotWorkedOut[];
}

export async function installPackages(
  tree: FileTree,
  packages: ReadonlyMap<string, CollectedPackage>,
  { architecture, suite, answers }: Omit<InstallSettings, "configure" | "executor" | "machines">,
  context: MergeContext,
): Promise<Installed> {
  const { orderedPackages } = await import("./ordered-packages.ts");
  const order = orderedPackages(packages, architecture);
  const input: ScriptsInput = {
    tree,
    architecture,
    suite,
    answers: await answersOf(answers, [...packages.values()]),
    packages: order,
  };
  const archives = order.map(({ id }) => identityOf(packages.get(id)!.pin.checksum));
  const result = await withPinnedIDs(
    (pinned) => configureOnce(pinned === undefined ? input : { ...input, pinned }, archives, context),
    context,
  );
  const missing = await missingIn(result, input, packages, context);
  tellCoverage(result, missing.costs, packages, context);
  return { tree: result.tree, notWorkedOut: missing.packages };
}

async function answersOf(
  sources: readonly Answers[],
  packages: readonly Pick<CollectedPackage, "control">[],
): Promise<Answers> {
  if (sources.every((answers) => Object.keys(answers).length === 0)) return {};
  const { answersFor } = await import("./answers.ts");
  return answersFor(sources, packages);
}

/** What scripts that could not be worked out cost; throws where their source is strict. */
async function missingIn(
  { coverage, tree }: Pick<ScriptsResult, "coverage" | "tree">,
  input: ScriptsInput,
  packages: ReadonlyMap<string, CollectedPackage>,
  { target }: MergeContext,
): Promise<{ readonly packages: readonly NotWorkedOut[]; readonly costs: readonly string[] }> {
  if (coverage.every(({ covered }) => covered)) return { packages: [], costs: [] };
  const { costIn, notWorkedOut, refuseStrict } = await import("./script-cost.ts");
  const missing = notWorkedOut(coverage, input.packages, packages, tree);
  refuseStrict(missing, tree, target);
  const costs = missing.flatMap((each) => {
    const cost = costIn(tree, each);
    return cost === undefined ? [] : [`lacking: ${cost} (named by the scripts of ${each.name})`];
  });
  return { packages: missing, costs };
}

/**
 * Coverage is always told, with what is missing by package, script and line; then what scripts asked for that is made
 * elsewhere, or on purpose not at all.
 */
function tellCoverage(
  { coverage, notes }: Pick<ScriptsResult, "coverage" | "notes">,
  costs: readonly string[],
  packages: ReadonlyMap<string, CollectedPackage>,
  { emit, target }: MergeContext,
): void {
  const nameOf = (id: string) => packages.get(id)?.pin.name ?? id;
  const missing = coverage.filter(({ covered }) => !covered);
  const covered = coverage.length - missing.length;
  const notCovered = missing.map(({ package: id, script, line, reason }) => {
    const place = line === undefined ? "" : ` line ${line}`;
    return `not covered: ${nameOf(id)} ${script}${place}: ${reason ?? "unknown"}`;
  });
  const leftOut = new Map<string, Set<string>>();
  for (const { kind, text, package: id } of notes) {
    if (kind === "left-out") leftOut.set(text, (leftOut.get(text) ?? new Set()).add(nameOf(id)));
  }
  emit({
    type: "note",
    message: `${target}: ${covered} of ${coverage.length} maintainer scripts worked out`,
    detail: [
      ...notCovered,
      ...costs,
      ...[...leftOut].map(([text, names]) => `left out: ${text} (asked for by ${[...names].join(", ")})`),
    ],
  });
}
