/** `bun install` as the referee of `npm()`: the same project, installed by both. */
import { join } from "node:path";
import { runtimePath } from "../../scripts/runtimes.ts";
import { installedDifferences, writeFiles, type Cpu, type Installed, type ProjectFiles } from "./npm-projects.ts";
import { must } from "./support.ts";

/** Writes the project and lets Bun write its lock. */
export function makeBunProject(directory: string, files: ProjectFiles): void {
  writeFiles(directory, files);
  bun(directory, "--lockfile-only");
}

/** Against `bun install --production`. */
export function bunDifferences(directory: string, cpu: Cpu): Installed {
  bun(directory, "--production", "--frozen-lockfile", "--os=linux", `--cpu=${cpu}`);
  return installedDifferences(directory, cpu, "app", (path) => /^(?:cache|out)\/|\/\.bun-tag/.test(path));
}

function bun(directory: string, ...args: readonly string[]): void {
  must([runtimePath("bun"), "install", "--ignore-scripts", ...args], {
    cwd: directory,
    umask: "022",
    env: {
      BUN_INSTALL_CACHE_DIR: join(directory, "cache"),
      // Else the program of esbuild and of few others is linked past its own package (docs/npm.md).
      BUN_FEATURE_FLAG_DISABLE_NATIVE_DEPENDENCY_LINKER: "1",
    },
  });
}
