/**
 * Yarn 4's `yarn.lock` as an install plan: what its node-modules linker lays out for the workspaces that are asked for
 * (`yarn workspaces focus`).
 */
import type { HoisterResult, HoisterTree } from "@yarnpkg/nm/hoist";
import {
  beyond,
  entryUrl,
  giveTurn,
  isWithin,
  limitOf,
  type RunModuleInput,
  type Tasks,
} from "../../../../core/index.ts";
import type { InstallPlan, Selection } from "../../model.ts";
import type { LockText } from "../find-lock.ts";
import { lockError, refuseSameName, tooDeep, tooMuchHoisting, unfitPackage } from "../lock-error.ts";
import type { Manifest } from "../manifest.ts";
import { askingPackage, extensionsWith, readResolutions, type AskingPackage, type ProjectRules } from "./asked.ts";
import { runsOn } from "./conditions.ts";
import { hoistedPlaces, type YarnWorkspace } from "./hoist.ts";
import { hoisting, type Hoisting, type HoistingInput } from "./hoisting.ts";
import { instancesOf, type Instance } from "./instances.ts";
import { REGENERATE, folderOf, parseYarnLock, type YarnLock, type YarnPackage } from "./lock-file.ts";
import { refuseOutside } from "./origin.ts";
import { readPatches } from "./patches.ts";
import { planOf } from "./plan.ts";
import { refuseOtherLinkers, type YarnSettings } from "./settings.ts";
import { installedPart, installedWorkspaces, refuseOtherFolders } from "./workspaces.ts";

/** Steps of hoisting, less than a second: a thread takes longer to start than most projects need. */
const QUICK = 2_000_000;

export interface YarnProject extends LockText {
  readonly settings: YarnSettings;
  readonly manifestOf: (directory: string) => Promise<Manifest>;
  readonly tasks: Pick<Tasks, "inWorker">;
  readonly signal: AbortSignal;
}

/** Throws `E_NPM_LOCK`, `E_NPM_PACKAGE`, `E_NPM_PROJECT`. */
export async function readYarnLock(project: YarnProject, selection: Selection): Promise<InstallPlan> {
  const { file, root, member, settings, manifestOf, signal } = project;
  refuseOtherLinkers(file, settings);
  refuseOmitted(file, selection);
  const lock = parseYarnLock(file, project.text);
  await giveTurn(signal);
  refuseSameName(
    file,
    Array.from(lock.workspaces, ([folder, { name }]) => [folder || ".", name]),
  );
  const manifest = await manifestOf(root);
  const rules: ProjectRules = {
    extensions: extensionsWith(Object.entries(settings.packageExtensions)),
    resolutions: readResolutions(file, manifest.resolutions ?? {}),
    top: lock.workspaces.get("")?.locator ?? "",
    isLocked: (descriptor) => lock.resolutions.has(descriptor),
  };
  const usedBy = (locked: YarnPackage): readonly YarnPackage[] =>
    Array.from(askingPackage(locked, rules).dependencies, ([name, range]) => meant(file, lock, locked, name, range));
  const installed = await installedWorkspaces(member, { file, root, lock, manifestOf, usedBy }, selection);

  // The root first, as Yarn sorts them.
  const asking = [...lock.workspaces.keys()].toSorted().map((folder) => {
    const part = installedPart(lock.workspaces.get(folder)!, installed.get(folder), selection);
    return askingPackage(part, rules);
  });
  const packages = new Map(asking.map((each) => [each.locked.locator, each]));
  const resolve = ({ locked, dependencies }: AskingPackage, name: string): AskingPackage => {
    const found = meant(file, lock, locked, name, dependencies.get(name)!);
    refuseOutside(file, found);
    const known = packages.get(found.locator) ?? askingPackage(found, rules);
    packages.set(found.locator, known);
    return known;
  };
  const graph = instancesOf(asking, resolve, ({ locked: { locator } }, limit) => {
    if (limit === "npm.depth") throw tooDeep(file, locator, REGENERATE);
    const what = `one for each set of peers that they see, it has ${beyond(limit)}`;
    throw lockError(file, what, "Give fewer packages peers that differ", locator);
  });
  const isLeftOut = ({ asking: { locked } }: Instance): boolean => {
    if (runsOn(file, locked, selection.target)) return false;
    if (graph.required.has(locked.locator)) throw unfitPackage(file, locked.locator, selection.target, locked.locator);
    return true;
  };
  const workspaces = asking.map(({ locked }): YarnWorkspace => {
    const folder = folderOf(locked);
    const own = installed.get(folder);
    return {
      folder,
      instance: graph.workspaces.get(locked.locator)!,
      peers: [...Object.keys(locked.peerDependencies), ...Object.keys(locked.peerDependenciesMeta)],
      isInstalled: own !== undefined,
      isNamed: own === undefined || own.name !== undefined,
    };
  });
  await giveTurn(signal);
  const places = await hoistedPlaces(workspaces, isLeftOut, (tree) => hoistedIn(project, tree));
  const found = places.map(({ instance }) => instance.asking.locked);
  await refuseOtherFolders(found, { file, root, manifestOf });
  const patches = await readPatches({ file, root }, found);
  return planOf({ file, root, member, workspaces, places, patches, isLeftOut });
}

async function hoistedIn({ file, tasks }: YarnProject, root: HoisterTree): Promise<HoisterResult> {
  const most = limitOf("npm.hoisting");
  const quick = hoisting({ root, most: Math.min(QUICK, most) });
  const { steps, result } = quick.result !== undefined ? quick : await inThread({ root, most }, tasks);
  if (isWithin("npm.hoisting", steps) && result !== undefined) return result;
  throw tooMuchHoisting(file, "npm.hoisting");
}

function inThread(input: HoistingInput, tasks: YarnProject["tasks"]): Promise<Hoisting> {
  const url = entryUrl(import.meta.url, "./hoisting.ts", "yarn-hoisting.js").href;
  return tasks.inWorker<RunModuleInput<HoistingInput>, Hoisting>("runModule", { url, name: "hoisting", input });
}

/** The package that another one's dependency means. */
function meant(file: string, lock: YarnLock, asking: YarnPackage, name: string, range: string): YarnPackage {
  const found = lock.resolutions.get(`${name}@${range}`);
  if (found !== undefined) return found;
  throw lockError(file, `it has no "${name}@${range}", which ${asking.name} needs`, REGENERATE, asking.locator);
}

function refuseOmitted(file: string, { omit }: Selection): void {
  const other = [...omit].find((kind) => kind !== "dev");
  if (other === undefined) return;
  const what = `omit has "${other}", and Yarn leaves none of those out`;
  throw lockError(file, what, `Take "${other}" out of omit`);
}
