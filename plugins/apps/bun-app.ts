/** `bunApp`: what a careful person would write to ship a project that Bun runs. */
import * as v from "valibot";
import { LAUNCHERS, type Source } from "../../core/index.ts";
import { saidByPackage } from "./entry/app-entry.ts";
import { appEntries, checkOptions, commandsOf, source, type AppImage, type AppOptions } from "./options.ts";
import { packageApp, runtimeSources } from "./package-app.ts";
import { projectFolder } from "./project/folder.ts";
import { readPackageJson } from "./project/package-json.ts";

/** Options of `bunApp`. */
export interface BunAppOptions extends AppOptions {
  /** Sources that bring `bun`. @default `bun()`, of the version that `.bun-version` or package.json's `engines` say, else 1 */
  readonly runtime?: Source | readonly Source[] | undefined;
}

const RUNTIME = 'expected sources that bring bun, such as bun({ version: "1" })';
const schema = v.strictObject({ ...appEntries, runtime: v.optional(v.union([source, v.array(source)], RUNTIME)) });

/**
 * As `nodeApp`, for a project that Bun runs: TypeScript as it is, `bun run FILE` in `scripts.start`, `module` of package.json.
 *
 * @example image(bunApp({ port: 3000 }))
 */
export function bunApp(options: BunAppOptions = {}): AppImage {
  checkOptions("bunApp", schema, options);
  const folder = projectFolder("bunApp", options.dir ?? ".");
  const manifest = readPackageJson(folder);
  return packageApp(
    {
      launcher: LAUNCHERS.bun,
      folder,
      manifest,
      said: saidByPackage(manifest.value, LAUNCHERS.bun, commandsOf(options.build)),
      runtime: () => runtimeSources(LAUNCHERS.bun, options.runtime, folder, manifest),
      // Bun reads how TypeScript is to be understood, and its own settings.
      always: ["package.json", "tsconfig.json", "bunfig.toml"],
    },
    options,
  );
}
