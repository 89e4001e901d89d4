// @timeout 400
// @runtimes node
/** `npm()` against Yarn 1's `yarn install --production`: one project that holds what goes wrong elsewhere. */
import * as assert from "uvu/assert";
import { suite, tmp } from "../harness.ts";
import { classicDifferences, makeClassicProject } from "./yarn-classic-install.ts";

const test = suite("e2e/yarn-classic", { timeout: 300_000 });

test("is what Yarn 1 installs: programs for the target alone, peers, an alias, a resolution, two versions, members", () => {
  const directory = tmp();
  makeClassicProject(directory, {
    "package.json": {
      name: "whole",
      version: "1.0.0",
      private: true,
      workspaces: ["packages/*"],
      dependencies: {
        "@my/lib": "1.0.0",
        chalk: "4.1.2",
        debug: "4.3.4",
        esbuild: "0.24.2",
        old: "npm:ms@2.0.0",
        react: "18.2.0",
        semver: "7.6.0",
        "use-sync-external-store": "1.2.0",
      },
      devDependencies: { "ansi-styles": "3.2.1", "is-number": "7.0.0" },
      resolutions: { "debug/ms": "2.1.3" },
    },
    "packages/api/package.json": {
      name: "@my/api",
      version: "1.0.0",
      dependencies: { "@my/lib": "^1.0.0", debug: "2.6.9", react: "17.0.2", "use-sync-external-store": "1.2.0" },
    },
    "packages/lib/package.json": {
      name: "@my/lib",
      version: "1.0.0",
      files: ["lib"],
      bin: { "my-lib": "lib/cli.js" },
      dependencies: { semver: "6.3.1" },
      devDependencies: { "is-odd": "3.0.1" },
    },
    "packages/lib/lib/cli.js": "#!/usr/bin/env node\nconsole.log(1)\n",
  });
  const { paths, found } = classicDifferences(directory, "arm64");
  assert.equal(found.slice(0, 20), []);
  assert.ok(paths > 100, `${paths}`);
});

test.run();
