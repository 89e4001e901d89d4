/** `nodeApp`: what a careful person would write to ship a project that Node runs. */
import * as v from "valibot";
import {
  ImageDslError,
  LAUNCHERS,
  valuedFlags,
  type ErrorPlace,
  type Source,
  type StartCommand,
} from "../../core/index.ts";
import { saidByPackage } from "./entry/app-entry.ts";
import { appEntries, checkOptions, commandsOf, listOf, source, type AppImage, type AppOptions } from "./options.ts";
import { packageApp } from "./package-app.ts";
import { projectFolder } from "./project/folder.ts";
import { readPackageJson } from "./project/package-json.ts";
import { runtimeVersionOf, stripsTypes } from "./project/runtime-version.ts";
import { SUITE } from "./tini.ts";

/** Options of `nodeApp`. */
export interface NodeAppOptions extends AppOptions {
  /**
   * What brings `node`: `"debian"`, as Debian packages it; or sources, such as `node({ version: "22.18.0" })`. @default `node()`, of
   * the version that `.nvmrc`, `.node-version` or package.json's `engines` say, else 24
   */
  readonly runtime?: "debian" | Source | readonly Source[] | undefined;
}

const RUNTIME = 'expected "debian", or sources that bring node, such as node({ version: "24" })';
const schema = v.strictObject({
  ...appEntries,
  runtime: v.optional(v.union([v.literal("debian"), source, v.array(source)], RUNTIME)),
});

/**
 * The arguments of `image()` for a project with a package.json: the runtime, the production dependencies, the app's files, and how it is
 * started, as a user without rights. docs/node-apps.md says what is decided, and how each part is replaced.
 *
 * @example image(nodeApp())
 * @example image({ ...nodeApp({ dir: "packages/api", port: 3000 }), env: { LOG: "json" } })
 */
export function nodeApp(options: NodeAppOptions = {}): AppImage {
  checkOptions("nodeApp", schema, options);
  const folder = projectFolder("nodeApp", options.dir ?? ".");
  const manifest = readPackageJson(folder);
  const runtime = options.runtime ?? {
    kind: "node",
    options: { version: runtimeVersionOf(LAUNCHERS.node, folder, manifest) },
  };
  return packageApp(
    {
      launcher: LAUNCHERS.node,
      folder,
      manifest,
      said: saidByPackage(manifest.value, LAUNCHERS.node, commandsOf(options.build)),
      runtime: (start, place) => {
        refuseTypes(start, runtime, place);
        return runtime === "debian" ? [DEBIAN_NODE] : listOf<Source>(runtime);
      },
      always: ["package.json"],
    },
    options,
  );
}

const DEBIAN_NODE: Source = { kind: "debian", options: { suite: SUITE, packages: ["nodejs"] } };

/** Of the runtimes that are known to run JavaScript alone. Throws `E_CONFIG_INVALID`. */
function refuseTypes(
  { entry, flags }: StartCommand,
  runtime: NonNullable<NodeAppOptions["runtime"]>,
  place: ErrorPlace,
): void {
  // What is loaded first may teach it to, as tsx does.
  const isTaught = valuedFlags(flags, LAUNCHERS.node).some(({ kind }) => kind === "module");
  if (!/\.[cm]?tsx?$/.test(entry) || isTaught) return;
  const [first] = runtime === "debian" ? [] : listOf<Source>(runtime);
  const version = first?.kind === "node" ? (first.options as { readonly version: string }).version : undefined;
  if (runtime !== "debian" && (version === undefined || stripsTypes(version))) return;
  const which = version === undefined ? "Debian's Node" : `Node ${version}`;
  throw new ImageDslError("E_CONFIG_INVALID", `${which} cannot run "${entry}", which is TypeScript`, {
    place,
    hint: 'Build it: build: "tsc", entry: "dist/server.js"; or bring a Node of 22.18 or later: runtime: node({ version: "24" })',
  });
}
