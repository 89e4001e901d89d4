/** Yarn 1 as the referee of `npm()`: the same project, installed by both. */
import { writeFileSync } from "node:fs";
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

/** Writes the project and lets Yarn write its lock. `member`: of whose packages an image is made; "." is the whole. */
export function makeClassicProject(directory: string, files: ProjectFiles, member = "."): void {
  writeFiles(directory, files, CONFIG.replace("npm({})", `npm({ dir: "${member}" })`));
  yarn(directory, "x64");
}

/** Against `yarn install --production`, which installs all members. */
export function classicDifferences(directory: string, cpu: Cpu): Installed {
  must(["find", ".", "-name", "node_modules", "-prune", "-exec", "rm", "-r", "{}", "+"], { cwd: directory });
  yarn(directory, cpu, "--production", "--frozen-lockfile");
  return installedDifferences(directory, cpu, "app", (path) => /^(?:cache|out)\/|\/\.yarn-integrity$/.test(path));
}

/** Yarn 1 chooses by the processor that it runs on, so another one is put in front of it. */
function yarn(directory: string, cpu: Cpu, ...args: readonly string[]): void {
  const managers = join(PROJECT, "test/managers");
  installPinned(managers);
  const program = join(managers, "node_modules/yarn/bin/yarn.js");
  const pretending = join(directory, "cache-arch.cjs");
  writeFileSync(pretending, `Object.defineProperty(process, "arch", { value: "${cpu}" });\n`);
  const quiet = ["--ignore-scripts", "--no-progress", "--non-interactive", "--ignore-engines"];
  must([process.execPath, "--require", pretending, program, "install", ...quiet, ...args], {
    cwd: directory,
    umask: "022",
    env: { YARN_CACHE_FOLDER: join(directory, "cache") },
  });
}
