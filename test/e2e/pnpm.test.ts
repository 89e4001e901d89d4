// @timeout 400
// @runtimes node
/** `npm()` against `pnpm install --prod`: one project that holds what is special to pnpm's layout. */
import { GIT_PACKAGE, gitRepository } from "../fixtures/git/repository.ts";
import { suite, tmp } from "../harness.ts";
import { MS_PATCH, TOOL, assertInstalled, libraryMember } from "./npm-projects.ts";
import { makePnpmProject, pnpmDifferences } from "./pnpm-install.ts";

const test = suite("e2e/pnpm", { timeout: 300_000 });

test("is what pnpm installs: a patch, peers, programs for the target alone, an alias, an override, a catalog, hoisting, members, folders, a commit", () => {
  const directory = tmp();
  makePnpmProject(directory, {
    "package.json": {
      name: "whole",
      private: true,
      dependencies: {
        "@my/lib": "workspace:*",
        debug: "4.3.4",
        copied: "file:./tool",
        "from-git": gitRepository(GIT_PACKAGE).address,
        // In a folder with a hash, for its capital letters.
        JSONStream: "1.3.5",
        old: "npm:ms@2.0.0",
        react: "18.2.0",
        tool: "link:./tool",
        // It has no install script: beside a patch pnpm prepares for those.
        rollup: "4.29.1",
        "use-sync-external-store": "1.2.0",
      },
      devDependencies: { "is-odd": "3.0.1" },
    },
    "pnpm-workspace.yaml":
      "packages: [packages/*]\noverrides:\n  debug>ms: 2.1.3\npatchedDependencies:\n  ms@2.1.3: patches/ms.patch\ncatalog:\n  semver: 7.6.0\n",
    "patches/ms.patch": MS_PATCH,
    "packages/api/package.json": {
      name: "@my/api",
      dependencies: { "@my/lib": "workspace:^", semver: "catalog:", debug: "2.6.9", tool: "link:../../tool" },
    },
    ...TOOL,
    ...libraryMember({ "is-number": "7.0.0" }, "\r\n"),
  });
  assertInstalled(pnpmDifferences(directory, "arm64"), 300);
});

test.run();
