/** `app-build`: a build step that runs on the machine that builds, for that, whatever platform its image is for. */
import * as v from "valibot";
import {
  ImageDslError,
  defineSource,
  displayBytes,
  hostArchitecture,
  architectureOfNode,
  isSource,
  treePath,
  type CollectContext,
  type Collected,
  type Source,
} from "../../../core/index.ts";

export interface AppBuildOptions {
  readonly step: Source;
  /** What it is to have made, as that is started: paths in the image. */
  readonly wanted: readonly string[];
}

export const appBuild = defineSource<"app-build", AppBuildOptions>(
  "app-build",
  v.strictObject({ step: v.custom<Source>(isSource, "expected a build step"), wanted: v.array(v.string()) }),
);

/** How many files are told where the wanted one is not among them. */
const TOLD = 10;

/** Throws `E_FILES` where what is started is not among what was built. */
export async function collectAppBuild(options: AppBuildOptions, { collect }: CollectContext): Promise<Collected> {
  const collected = await collect(options.step, { os: "linux", architecture: architectureOfNode(hostArchitecture()) });
  const entries = collected.nodes.flatMap(({ tree }) => tree.entries());
  const made = new Set(entries.map(({ path }) => path));
  const missing = options.wanted.find((path) => !made.has(treePath(path)));
  if (missing === undefined) return collected;
  const files = entries.filter(({ type }) => type === "file").map(({ path }) => `/${displayBytes(path)}`);
  const more = files.length > TOLD ? ` and ${files.length - TOLD} more` : "";
  throw new ImageDslError(
    "E_FILES",
    `The build made no ${missing}, which is to be started; it made ${files.slice(0, TOLD).join(", ")}${more}`,
    { hint: "Say what is started: entry; or where the build writes: output" },
  );
}
