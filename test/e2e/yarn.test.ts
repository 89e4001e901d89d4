// @timeout 400
// @runtimes node
/** `npm()` against `yarn workspaces focus --production`: one project that holds what goes wrong elsewhere. */
import { suite, tmp } from "../harness.ts";
import { MS_PATCH, assertInstalled, withoutRenames } from "./npm-projects.ts";
import { makeYarnProject, yarnDifferences } from "./yarn-install.ts";
import { yarnWhole } from "./yarn-whole.ts";

const test = suite("e2e/yarn", { timeout: 300_000 });

test("is what Yarn 4 installs: programs for the target alone, peers, an alias, resolutions, two versions, members, patches", () => {
  const directory = tmp();
  // What Yarn patches itself was made for another version than this one.
  const patched = { name: "patched", dependencies: { ms: "2.1.3", resolve: "1.10.0" } };
  makeYarnProject(directory, {
    ...yarnWhole({ root: "workspace:*", api: "workspace:^", ms: "patch:ms@npm%3A2.1.3#~/.yarn/patches/ms.patch" }),
    "packages/patched/package.json": patched,
    ".yarn/patches/ms.patch": withoutRenames(MS_PATCH),
  });
  assertInstalled(yarnDifferences(directory, "arm64"), 100);
});

test.run();
