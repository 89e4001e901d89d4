/**
 * `npm()` against `npm ci` over real projects, made on the spot: every file, link and mode of the tree that npm itself writes for
 * production with scripts off, for both architectures.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { installedByNpm, makeProject, treeDifferences } from "../e2e/npm-ci.ts";
import { PLATFORMS, type Cpu, type Installed } from "../e2e/npm-projects.ts";
import { runCli } from "../e2e/support.ts";
import { REAL_PROJECTS } from "./npm/projects.ts";
import { soakBeside } from "./npm/rows.ts";

export default soakBeside({ command: "npm ci", projects: REAL_PROJECTS, make: makeProject, compare });

function compare(directory: string, cpu: Cpu): Installed {
  const npms = installedByNpm(directory, cpu);
  const out = join(directory, "out");
  const { status, stderr } = runCli(["build", "--platform", PLATFORMS[cpu], "-o", `rootfs:${out}`], { cwd: directory });
  const found = status === 0 ? treeDifferences(join(out, "app/node_modules"), npms) : [stderr];
  rmSync(out, { recursive: true, force: true });
  return { paths: npms.size, found };
}
