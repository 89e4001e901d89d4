/**
 * `npm()` against `npm ci` over real projects, made on the spot: every file, link and mode of the tree that npm itself writes for
 * production with scripts off, for both architectures. `--project=sharp,next` takes those alone.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Soak, SoakRow } from "../../scripts/soak.ts";
import { installedByNpm, makeProject, treeDifferences, type ProjectFiles } from "../e2e/npm-ci.ts";
import { runCli } from "../e2e/support.ts";
import { REAL_PROJECTS } from "./npm/projects.ts";

const TARGETS = [
  { cpu: "x64", platform: "linux/amd64" },
  { cpu: "arm64", platform: "linux/arm64" },
] as const;
/** Lines of a row that failed. */
const SHOWN = 5;

const soak: Soak = async (options) => {
  const only = options.get("project")?.split(",");
  return Object.entries(REAL_PROJECTS)
    .filter(([name]) => only === undefined || only.includes(name))
    .flatMap(([name, files]) => rowsOf(name, files));
};

export default soak;

function rowsOf(name: string, files: ProjectFiles): readonly SoakRow[] {
  const directory = mkdtempSync(join(tmpdir(), `soak-npm-${name}-`));
  try {
    makeProject(directory, files);
    return TARGETS.map(({ cpu, platform }): SoakRow => {
      const npms = installedByNpm(directory, cpu);
      const out = join(directory, "out");
      const { status, stderr } = runCli(["build", "--platform", platform, "-o", `rootfs:${out}`], { cwd: directory });
      const found = status === 0 ? treeDifferences(join(out, "app/node_modules"), npms) : [stderr];
      rmSync(out, { recursive: true, force: true });
      for (const line of found.slice(0, SHOWN)) console.error(`${name} ${platform}: ${line}`);
      return {
        what: `${name}, ${platform}: what npm ci writes`,
        figure: `${npms.size} paths, ${found.length} differ`,
        aim: "none differs",
        ok: found.length === 0,
      };
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
