// @timeout 400
// @runtimes node
/** `npm()` against Yarn 1's `yarn install --production`: one project that holds what goes wrong elsewhere. */
import { GIT_PACKAGE, gitRepository } from "../fixtures/git/repository.ts";
import { suite, tmp } from "../harness.ts";
import { assertInstalled } from "./npm-projects.ts";
import { classicDifferences, makeClassicProject } from "./yarn-classic-install.ts";
import { yarnWhole } from "./yarn-whole.ts";

const test = suite("e2e/yarn-classic", { timeout: 300_000 });

test("is what Yarn 1 installs: programs for the target alone, peers, an alias, a resolution, two versions, members, a commit", () => {
  const directory = tmp();
  makeClassicProject(
    directory,
    yarnWhole({
      root: "1.0.0",
      api: "^1.0.0",
      git: gitRepository({ ...GIT_PACKAGE, "package.json": { ...GIT_PACKAGE["package.json"], scripts: {} } }).address,
    }),
  );
  assertInstalled(classicDifferences(directory, "arm64"), 100);
});

test.run();
