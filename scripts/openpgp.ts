/**
 * OpenPGP.js goes to users as one file of its own, unchanged, and not in the bundle: the LGPL wants it to be replaceable.
 * Of the 17 MB of its package, which is every build for every host with its maps, this is what runs.
 */
import { copyFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Metafile, Plugin } from "esbuild";

/** In dist/, and from a file in one of its folders. */
const FILE = "openpgp/openpgp.js";
const FROM_FOLDER = `../${FILE}`;

/** `import("openpgp")` of the sources asks for the file in the bundle. */
export const besideBundle: Plugin = {
  name: "openpgp-beside-the-bundle",
  setup(build) {
    build.onResolve({ filter: /^openpgp$/ }, () => ({ path: FROM_FOLDER, external: true }));
  },
};

export const isBesideBundle = (specifier: string): boolean => specifier === FROM_FOLDER;

/** Puts the file, its licence and how to replace it in `out`. Throws where the bundle, made in `split`, would not find it. */
export function shipOpenpgp(project: string, split: string, out: string, { outputs }: Metafile): void {
  for (const [output, { imports }] of Object.entries(outputs)) {
    const asks = imports.some(({ path }) => path === FROM_FOLDER);
    if (asks && join(split, FILE) !== join(project, dirname(output), FROM_FOLDER)) {
      throw new Error(`${output} asks for ${FROM_FOLDER}, which is not there: import openpgp below a folder of dist/`);
    }
  }
  const origin = join(project, "node_modules/openpgp");
  mkdirSync(join(out, dirname(FILE)));
  copyFileSync(join(origin, "dist/node/openpgp.min.mjs"), join(out, FILE));
  copyFileSync(join(origin, "LICENSE"), join(out, "openpgp/LGPL-3.0.txt"));
  for (const name of ["GPL-3.0.txt", "README.md"]) {
    copyFileSync(join(project, "scripts/openpgp", name), join(out, "openpgp", name));
  }
}
