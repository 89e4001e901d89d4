/**
 * `npm()` against `pnpm install --prod` over real projects, made on the spot: every file, link and mode, for both architectures.
 * `--project=sharp,next` takes those alone.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Soak, SoakRow } from "../../scripts/soak.ts";
import { makePnpmProject, pnpmDifferences } from "../e2e/pnpm-install.ts";
import { PNPM_PROJECTS, type PnpmProject } from "./npm/pnpm-projects.ts";

/** Lines of a row that failed. */
const SHOWN = 5;

const soak: Soak = async (options) => {
  const only = options.get("project")?.split(",");
  return Object.entries(PNPM_PROJECTS)
    .filter(([name]) => only === undefined || only.includes(name))
    .flatMap(([name, project]) => rowsOf(name, project));
};

export default soak;

function rowsOf(name: string, { files, member, filter }: PnpmProject): readonly SoakRow[] {
  const directory = mkdtempSync(join(tmpdir(), `soak-pnpm-${name}-`));
  try {
    makePnpmProject(directory, files, member);
    return (["x64", "arm64"] as const).map((cpu): SoakRow => {
      const { paths, found } = pnpmDifferences(directory, cpu, filter);
      for (const line of found.slice(0, SHOWN)) console.error(`${name} ${cpu}: ${line}`);
      return {
        what: `${name}, ${cpu}: what pnpm install writes`,
        figure: `${paths} paths, ${found.length} differ`,
        aim: "none differs",
        ok: found.length === 0,
      };
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
