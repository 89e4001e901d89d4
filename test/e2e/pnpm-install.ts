/** `pnpm install` as the referee of `npm()`: the same project, installed by both to the same place. */
import { join } from "node:path";
import { installPinned } from "../../scripts/runtimes.ts";
import { installedDifferences, writeFiles, type Cpu, type Installed, type ProjectFiles } from "./npm-projects.ts";
import { PROJECT, must } from "./support.ts";

/** pnpm's scripts in `.bin` hold absolute paths, so the packages are to land where pnpm installed them. */
const CONFIG = `import { defineConfig, image, npm } from "image-dsl";
export default defineConfig({ svc: image({ name: "svc", contents: [npm({ dir: "@DIR@", dest: "@DEST@" })] }) });
`;

/** Writes the project and lets pnpm write its lock. `member`: of whose packages an image is made; "." is the whole. */
export function makePnpmProject(directory: string, files: ProjectFiles, member = "."): void {
  writeFiles(directory, files, CONFIG.replace("@DIR@", member).replace("@DEST@", directory));
  pnpm(directory, "--lockfile-only");
}

/** Against `pnpm install --prod`. */
export function pnpmDifferences(directory: string, cpu: Cpu, filter: readonly string[] = []): Installed {
  pnpm(directory, "--prod", "--frozen-lockfile", "--os=linux", `--cpu=${cpu}`, "--libc=glibc", ...filter);
  const isLeftOut = (path: string) => NOTES.includes(path) || /^(store|cache|out)\//.test(path);
  return installedDifferences(directory, cpu, directory, isLeftOut);
}

function pnpm(directory: string, ...args: readonly string[]): void {
  const managers = join(PROJECT, "test/managers");
  installPinned(managers);
  const program = join(managers, "node_modules/pnpm/bin/pnpm.cjs");
  const places = [`--store-dir=${directory}/store`, `--config.cache-dir=${directory}/cache`];
  must([process.execPath, program, "install", "--ignore-scripts", ...places, ...args], {
    cwd: directory,
    umask: "022",
  });
}

/** What pnpm notes of the installation for itself. */
const NOTES = [".modules.yaml", ".pnpm-workspace-state-v1.json", ".pnpm/lock.yaml"].map(
  (name) => `node_modules/${name}`,
);
