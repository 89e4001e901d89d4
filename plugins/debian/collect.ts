/** A `debian` source as closure nodes: one for each package, with the entry that tells scanners of it. */
import type { FileTree } from "../../core/index.ts";
import {
  ImageDslError,
  derivedTrees,
  lookup,
  platformText,
  readWhole,
  withEntries,
  type ClosureNode,
  type Collected,
  type Entry,
  type Executor,
  type Platform,
  type StageContext,
  type TreePath,
} from "../../core/index.ts";
import { debianArchitecture } from "./architecture.ts";
import { fetchPackages, locateArchive, type DebPackage } from "./fetch/index.ts";
import type { DebianOptions } from "./options.ts";
import { pinPackages } from "./pins/pin.ts";
import type { PinnedPackage } from "./pins/pins.ts";
import { md5sumsPath, statusPath, statusStanza } from "./resolve/index.ts";
import type { Answers } from "./scripts/debconf.ts";
import { distributionEntries } from "./distribution.ts";
import { skeletonTree } from "./scripts/skeleton.ts";

/** Users and groups are described in these files of the package that holds them. */
const PASSWD_MASTER = "usr/share/base-passwd/passwd.master";
const GROUP_MASTER = "usr/share/base-passwd/group.master";

/** A package of the closure, for what is done once all trees are merged. */
export interface CollectedPackage {
  readonly pin: PinnedPackage;
  readonly control: DebPackage["control"];
  /** What its archive holds. */
  readonly tree: FileTree;
  /** A script that cannot be worked out is an error. */
  readonly strict: boolean;
}

export interface DebianCollection extends Collected {
  readonly architecture: string;
  readonly suite: string;
  readonly configure: NonNullable<DebianOptions["configure"]>;
  /** Of the scripts that are run. */
  readonly executor: Executor;
  /** What the user says of where they run. */
  readonly machine: Pick<DebianOptions, "diskSize" | "buildVMMemorySize">;
  /** The user's, to debconf's questions. */
  readonly answers: Answers;
  /** By node id, in the order in which they are configured. */
  readonly packages: ReadonlyMap<string, CollectedPackage>;
  /** The files that name the distribution, where the archive is one's. */
  readonly distribution: readonly Entry[];
}

/** Its packages, pinned; nothing of them is fetched. */
export async function pinDebian(asked: DebianOptions, context: StageContext): Promise<void> {
  const options = withDefaults(asked);
  await pinPackages(options, architectureOf(options, context), context);
}

function withDefaults<Asked extends DebianOptions>({ essential, ...asked }: Asked) {
  return { ...asked, essential: essential ?? asked.configure === "run" };
}

export async function collectDebian(asked: DebianOptions, context: StageContext): Promise<DebianCollection> {
  const options = withDefaults(asked);
  const { configure = "work-out", executor = "vm" } = options;
  const architecture = architectureOf(options, context);
  const { packages: pins, accounts, distribution } = await pinPackages(options, architecture, context);
  const wanted = [
    ...new Map([...pins, accounts, ...(distribution ? [distribution] : [])].map((pin) => [pin.id, pin])).values(),
  ];
  const fetched = await fetchPackages(
    wanted,
    { locate: () => locateArchive({ ...options, architecture }), snapshot: options.snapshot },
    context,
  );
  const debs = new Map(wanted.map(({ id }, index) => [id, fetched[index]!]));

  const nodes = pins.map((pin) => nodeOf(pin, debs.get(pin.id)!));
  const { tree: accountsTree } = debs.get(accounts.id)!;
  return {
    nodes,
    roots: rootsOf(pins, options),
    image: skeletonTree({
      architecture,
      passwdMaster: fileIn(accountsTree, PASSWD_MASTER),
      groupMaster: fileIn(accountsTree, GROUP_MASTER),
      topLevelNames: topLevelNames(nodes),
    }),
    architecture,
    suite: options.suite,
    configure,
    executor,
    machine: options,
    answers: options.debconf ?? {},
    packages: new Map(pins.map((pin) => [pin.id, { pin, strict: options.scripts === "strict", ...debs.get(pin.id)! }])),
    distribution: distribution === undefined ? [] : distributionEntries(debs.get(distribution.id)!.tree),
  };
}

/** Throws `E_PLATFORM_INVALID` where neither the option nor the platform says it. */
function architectureOf({ architecture }: DebianOptions, { platform, target, emit }: StageContext): string {
  if (architecture === undefined) return debianArchitecture(platform);
  const usual = nameOf(platform);
  if (usual === undefined || usual === architecture) return architecture;
  emit({
    type: "warning",
    code: "W_DEBIAN_ARCHITECTURE",
    message: `${target} gets programs for ${architecture}, and says that it is for ${platformText(platform)}`,
    hint: "Leave architecture: out of debian({ … }) and build with --platform",
  });
  return architecture;
}

/** Undefined for a platform that Debian has no name for: there the option is all there is. */
function nameOf(platform: Platform): string | undefined {
  try {
    return debianArchitecture(platform);
  } catch {
    return undefined;
  }
}

function nodeOf(pin: PinnedPackage, { tree, control }: DebPackage): ClosureNode {
  // Its control files are of the same package as its tree.
  const key = [pin.name, pin.version, pin.architecture].join(" ");
  const complete = withStatus(tree, key, () => withEntries(tree, statusEntries(pin, control)));
  return {
    id: pin.id,
    kind: "debian",
    name: pin.name,
    version: pin.version,
    tree: complete,
    size: complete.contentSize(),
    needs: pin.depends,
    volatility: "pinned",
    family: sourceOf(control) ?? pin.name,
    ...(pin.replaces.length > 0 && { overrides: pin.replaces }),
  };
}

/** The source package that it is built of, where that has another name. */
function sourceOf(control: DebPackage["control"]): string | undefined {
  return /^Source: *([^ (\n]+)/im.exec(Buffer.from(control.get("control") ?? "").toString("latin1"))?.[1];
}

const withStatus = derivedTrees();

function statusEntries(pin: PinnedPackage, control: DebPackage["control"]): Entry[] {
  const own = Buffer.from(control.get("control") ?? "").toString("latin1");
  const entries = [fileEntry(statusPath(pin.name), Buffer.from(statusStanza(own, pin), "latin1"))];
  const md5sums = control.get("md5sums");
  return md5sums === undefined ? entries : [...entries, fileEntry(md5sumsPath(pin.name), md5sums)];
}

function fileEntry(path: TreePath, bytes: Uint8Array): Entry {
  const content = { kind: "inline", bytes } as const;
  return { type: "file", path, mode: 0o644, uid: 0, gid: 0, mtime: 1, size: bytes.length, content };
}

function fileIn(tree: FileTree, path: string): Uint8Array {
  const entry = lookup(tree, path);
  if (entry?.type === "file") return readWhole(entry);
  throw new ImageDslError(
    "E_DEBIAN_PACKAGE",
    `The suite's base-passwd has no ${path}, so its fixed users are not known`,
  );
}

/** What was asked for by name; with the minimal set, that too. */
function rootsOf(pins: readonly PinnedPackage[], { packages }: DebianOptions): string[] {
  const needed = new Set(pins.flatMap(({ depends }) => depends));
  const named = new Set(packages.map((request) => request.replace(/[:=][^]*/, "")));
  return pins.filter(({ id, name }) => named.has(name) || !needed.has(id)).map(({ id }) => id);
}

function topLevelNames(nodes: readonly ClosureNode[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { tree } of nodes) for (const { path } of tree.entries()) if (!path.includes("/")) names.add(path);
  return names;
}
