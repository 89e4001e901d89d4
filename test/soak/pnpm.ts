/** `npm()` against `pnpm install --prod` over real projects, made on the spot: every file, link and mode, for both architectures. */
import { makePnpmProject, pnpmDifferences } from "../e2e/pnpm-install.ts";
import { PNPM_PROJECTS } from "./npm/pnpm-projects.ts";
import { soakBeside } from "./npm/rows.ts";

export default soakBeside({
  command: "pnpm install",
  projects: PNPM_PROJECTS,
  make: (directory, { files, member }) => makePnpmProject(directory, files, member),
  compare: (directory, cpu, { filter }) => pnpmDifferences(directory, cpu, filter),
});
