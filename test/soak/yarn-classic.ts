/** `npm()` against Yarn 1's `yarn install --production` over real projects, made on the spot: every file, link and mode, for both architectures. */
import { classicDifferences, makeClassicProject } from "../e2e/yarn-classic-install.ts";
import { soakBeside } from "./npm/rows.ts";
import { CLASSIC_PROJECTS } from "./npm/yarn-projects.ts";

export default soakBeside({
  command: "yarn install",
  projects: CLASSIC_PROJECTS,
  make: (directory, files) => makeClassicProject(directory, files),
  compare: classicDifferences,
});
