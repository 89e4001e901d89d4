/** Projects as people have them, and what each is here for. Versions are exact where another one would be another test. */
import type { ProjectFiles } from "../../e2e/npm-projects.ts";

export const REAL_PROJECTS: Readonly<Record<string, ProjectFiles>> = {
  express: one({ dependencies: { express: "4.21.2" }, devDependencies: { typescript: "5.6.3" } }),
  fastify: one({ dependencies: { fastify: "5.2.0", "@fastify/static": "8.0.3" } }),
  // Peers, and programs of packages that are there twice.
  nest: one({
    dependencies: {
      "@nestjs/common": "10.4.15",
      "@nestjs/core": "10.4.15",
      "@nestjs/platform-express": "10.4.15",
      "reflect-metadata": "0.2.2",
      rxjs: "7.8.1",
    },
    devDependencies: { "@nestjs/testing": "10.4.15" },
  }),
  // Optional packages by system, processor and C library.
  next: one({ dependencies: { next: "15.1.3", react: "19.0.0", "react-dom": "19.0.0" } }),
  sharp: one({ dependencies: { sharp: "0.33.5" } }),
  esbuild: one({ dependencies: { esbuild: "0.24.2", rollup: "4.29.1" } }),
  // Install scripts, which do not run.
  "better-sqlite3": one({ dependencies: { "better-sqlite3": "11.7.0" } }),
  prisma: one({ dependencies: { "@prisma/client": "6.1.0", prisma: "6.1.0" } }),
  // What comes inside a package's own tarball.
  bundled: one({ dependencies: { npm: "10.9.2" } }),
  overrides: one({
    dependencies: { debug: "4.3.4", old: "npm:ms@2.0.0", "is-odd": "3.0.1", chalk: "npm:chalk@4.1.2" },
    overrides: { debug: { ms: "2.1.3" }, "is-number": "7.0.0" },
  }),
  // Members, one of which needs the other, and a folder outside of the workspace.
  workspace: {
    "package.json": {
      name: "whole",
      version: "1.0.0",
      workspaces: ["packages/*"],
      dependencies: { tool: "file:tool" },
    },
    "packages/api/package.json": {
      name: "@my/api",
      version: "1.0.0",
      dependencies: { "@my/lib": "1.0.0", express: "4.21.2", semver: "6.3.1" },
      devDependencies: { typescript: "5.6.3" },
    },
    "packages/api/index.js": "",
    "packages/lib/package.json": {
      name: "@my/lib",
      version: "1.0.0",
      bin: { "my-lib": "cli.js" },
      dependencies: { semver: "7.6.0" },
    },
    "packages/lib/cli.js": "#!/usr/bin/env node\n",
    "tool/package.json": { name: "tool", version: "1.0.0", dependencies: { ms: "2.1.3" } },
  },
  // Much of everything.
  large: one({
    dependencies: {
      "@aws-sdk/client-s3": "3.717.0",
      "@sentry/node": "8.47.0",
      bcrypt: "5.1.1",
      ioredis: "5.4.2",
      knex: "3.1.0",
      pg: "8.13.1",
      pino: "9.6.0",
      puppeteer: "23.11.1",
      typeorm: "0.3.20",
    },
  }),
};

function one(manifest: object): ProjectFiles {
  return { "package.json": { name: "app", version: "1.0.0", private: true, ...manifest } };
}
