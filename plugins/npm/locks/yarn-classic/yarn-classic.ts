/**
 * Yarn 1's `yarn.lock` as an install plan. The lock says nothing of peers, programs and systems: what the packages' own package.json say decides
 * where Yarn puts them, also of those that are not installed for production.
 */
import { join, relative, sep } from "node:path";
import { inTurns, isRecord } from "../../../../core/index.ts";
import type { InstallPlan, Selection } from "../../model.ts";
import { normalizedBin } from "../../names.ts";
import { fitsSystem, type SystemLimits } from "../../platform.ts";
import type { PublishedPackages } from "../../registry/published.ts";
import type { NpmSettings } from "../../registry/settings.ts";
import type { LockText } from "../find-lock.ts";
import { lockError, tooDeep, tooMuchHoisting, unfitPackage } from "../lock-error.ts";
import type { Manifest } from "../manifest.ts";
import { addPeers, classicGraph, classicResolutions, type ClassicGraph, type ClassicPackage } from "./graph.ts";
import { hoistClassic } from "./hoist.ts";
import { REGENERATE, parseClassicLock, type ClassicEntry } from "./lock-file.ts";
import { tarballOf } from "./origin.ts";
import { withPathsFromRoot } from "./own-paths.ts";
import { classicPlaces } from "./places.ts";
import { planOf } from "./plan.ts";
import { classicWorkspaces, projectRequests, type ClassicWorkspace } from "./project.ts";

export interface ClassicLockText extends LockText {
  readonly settings: NpmSettings;
  readonly published: PublishedPackages;
  readonly manifestOf: (directory: string) => Promise<Manifest>;
  readonly signal: AbortSignal;
}

/** Throws `E_NPM_LOCK`, `E_NPM_PACKAGE`, `E_NPM_PROJECT`, `E_NPM_REGISTRY` and what fetching packages throws. */
export async function readClassicLock(given: ClassicLockText, selection: Selection): Promise<InstallPlan> {
  const { file, root } = given;
  const manifestOf = async (directory: string): Promise<Manifest> =>
    withPathsFromRoot(await given.manifestOf(directory), relative(root, directory).split(sep).join("/"));
  const manifest = await manifestOf(root);
  refuseUnread(file, manifest, selection);
  const lock = parseClassicLock(file, given.text);
  const workspaces = await classicWorkspaces(file, root, manifest, manifestOf);
  const omitsDev = selection.omit.has("dev");
  const { requests, ignored, find } = projectRequests({ file, lock, manifest, workspaces, omitsDev });
  const refuseDeep = (pattern: string): never => {
    throw tooDeep(file, pattern, REGENERATE);
  };
  const graph = classicGraph(requests, classicResolutions(manifest.resolutions ?? {}), find, refuseDeep);
  const about = await factsOf({ ...given, manifestOf }, graph, workspaces, selection);
  addPeers(graph, (each) => about.get(each)!.peers);
  const hoisting = hoistClassic(graph, {
    patterns: requests.map(({ pattern }) => pattern),
    ignored: new Set(Array.from(ignored, (pattern) => graph.byPattern.get(pattern)!)),
    unfit: new Set(graph.packages.filter((each) => about.get(each)!.isUnfit)),
    omitsOptional: selection.omit.has("optional"),
    peersOf: (each) => Object.keys(about.get(each)!.peers),
    tooDeep: refuseDeep,
    tooMuch(pattern, limit) {
      throw tooMuchHoisting(file, limit, pattern);
    },
  });
  const all = await inTurns(hoisting, given.signal);
  const folders = new Map(Array.from(workspaces, ([name, { folder }]) => [name, folder]));
  const places = classicPlaces(all, folders, graph.byPattern);
  return planOf(given, places, (each) => about.get(each)!.bin);
}

interface Facts {
  readonly peers: Readonly<Record<string, string>>;
  readonly bin: Readonly<Record<string, string>>;
  readonly isUnfit: boolean;
}

/** What does not run on the target is not fetched: the registry says of it what decides. */
async function factsOf(
  given: ClassicLockText,
  { packages }: ClassicGraph,
  workspaces: ReadonlyMap<string, ClassicWorkspace>,
  { target }: Selection,
): Promise<ReadonlyMap<ClassicPackage, Facts>> {
  const { file, root, published, manifestOf } = given;
  return new Map(await published.each(packages, async (each) => [each, await factsOfOne(each)] as const));

  async function factsOfOne(each: ClassicPackage): Promise<Facts> {
    const { name, version, source, isOptional } = each;
    if (source.kind === "whole" || source.kind === "link") return { peers: {}, bin: {}, isUnfit: false };
    if (source.kind === "workspace") {
      const { manifest } = workspaces.get(name)!;
      return { peers: textsIn(manifest.peerDependencies), bin: normalizedBin(name, manifest["bin"]), isUnfit: false };
    }
    if (source.kind === "copy") {
      const manifest = await manifestOf(join(root, source.folder));
      refuseOther(file, manifest, source);
      return { peers: textsIn(manifest.peerDependencies), bin: normalizedBin(name, manifest["bin"]), isUnfit: false };
    }
    const tarball = tarballOf(given, each);
    if (isOptional) {
      const { peers, ...limits } = await published.limitsOf(tarball);
      if (!runsOn(limits)) return { peers, bin: {}, isUnfit: true };
    }
    const manifest = await published.manifestOf(tarball);
    if (!isOptional && !runsOn({ os: listIn(manifest["os"]), cpu: listIn(manifest["cpu"]) }))
      throw unfitPackage(file, `${name}@${version}`, target, each.patterns[0]!);
    const bin = normalizedBin(tarball.name, manifest["bin"]);
    return { peers: textsIn(manifest["peerDependencies"]), bin, isUnfit: false };
  }

  /** Yarn 1 knows nothing of C libraries. */
  function runsOn({ os, cpu }: SystemLimits): boolean {
    return fitsSystem({ os, cpu }, target);
  }
}

/** Throws `E_NPM_LOCK` where a copied folder's package.json asks for something else than the lock has. */
function refuseOther(
  file: string,
  manifest: Manifest,
  { folder, entry }: { folder: string; entry: ClassicEntry },
): void {
  const asked = { ...manifest.dependencies, ...manifest.optionalDependencies };
  const locked = { ...entry.dependencies, ...entry.optionalDependencies };
  const other = Object.keys({ ...asked, ...locked }).find((name) => asked[name] !== locked[name]);
  if (other === undefined) return;
  throw lockError(file, `it has not the "${other}" that the package.json in ${folder} asks for`, REGENERATE);
}

function textsIn(value: unknown): Readonly<Record<string, string>> {
  const entries = isRecord(value) ? Object.entries(value) : [];
  return Object.fromEntries(entries.filter((each): each is [string, string] => typeof each[1] === "string"));
}

function listIn(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]).filter((each) => typeof each === "string");
}

/** Throws `E_NPM_LOCK`. */
function refuseUnread(file: string, manifest: Manifest, { omit }: Selection): void {
  const { flat, installConfig, workspaces } = manifest;
  const said =
    flat === true
      ? "package.json says flat"
      : isRecord(installConfig) && installConfig["pnp"] === true
        ? "package.json turns Plug'n'Play on"
        : isRecord(workspaces) && workspaces["nohoist"] !== undefined
          ? "package.json has nohoist"
          : omit.has("peer")
            ? 'omit has "peer", and Yarn leaves no peers out'
            : undefined;
  if (said === undefined) return;
  throw lockError(file, `${said}, which is not done here`, "Install in a step of the build, or leave it out");
}
