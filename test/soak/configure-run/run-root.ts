/** Packages installed by running their scripts: what `debian({ …, configure: "run" })` makes of them, built twice, as tree and as archive. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Executor, FileTree } from "../../../core/index.ts";
import type * as imageDsl from "../../../plugins/index.ts";
import type { RunImage } from "./images.ts";

// The bundle: what ran once it finds again.
const bundle = new URL("../../../dist/index.js", import.meta.url).href;
const { build, buildImage, debian } = (await import(bundle)) as typeof imageDsl;

export interface RunRoot {
  readonly tree: FileTree;
  readonly digest: string;
  /** A docker archive. */
  readonly archive: string;
}

export interface RunSuite {
  readonly suite: string;
  readonly architecture: string;
  readonly mirror: string;
}

/** `folder`: for the store, locks and archives. `check`: the scripts run again; rejects where that comes to something else. */
export async function installByRunning(
  name: string,
  { packages, config }: RunImage,
  { executor, check }: { readonly executor: Executor; readonly check: boolean },
  { suite, architecture, mirror }: RunSuite,
  folder: string,
): Promise<RunRoot> {
  const directory = join(folder, name);
  mkdirSync(directory, { recursive: true });
  const image = buildImage({
    name: `configure-${name}`,
    copyToRoot: debian({ suite, packages, architecture, mirror, configure: "run", executor }),
    config,
  });
  const archive = join(directory, `${executor}.tar`);
  const [result] = await build(
    { images: { soak: image } },
    {
      directory,
      platforms: [{ os: "linux", architecture }],
      store: join(folder, "store"),
      check,
      outputs: [`docker-archive:${archive}:configure-${name}:${process.pid}`],
    },
  );
  const { image: built, configDigest } = result!;
  return { tree: built.tree, digest: configDigest, archive };
}
