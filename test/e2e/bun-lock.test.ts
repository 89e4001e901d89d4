// @timeout 400
// @runtimes node
/** `npm()` against `bun install --production`: one project that holds what goes wrong elsewhere. */
import { GIT_PACKAGE, gitRepository } from "../fixtures/git/repository.ts";
import { suite, tmp } from "../harness.ts";
import { MS_PATCH, TOOL, assertInstalled, libraryMember } from "./npm-projects.ts";
import { bunDifferences, makeBunProject } from "./bun-install.ts";

const test = suite("e2e/bun-lock", { timeout: 300_000 });

test("is what Bun installs: a patch, programs for the target alone, an alias, an override, two versions, members, a folder, a commit", () => {
  const directory = tmp();
  makeBunProject(directory, {
    "package.json": {
      name: "whole",
      version: "1.0.0",
      workspaces: ["packages/*"],
      dependencies: {
        "@my/lib": "workspace:*",
        chalk: "4.1.2",
        debug: "4.3.4",
        esbuild: "0.24.2",
        "from-git": gitRepository(GIT_PACKAGE).address,
        old: "npm:ms@2.0.0",
        semver: "7.6.0",
        tool: "file:./tool",
        ws: "8.18.0",
      },
      devDependencies: { "ansi-styles": "3.2.1", bufferutil: "4.0.8", "is-number": "7.0.0" },
      overrides: { ms: "2.1.3" },
      patchedDependencies: { "ms@2.1.3": "patches/ms.patch" },
    },
    "patches/ms.patch": MS_PATCH,
    "bunfig.toml": '[install]\nlinker = "hoisted"\n',
    ...TOOL,
    ...libraryMember(),
  });
  assertInstalled(bunDifferences(directory, "arm64"), 100);
});

test.run();
