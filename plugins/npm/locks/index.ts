/** From a project's folder to what is installed for it. */
import { join } from "node:path";
import { beyond, giveTurn, hasFewValues, messageOf, readRegular, type Tasks } from "../../../core/index.ts";
import type { InstallPlan, Selection } from "../model.ts";
import type { UnpackRules } from "../layout/package-tree.ts";
import type { PublishedPackages } from "../registry/published.ts";
import { readNpmSettings, type NpmSettings } from "../registry/settings.ts";
import { findLock, type FoundLock } from "./find-lock.ts";
import { lockError } from "./lock-error.ts";
import { readManifest } from "./manifest.ts";
import { refuseLinksOut } from "./project-files.ts";
import { isClassicLock } from "./yarn-classic/mark.ts";

export interface Project {
  readonly lock: FoundLock;
  readonly settings: NpmSettings;
  readonly plan: InstallPlan;
}

export interface ProjectHelp {
  /** Is asked for what a lock does not say. */
  readonly publishedBy: (settings: NpmSettings, rules: UnpackRules) => PublishedPackages;
  readonly tasks: Pick<Tasks, "inWorker">;
  readonly signal: AbortSignal;
}

/** `directory` is absolute. Throws `E_NPM_PROJECT`, `E_NPM_LOCK`, `E_NPM_REGISTRY`, `E_NPM_PACKAGE`. */
export async function readProject(directory: string, selection: Selection, help: ProjectHelp): Promise<Project> {
  const project = await readLocked(directory, selection, help);
  refuseLinksOut(project.lock, project.plan);
  return project;
}

async function readLocked(
  directory: string,
  selection: Selection,
  { publishedBy, tasks, signal }: ProjectHelp,
): Promise<Project> {
  const manifest = await readManifest(join(directory, "package.json"));
  const lock = findLock(directory, manifest);
  const text = await textOf(lock.file);
  await giveTurn(signal);
  const settings = await readNpmSettings(lock.root);
  const manifestOf = (folder: string) => readManifest(join(folder, "package.json"));
  if (lock.manager === "pnpm") {
    const { readPnpmLock } = await import("./pnpm/pnpm-lock.ts");
    return {
      lock,
      settings,
      plan: await readPnpmLock({ ...lock, text, npmrc: settings, manifestOf, signal }, selection),
    };
  }
  if (lock.manager === "yarn" && isClassicLock(text)) {
    const { readClassicLock } = await import("./yarn-classic/yarn-classic.ts");
    const published = publishedBy(settings, "yarn-classic");
    return {
      lock,
      settings,
      plan: await readClassicLock({ ...lock, text, settings, published, manifestOf, signal }, selection),
    };
  }
  if (lock.manager === "yarn") {
    const { readYarnLock } = await import("./yarn/yarn-lock.ts");
    const { readYarnSettings, registrySettings } = await import("./yarn/settings.ts");
    const yarn = await readYarnSettings(lock.root);
    const plan = await readYarnLock({ ...lock, text, settings: yarn, manifestOf, tasks, signal }, selection);
    return { lock, settings: await registrySettings(settings, yarn), plan };
  }
  if (lock.manager === "bun") {
    const { readBunLock } = await import("./bun/bun-lock.ts");
    return { lock, settings, plan: await readBunLock({ ...lock, text, manifest, signal }, selection) };
  }
  const { readPackageLock } = await import("./package-lock.ts");
  return { lock, settings, plan: await readPackageLock({ ...lock, text, manifest, signal }, selection) };
}

/** Of the lock. Throws `E_NPM_LOCK` where it cannot be read, or comes to more than anybody's; `hint`: who writes it. */
export async function textOf(file: string, hint = "Have the package manager write it anew"): Promise<string> {
  let text: string;
  try {
    text = (await readRegular(file, "npm.lock")).toString("utf8");
  } catch (cause) {
    throw lockError(file, messageOf(cause), hint);
  }
  if (hasFewValues(text)) return text;
  throw lockError(file, `it has ${beyond("json.values")}`, hint);
}
