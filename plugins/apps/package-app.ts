/** What the presets have in common for a project with a package.json, whichever runtime it is for. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { projectLocks, type ErrorPlace, type Launcher, type Source, type StartCommand } from "../../core/index.ts";
import { WORKDIR, appImage } from "./app-image.ts";
import { appEntry, type Saying } from "./entry/app-entry.ts";
import { loadedFirst, refuseForDevelopment } from "./entry/loaded-first.ts";
import { mayBeBuilt, ownFiles } from "./files/own-files.ts";
import { listOf, type AppImage, type AppOptions } from "./options.ts";
import { runtimeVersionOf } from "./project/runtime-version.ts";
import { imageNameOf, type PackageFile, type PackageJson } from "./project/package-json.ts";

export interface PackageApp {
  readonly launcher: Launcher;
  /** Absolute. */
  readonly folder: string;
  readonly manifest: PackageFile;
  readonly said: readonly Saying[];
  /** What brings the runtime; `place`: of what is said of the start. */
  readonly runtime: (start: StartCommand, place: ErrorPlace) => readonly Source[];
  /** Sources of what it depends on, beside the lock of its package.json. */
  readonly packages?: readonly Source[];
  /** Files that come along whatever is said of them, where they are there. */
  readonly always: readonly string[];
  /** Variables beside NODE_ENV. */
  readonly env?: Readonly<Record<string, string>>;
  /** Options of the runtime where no script says how it is started. */
  readonly flags?: readonly string[];
  /** Further ones, whoever says how it is started. */
  readonly alsoFlags?: readonly string[];
}

export function packageApp(app: PackageApp, options: AppOptions): AppImage {
  const { launcher, folder, manifest, said } = app;
  const place = manifest.placeOf(...(said[0]?.key ?? "main").split("."));
  const built = mayBeBuilt(options);
  const isLocked = options.dependencies === undefined && hasDependencies(manifest.value);
  const given = listOf<Source>(options.dependencies || []);
  // What a member alone has, a version that others do not share or all that pnpm links, lies in its own node_modules.
  const { member } = projectLocks(folder);
  const isInPlace = isLocked || given.some(areInPlace);
  const dest = isInPlace && member !== "" ? (`${WORKDIR}/${member}` as const) : WORKDIR;
  const question = { launcher, entry: options.entry, said, place, folder, built, flags: app.flags ?? [] };
  const start = appEntry(question);
  const first = loadedFirst(start, question);
  if (options.dependencies === undefined) refuseForDevelopment(first, manifest.value, question);
  const always = [...app.always.filter((name) => existsSync(join(folder, name))), ...first.files];
  return appImage(
    {
      name: imageNameOf(manifest),
      manifest: manifest.value,
      folder,
      workdir: dest,
      contents: [
        ...app.runtime(start, place),
        ...(app.packages ?? []),
        ...(isLocked ? [lockedPackages(folder)] : given),
        ...ownFiles(
          { ...options, dir: folder, member, dest },
          { manifest: manifest.value, launcher, entry: start.entry, made: first.made, always },
        ),
      ],
      cmd: [...start.command, ...start.flags, ...(app.alsoFlags ?? []), start.entry, ...start.args],
      env: { NODE_ENV: "production", ...app.env, ...start.env },
      user: launcher.program,
    },
    options,
  );
}

/** What is asked for, or the runtime's own source in the version that the project says; `manifest`: its package.json. */
export function runtimeSources(
  launcher: Launcher,
  asked: Source | readonly Source[] | undefined,
  folder: string,
  manifest: PackageFile | undefined,
): readonly Source[] {
  if (asked !== undefined) return listOf<Source>(asked);
  return [{ kind: launcher.program, options: { version: runtimeVersionOf(launcher, folder, manifest) } }];
}

function hasDependencies({ dependencies, optionalDependencies }: PackageJson): boolean {
  return Object.keys({ ...dependencies, ...optionalDependencies }).length > 0;
}

/** Packages that lie where `lockedPackages` would put them, said with more: `npm({ allowScripts: […] })`. */
function areInPlace({ kind, options }: Source): boolean {
  return kind === "npm" && ((options as { readonly dest?: string }).dest ?? WORKDIR) === WORKDIR;
}

function lockedPackages(dir: string): Source {
  return { kind: "npm", options: { dir, dest: WORKDIR, prebuilds: "target" } };
}
