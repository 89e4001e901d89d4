// @timeout 400
// @runtimes node
/** `npm()` against `yarn workspaces focus --production`: one project that holds what goes wrong elsewhere. */
import { suite, tmp } from "../harness.ts";
import { assertInstalled } from "./npm-projects.ts";
import { makeYarnProject, yarnDifferences } from "./yarn-install.ts";
import { yarnWhole } from "./yarn-whole.ts";

const test = suite("e2e/yarn", { timeout: 300_000 });

test("is what Yarn 4 installs: programs for the target alone, peers, an alias, a resolution, two versions, members", () => {
  const directory = tmp();
  makeYarnProject(directory, yarnWhole({ root: "workspace:*", api: "workspace:^" }));
  assertInstalled(yarnDifferences(directory, "arm64"), 100);
});

test.run();
