/**
 * `npm()` against `bun install --production` over real projects, made on the spot: every file, link and mode, for both architectures.
 * `--project=sharp,next` takes those alone.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Soak, SoakRow } from "../../scripts/soak.ts";
import { bunDifferences, makeBunProject } from "../e2e/bun-install.ts";
import type { ProjectFiles } from "../e2e/npm-ci.ts";
import { REAL_PROJECTS } from "./npm/projects.ts";

/** Bun has no nested overrides and writes over what a tarball brings; folders outside of a workspace are not read. */
const { overrides: _nested, bundled: _overwritten, workspace: _folders, ...PROJECTS } = REAL_PROJECTS;
/** Lines of a row that failed. */
const SHOWN = 5;

const soak: Soak = async (options) => {
  const only = options.get("project")?.split(",");
  return Object.entries(PROJECTS)
    .filter(([name]) => only === undefined || only.includes(name))
    .flatMap(([name, files]) => rowsOf(name, files));
};

export default soak;

function rowsOf(name: string, files: ProjectFiles): readonly SoakRow[] {
  const directory = mkdtempSync(join(tmpdir(), `soak-bun-${name}-`));
  try {
    makeBunProject(directory, files);
    return (["x64", "arm64"] as const).map((cpu): SoakRow => {
      const { paths, found } = bunDifferences(directory, cpu);
      for (const line of found.slice(0, SHOWN)) console.error(`${name} ${cpu}: ${line}`);
      return {
        what: `${name}, ${cpu}: what bun install writes`,
        figure: `${paths} paths, ${found.length} differ`,
        aim: "none differs",
        ok: found.length === 0,
      };
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
