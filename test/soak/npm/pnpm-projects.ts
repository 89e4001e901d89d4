/** Projects for pnpm: those of npm that mean the same to it, and what it alone has. */
import type { ProjectFiles } from "../../e2e/npm-projects.ts";
import { REAL_PROJECTS } from "./projects.ts";

export interface PnpmProject {
  readonly files: ProjectFiles;
  /** Of whose packages an image is made, and how pnpm is asked for them. */
  readonly member?: string;
  readonly filter?: readonly string[];
}

/** Members and overrides are said in other places. */
const NPMS_ALONE = ["workspace", "overrides"];

/** Peers, whose names are so long that their folders end with a hash, and programs of the same names. */
const LINTED = {
  "@eslint/eslintrc": "3.2.0",
  "@typescript-eslint/eslint-plugin": "8.18.1",
  "@typescript-eslint/parser": "8.18.1",
  eslint: "9.17.0",
  "ts-node": "10.9.2",
  typescript: "5.6.3",
};

/** Two members that need each other, and one that nobody needs. */
const WORKSPACE: ProjectFiles = {
  "package.json": { name: "whole", private: true },
  "pnpm-workspace.yaml": "packages: [packages/*]\noverrides:\n  debug>ms: 2.1.3\ncatalog:\n  semver: 7.6.0\n",
  "packages/api/package.json": {
    name: "@my/api",
    dependencies: { "@my/lib": "workspace:^", "@my/zoo": "workspace:*", ...LINTED },
  },
  "packages/lib/package.json": {
    name: "@my/lib",
    version: "1.0.0",
    bin: { "my-lib": "cli.js" },
    dependencies: { semver: "catalog:", debug: "4.3.4" },
    devDependencies: { "is-odd": "3.0.1" },
  },
  "packages/lib/cli.js": "#!/usr/bin/env node\n",
  "packages/zoo/package.json": {
    name: "@my/zoo",
    version: "1.0.0",
    dependencies: { "@my/api": "workspace:*", semver: "5.7.2", old: "npm:ms@2.0.0" },
  },
  "packages/other/package.json": { name: "@my/other", dependencies: { esbuild: "0.24.2", debug: "2.6.9" } },
};

export const PNPM_PROJECTS: Readonly<Record<string, PnpmProject>> = {
  ...Object.fromEntries(
    Object.entries(REAL_PROJECTS)
      .filter(([name]) => !NPMS_ALONE.includes(name))
      .map(([name, files]) => [name, { files }]),
  ),
  peers: { files: { "package.json": { name: "app", private: true, dependencies: LINTED } } },
  workspace: { files: WORKSPACE },
  member: { files: WORKSPACE, member: "packages/api", filter: ["--filter=@my/api..."] },
};
