/** Projects for Yarn: those of npm that mean the same to it, and what it alone has. */
import { MS_PATCH, withoutRenames, type ProjectFiles } from "../../e2e/npm-projects.ts";
import { REAL_PROJECTS } from "./projects.ts";

export interface YarnProject {
  readonly files: ProjectFiles;
  /** Of whose packages an image is made, and how Yarn is asked for them. */
  readonly member?: string;
  readonly workspaces?: readonly string[];
}

/** Overrides are `resolutions` here, and folders outside of the workspace are not read. */
const { overrides: _otherwise, workspace: _folders, ...COMMON } = REAL_PROJECTS;

const PEERS = {
  "@eslint/eslintrc": "3.2.0",
  "@typescript-eslint/eslint-plugin": "8.18.1",
  "@typescript-eslint/parser": "8.18.1",
  eslint: "9.17.0",
  "ts-node": "10.9.2",
};

/** Members that need each other, in several versions, and one inside another. */
const WORKSPACE: ProjectFiles = {
  "package.json": {
    name: "whole",
    private: true,
    workspaces: ["packages/*", "apps/*", "apps/web/plugins/*"],
    dependencies: { debug: "4.3.4", semver: "7.6.0" },
    devDependencies: { "is-number": "7.0.0" },
    resolutions: { "debug@npm:2.6.9/ms": "2.1.2", "is-odd/is-number": "6.0.0" },
  },
  "packages/api/package.json": {
    name: "@my/api",
    version: "1.0.0",
    dependencies: { "@my/lib": "workspace:^", "@my/zoo": "workspace:*", express: "4.21.2", ...PEERS },
    devDependencies: { chalk: "5.4.1" },
  },
  "packages/lib/package.json": {
    name: "@my/lib",
    version: "1.0.0",
    bin: { "my-lib": "cli.js" },
    dependencies: { semver: "6.3.1", debug: "2.6.9", "use-sync-external-store": "1.2.0" },
    optionalDependencies: { fsevents: "2.3.3", esbuild: "0.24.2" },
    peerDependencies: { react: "*" },
    devDependencies: { "is-odd": "3.0.1" },
  },
  "packages/lib/cli.js": "#!/usr/bin/env node\n",
  "packages/zoo/package.json": {
    name: "@my/zoo",
    version: "1.0.0",
    dependencies: { "@my/lib": "workspace:*", semver: "5.7.2", old: "npm:ms@2.0.0", react: "18.2.0" },
  },
  "apps/web/package.json": {
    name: "web",
    dependencies: { "@my/lib": "workspace:*", react: "17.0.2", chalk: "4.1.2", "is-odd": "3.0.1" },
  },
  "apps/web/plugins/one/package.json": { name: "one", dependencies: { react: "18.3.1", semver: "6.3.0" } },
};

/** The project's own patches, in each way to name them; and versions of what Yarn patches itself: for some of them, and for others nearly, its patch is made. */
const PATCHED: ProjectFiles = {
  "package.json": {
    name: "whole",
    private: true,
    workspaces: ["packages/*"],
    dependencies: {
      debug: "4.3.4",
      "is-odd": "patch:is-odd@npm%3A3.0.1#./odd.patch",
      resolve: "2.0.0-next.5",
      same: "npm:resolve@2.0.0-next.5",
      typescript: "5.9.3",
    },
    resolutions: { "ms@npm:2.1.2": "patch:ms@npm%3A2.1.3#~/.yarn/patches/ms.patch" },
  },
  ".yarn/patches/ms.patch": withoutRenames(MS_PATCH),
  "odd.patch": `diff --git a/index.js b/index.js
--- a/index.js
+++ b/index.js
@@ -10,4 +10,4 @@
 const isNumber = require('is-number');
 
-module.exports = function isOdd(value) {
+module.exports = function odd(value) {
   const n = Math.abs(value);
`,
  "packages/old/package.json": { name: "old", dependencies: { resolve: "1.22.8", typescript: "4.9.5" } },
  "packages/older/package.json": { name: "older", dependencies: { resolve: "1.7.0", typescript: "5.4.5" } },
  "packages/twice/package.json": {
    name: "twice",
    dependencies: {
      ms: "patch:ms@patch%3Ams@npm%253A2.1.3%23~/.yarn/patches/ms.patch#./more.patch",
      resolve: "1.22.8",
      typescript: "5.7.3",
    },
  },
  "packages/twice/more.patch": `diff --git a/index.js b/index.js
--- a/index.js
+++ b/index.js
@@ -1,4 +1,5 @@
+/* more */
 /**
  * Helpers.
  */
 
`,
};

/** Folders that are copied or linked, one of them inside a member, and a tarball that is made beside the project. */
const FOLDERS: ProjectFiles = {
  "package.json": {
    name: "whole",
    private: true,
    workspaces: ["packages/*"],
    dependencies: {
      bare: "./tool",
      copied: "file:./tool",
      linked: "link:./linked",
      ported: "portal:./linked",
      ms: "2.1.3",
    },
  },
  "packages/api/package.json": {
    name: "@my/api",
    version: "1.0.0",
    dependencies: { peering: "portal:./peering", react: "18.2.0", tool: "file:../../tool", semver: "7.6.0" },
  },
  "packages/api/peering/package.json": {
    name: "peering",
    version: "1.0.0",
    dependencies: { semver: "6.3.1", inner: "file:../inner" },
    peerDependencies: { react: "*" },
  },
  "packages/api/inner/package.json": { name: "inner", version: "1.0.0", dependencies: { semver: "5.7.2" } },
  "tool/package.json": { name: "tool", version: "1.0.0", bin: { tool: "lib/cli.js" }, dependencies: { ms: "2.0.0" } },
  "tool/lib/cli.js": "#!/usr/bin/env node\n",
  "linked/package.json": { name: "linked", version: "2.0.0", bin: { linked: "l.js" }, dependencies: { ms: "2.1.1" } },
  "linked/l.js": "#!/usr/bin/env node\n",
};

export const YARN_PROJECTS: Readonly<Record<string, YarnProject>> = {
  ...Object.fromEntries(Object.entries(COMMON).map(([name, files]) => [name, { files }])),
  aliases: {
    files: {
      "package.json": {
        name: "app",
        private: true,
        dependencies: { debug: "4.3.4", old: "npm:ms@2.0.0", "is-odd": "3.0.1", chalk: "npm:chalk@4.1.2" },
        resolutions: { "debug/ms": "2.1.3", "is-number": "7.0.0" },
      },
    },
  },
  peers: { files: { "package.json": { name: "app", private: true, dependencies: PEERS } } },
  folders: { files: FOLDERS },
  patches: { files: PATCHED },
  workspace: { files: WORKSPACE },
  member: { files: WORKSPACE, member: "packages/api", workspaces: ["@my/api"] },
};

/** For Yarn 1, which knows no `workspace:`, needs every member's version and writes resolutions in its own way. */
export const CLASSIC_PROJECTS: Readonly<Record<string, ProjectFiles>> = {
  ...COMMON,
  aliases: YARN_PROJECTS["aliases"]!.files,
  peers: YARN_PROJECTS["peers"]!.files,
  // It knows no portal:, and of a copied folder's own folders it writes places in its cache.
  folders: Object.fromEntries(
    Object.entries(FOLDERS).map(([path, content]) => [
      path,
      (typeof content === "string" ? content : JSON.stringify({ version: "1.0.0", ...content }))
        .replaceAll("portal:", "file:")
        .replace(',"inner":"file:../inner"', ""),
    ]),
  ),
  workspace: Object.fromEntries(
    Object.entries(WORKSPACE).map(([path, content]) => {
      if (typeof content === "string") return [path, content];
      const text = JSON.stringify({ version: "1.0.0", ...content, resolutions: { "**/is-odd/is-number": "6.0.0" } });
      return [path, text.replaceAll(/"workspace:[*^]"/g, '"1.0.0"')];
    }),
  ),
};
