/** `configure: "run"`: the packages' maintainer scripts run by dpkg over the merged tree, by an executor of scripts. */
import {
  ImageDslError,
  inlineFile,
  platformText,
  treePath,
  treePathFromBytes,
  withEntries,
  type Entry,
  type Executor,
  type FileTree,
  type MachineSpec,
  type MergeContext,
  type RunContext,
  type RunSpec,
} from "../../../core/index.ts";
import { answersFor } from "../answers.ts";
import { debianArchitecture } from "../architecture.ts";
import type { CollectedPackage } from "../collect.ts";
import type { InstallSettings } from "../install.ts";
import { orderedPackages, type OrderedPackage } from "../ordered-packages.ts";
import type { Answers } from "../scripts/debconf.ts";
import { triggersIn, withDpkgDatabase } from "../scripts/dpkg-database.ts";
import { withJavaTrustStore } from "../scripts/java-trust-store.ts";
import { configuredBefore } from "./configured-before.ts";
import { driverText, STAGING } from "./driver.ts";
import { selectionsText } from "./selections.ts";
import { waitingConffiles, withWaiting } from "./waiting-conffiles.ts";

/** MiB: what the largest of Debian's own packages take. */
const MACHINE = { diskSize: 8192, buildVMMemorySize: 1024 };

export interface Configuration {
  /** In the order in which they are configured. */
  readonly packages: readonly OrderedPackage[];
  readonly answers: Answers;
  /** Triggers that packages of an image below are interested in. */
  readonly triggersBelow: readonly string[];
  /** Runs them. */
  readonly executor: Executor;
  readonly machine: MachineSpec;
}

/** What is to be configured of the packages that are present. Throws `E_DEBIAN_CONFIGURE`, `E_DEBIAN_DEBCONF`. */
export function configurationOf(
  tree: FileTree,
  packages: ReadonlyMap<string, CollectedPackage>,
  { architecture, answers, executor, machines }: Omit<InstallSettings, "suite" | "configure">,
  { base, target, platform }: Pick<MergeContext, "base" | "target" | "platform">,
): Configuration {
  if (architecture !== debianArchitecture(platform)) {
    throw new ImageDslError(
      "E_DEBIAN_CONFIGURE",
      `The scripts of packages for ${architecture} cannot run in "${target}", which is for ${platformText(platform)}`,
      { hint: "Leave architecture: out of debian({ … }) and build with --platform" },
    );
  }
  if (tree.get(treePath("usr/bin/dpkg"))?.type !== "file") {
    throw new ImageDslError(
      "E_DEBIAN_CONFIGURE",
      `The packages of "${target}" cannot be configured by running their scripts: the image has no dpkg`,
      { hint: 'Leave essential: false out, or build on an image that has dpkg, or say configure: "work-out"' },
    );
  }
  const isConfigured = configuredBefore(base, target);
  return {
    packages: orderedPackages(packages, architecture).filter((item) => !isConfigured(item)),
    answers: answersFor(answers, [...packages.values()]),
    triggersBelow: base === undefined ? [] : triggersIn(base),
    executor,
    machine: {
      diskMiB: largest("diskSize", machines),
      memoryMiB: largest("buildVMMemorySize", machines),
    },
  };
}

/** All packages of an image are configured in one place: what one of its sources asks for the others have too. */
function largest(size: keyof typeof MACHINE, machines: InstallSettings["machines"]): number {
  const given = machines.flatMap((each) => each[size] ?? []);
  return given.length === 0 ? MACHINE[size] : Math.max(...given);
}

/** One more script of the image, before its own. `runner`: of this plugin. */
export function configureSpec(runner: string, { packages, answers, triggersBelow, machine }: Configuration): RunSpec {
  const script = driverText({ packages, selections: selectionsText(answers, packages), triggersBelow });
  return {
    stage: "runAsRoot",
    runner,
    name: 'debian({ configure: "run" })',
    script,
    machine,
    keepsOrder: true,
  };
}

/** `execute` runs a script over a tree. */
export async function configureByScripts(
  { packages, executor }: Configuration,
  run: RunSpec,
  tree: FileTree,
  { spec }: Pick<RunContext, "spec">,
  execute: (run: RunSpec, tree: FileTree) => Promise<FileTree | undefined>,
): Promise<FileTree> {
  const waiting = waitingConffiles(tree, packages);
  const database = withDpkgDatabase(tree, tree, packages, waiting);
  const unpacked = withEntries(withWaiting(database, waiting), packages.flatMap(stagedMembers));
  const after = await execute({ ...run, runner: executor }, withTime(unpacked, spec.mtime));
  if (after === undefined) {
    throw new ImageDslError("E_DEBIAN_CONFIGURE", `No plugin runs scripts by "${executor}", which ${run.name} needs`);
  }
  return withJavaTrustStore(after);
}

/** What scripts compare times with, or write down, is then what the image will have. */
function withTime(tree: FileTree, mtime: number): FileTree {
  return withEntries(
    tree,
    tree.entries().map((entry) => ({ ...entry, mtime })),
  );
}

/** A preinst finds its package's control files beside itself: dpkg has them there while it unpacks. */
function stagedMembers({ name, control }: OrderedPackage): readonly Entry[] {
  if (!control.has("preinst")) return [];
  return [...control].map(([member, bytes]) => ({
    ...inlineFile(treePathFromBytes(`${STAGING.slice(1)}/${name}/${member}`), bytes),
    mode: 0o755,
  }));
}
