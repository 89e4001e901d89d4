/** A real `node_modules`: mostly very small files in very many folders, from the npm registry that this host uses. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runOrThrow } from "../run.ts";
import { sizeOf, writeConfig, type BenchInput } from "./input.ts";

/** What they need in turn moves, but not by much: figures are ratios of one run. */
const PACKAGES: Readonly<Record<string, string>> = {
  "@babel/core": "7.26.10",
  "core-js": "3.41.0",
  "core-js-pure": "3.41.0",
  "date-fns": "2.30.0",
  eslint: "8.57.1",
  express: "4.21.2",
  lodash: "4.17.21",
  "lodash-es": "4.17.21",
  ramda: "0.30.1",
  "react-dom": "18.3.1",
  rxjs: "7.8.2",
  typescript: "5.8.3",
  webpack: "5.98.0",
};

export const nodeModules: BenchInput = {
  name: "node-modules",
  gigabytes: 3,
  isDebian: false,
  hasPeers: true,
  isStatted: true,
  async make(folder) {
    const project = join(folder, "node-modules");
    const tree = join(project, "app");
    mkdirSync(tree, { recursive: true });
    writeFileSync(join(tree, "package.json"), JSON.stringify({ name: "app", private: true, dependencies: PACKAGES }));
    await runOrThrow("npm install --ignore-scripts --no-audit --no-fund --no-bin-links --silent", { cwd: tree });
    writeConfig(project, `[files("app", { dest: "/app" })]`);
    return { project, tree, title: `a real node_modules with files(), ${await sizeOf(tree)}` };
  },
};
