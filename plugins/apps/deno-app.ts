/** `denoApp`: what a careful person would write to ship a project that Deno runs. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { LAUNCHERS, type Source } from "../../core/index.ts";
import { saidByPackage } from "./entry/app-entry.ts";
import { appEntries, checkOptions, commandsOf, source, type AppImage, type AppOptions } from "./options.ts";
import { packageApp, runtimeSources } from "./package-app.ts";
import { namesOf, readDenoJson, refuseRemote, saidByDeno, type DenoFile } from "./project/deno-json.ts";
import { DENO_DIR, denoPackages, isWithoutModules } from "./project/deno-packages.ts";
import { projectFolder } from "./project/folder.ts";
import { readPackageJson, type PackageFile } from "./project/package-json.ts";

/** Options of `denoApp`. */
export interface DenoAppOptions extends AppOptions {
  /** Sources that bring `deno`. @default `deno()`, of the version that `.dvmrc` or package.json's `engines` say, else 2 */
  readonly runtime?: Source | readonly Source[] | undefined;
}

const RUNTIME = 'expected sources that bring deno, such as deno({ version: "2" })';
const NO_PROJECT = "Nor is there a deno.json or deno.jsonc: deno init writes one; dir says where it is";
const schema = v.strictObject({ ...appEntries, runtime: v.optional(v.union([source, v.array(source)], RUNTIME)) });

/**
 * As `nodeApp`, for a project with a deno.json or a package.json that Deno runs: `deno run FILE` as its task `start`, with what it may do there, or
 * `exports`, which may do all that the container may. What it imports lies in the project, or deno.lock or the lock of its package.json names it.
 *
 * @example image(denoApp({ port: 8000 }))
 */
export function denoApp(options: DenoAppOptions = {}): AppImage {
  checkOptions("denoApp", schema, options);
  const folder = projectFolder("denoApp", options.dir ?? ".");
  const deno = readDenoJson(folder);
  const npm =
    deno === undefined || existsSync(join(folder, "package.json")) ? readPackageJson(folder, NO_PROJECT) : undefined;
  const packages = options.dependencies === undefined && deno !== undefined ? packagesOf(deno, folder, npm) : [];
  const isInCache = deno !== undefined && isWithoutModules(deno);
  const read = (deno ?? npm)!;
  const ofPackage = npm ? saidByPackage(npm.value, LAUNCHERS.deno, commandsOf(options.build)) : [];
  const said = [...(deno ? saidByDeno(deno.value) : []), ...ofPackage];
  const hasPackages = packages.length > 0;
  const vendored = deno?.value.vendor ? ["vendor"] : [];
  return packageApp(
    {
      launcher: LAUNCHERS.deno,
      folder,
      manifest: { ...read, value: { ...npm?.value, ...(deno && namesOf(deno.value)) } },
      said,
      runtime: () => runtimeSources(LAUNCHERS.deno, options.runtime, folder, npm),
      packages,
      always: ["package.json", "deno.json", "deno.jsonc", ...(hasPackages ? ["deno.lock"] : []), ...vendored],
      env: { DENO_NO_UPDATE_CHECK: "1", ...(hasPackages && { DENO_DIR }) },
      // What is not in the cache would be asked for at each start.
      ...(hasPackages && { alsoFlags: ["--cached-only"] }),
      flags: ["--allow-all"],
    },
    isInCache ? { dependencies: false, ...options } : options,
  );
}

/** What deno.lock names, where Deno looks into its cache. Throws `E_CONFIG_INVALID`. */
function packagesOf(deno: DenoFile, folder: string, npm: PackageFile | undefined): readonly Source[] {
  const isOfCache = npm === undefined || isWithoutModules(deno);
  refuseRemote(deno, isOfCache);
  return isOfCache ? denoPackages(deno, folder, npm) : [];
}
