// @timeout 400
// @runtimes node
/** `npm()` against `yarn workspaces focus --production`: one project that holds what goes wrong elsewhere. */
import { join } from "node:path";
import { GIT_PACKAGE, gitRepository } from "../fixtures/git/repository.ts";
import { serveRepositories } from "../fixtures/git/serve.ts";
import { suite, tmp } from "../harness.ts";
import { MS_PATCH, assertInstalled, withoutRenames } from "./npm-projects.ts";
import { makeYarnProject, yarnDifferences } from "./yarn-install.ts";
import { yarnWhole } from "./yarn-whole.ts";

const test = suite("e2e/yarn", { timeout: 300_000 });

test("is what Yarn 4 installs: programs for the target alone, peers, an alias, resolutions, two versions, members, patches, a commit", async () => {
  const directory = tmp();
  // What Yarn patches itself was made for another version than this one.
  const patched = { name: "patched", dependencies: { ms: "2.1.3", resolve: "1.10.0" } };
  const repositories = tmp();
  gitRepository(GIT_PACKAGE, join(repositories, "from.git"));
  const server = await serveRepositories(repositories);
  try {
    const asked = { root: "workspace:*", api: "workspace:^", git: `${server.url}/from.git` };
    makeYarnProject(directory, {
      ...yarnWhole({ ...asked, ms: "patch:ms@npm%3A2.1.3#~/.yarn/patches/ms.patch" }),
      ".yarnrc.yml": `unsafeHttpWhitelist: ["127.0.0.1"]\napprovedGitRepositories: ["**"]\n`,
      "packages/patched/package.json": patched,
      ".yarn/patches/ms.patch": withoutRenames(MS_PATCH),
    });
    assertInstalled(yarnDifferences(directory, "arm64"), 100);
  } finally {
    server.stop();
  }
});

test.run();
