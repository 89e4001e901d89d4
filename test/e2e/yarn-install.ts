/** Yarn 4 as the referee of `npm()`: the same project, installed by both. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { installPinned } from "../../scripts/runtimes.ts";
import {
  CONFIG,
  installedDifferences,
  writeFiles,
  type Cpu,
  type Installed,
  type ProjectFiles,
} from "./npm-projects.ts";
import { PROJECT, must } from "./support.ts";

/** Its own cache, and nothing told to anybody. */
const SETTINGS = "nodeLinker: node-modules\nenableScripts: false\nenableTelemetry: false\nenableGlobalCache: false\n";

/** Writes the project and lets Yarn write its lock. `member`: of whose packages an image is made; "." is the whole. */
export function makeYarnProject(directory: string, files: ProjectFiles, member = "."): void {
  const own = typeof files[".yarnrc.yml"] === "string" ? files[".yarnrc.yml"] : "";
  const config = CONFIG.replace("npm({})", `npm({ dir: "${member}" })`);
  writeFiles(directory, { ...files, ".yarnrc.yml": `${SETTINGS}${own}` }, config);
  yarn(directory, "x64", "install", "--mode=update-lockfile");
}

/** Against `yarn workspaces focus --production`. */
export function yarnDifferences(directory: string, cpu: Cpu, workspaces: readonly string[] = ["--all"]): Installed {
  yarn(directory, cpu, "workspaces", "focus", "--production", ...workspaces);
  const isLeftOut = (path: string) => NOTES.includes(path) || /^(?:\.yarn|out)\//.test(path);
  return installedDifferences(directory, cpu, "app", isLeftOut);
}

function yarn(directory: string, cpu: Cpu, ...args: readonly string[]): void {
  const managers = join(PROJECT, "test/managers");
  installPinned(managers);
  const program = join(managers, "node_modules/@yarnpkg/cli-dist/bin/yarn.js");
  const settings = join(directory, ".yarnrc.yml");
  const target = `supportedArchitectures: { os: [linux], cpu: [${cpu}], libc: [glibc] }\n`;
  writeFileSync(settings, readFileSync(settings, "utf8").replace(/(?:supportedArchitectures.*\n)?$/, target));
  const registry = must(["npm", "config", "get", "registry"], { cwd: directory }).toString().trim();
  must([process.execPath, program, ...args], {
    cwd: directory,
    umask: "022",
    env: {
      YARN_NPM_REGISTRY_SERVER: registry,
      // Yarn does not write a lock where it believes to be in CI.
      YARN_ENABLE_IMMUTABLE_INSTALLS: "false",
    },
  });
}

/** What Yarn notes of the installation for itself. */
const NOTES = [".yarn-state.yml", ".package-map.json"].map((name) => `node_modules/${name}`);
