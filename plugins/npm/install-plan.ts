/** What is to be installed for an `npm` source, before any package is looked at. */
import { join, resolve } from "node:path";
import { LOCK_NAMES, hostPath, onceInBuild, type StageContext } from "../../core/index.ts";
import { readProject, type Project } from "./locks/index.ts";
import type { InstallPlan, TargetSystem } from "./model.ts";
import { OMIT, type NpmOptions } from "./options.ts";
import { targetSystem } from "./platform.ts";
import { publishedPackages } from "./registry/published.ts";
import type { NpmSettings } from "./registry/settings.ts";

export interface Planned {
  readonly plan: InstallPlan;
  readonly settings: NpmSettings;
  readonly target: TargetSystem;
}

/** Throws `E_NPM_PROJECT`, `E_NPM_LOCK`, `E_NPM_REGISTRY`, `E_NPM_PACKAGE`. */
export async function planned(
  { dir = ".", omit = OMIT, libc = "glibc" }: NpmOptions,
  context: StageContext,
): Promise<Planned> {
  const target = targetSystem(context.platform, libc);
  const directory = resolve(context.directory, dir);
  tellRead(
    ["package.json", ...LOCK_NAMES.map(({ name }) => name)].map((name) => join(directory, name)),
    context,
  );
  const key = JSON.stringify([directory, target, [...omit].sort()]);
  const { lock, settings, plan } = await projectOnce(context, key, () =>
    readProject(
      directory,
      { target, omit: new Set(omit) },
      {
        publishedBy: (said, rules) => publishedPackages({ settings: said, signal: context.signal }, rules, context),
        tasks: context.tasks,
        signal: context.signal,
      },
    ),
  );
  tellRead(
    [
      lock.file,
      ...["package.json", ".npmrc", ".yarnrc.yml", "pnpm-workspace.yaml", "bunfig.toml"].map((name) =>
        join(lock.root, name),
      ),
    ],
    context,
  );
  return { plan, settings, target };
}

/** Who asks what a source's tree would be asks for the tree next, where nothing is known of that. */
const projectOnce = onceInBuild<Project>();

export function tellRead(files: readonly string[], { reads }: Pick<StageContext, "reads">): void {
  for (const file of files) reads.path(hostPath(file));
}
