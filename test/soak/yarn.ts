/** `npm()` against `yarn workspaces focus --production` over real projects, made on the spot: every file, link and mode, for both architectures. */
import { makeYarnProject, yarnDifferences } from "../e2e/yarn-install.ts";
import { soakBeside } from "./npm/rows.ts";
import { YARN_PROJECTS } from "./npm/yarn-projects.ts";

export default soakBeside({
  command: "yarn focus",
  projects: YARN_PROJECTS,
  make: (directory, { files, member }) => makeYarnProject(directory, files, member),
  compare: (directory, cpu, { workspaces }) => yarnDifferences(directory, cpu, workspaces),
});
