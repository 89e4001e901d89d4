/** `pnpm install` as the referee of `npm()`: the same project, installed by both to the same place. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { installPinned } from "../../scripts/runtimes.ts";
import type { ProjectFiles } from "./npm-ci.ts";
import { PROJECT, must, runCli } from "./support.ts";
import { differences, listTree, type ListedEntry } from "./tree-listing.ts";

type Tree = ReadonlyMap<string, ListedEntry>;

/** pnpm's scripts in `.bin` hold absolute paths, so the packages are to land where pnpm installed them. */
const CONFIG = `import { defineConfig, image, npm } from "image-dsl";
export default defineConfig({ svc: image({ name: "svc", contents: [npm({ dir: "@DIR@", dest: "@DEST@" })] }) });
`;

/** Writes the project and lets pnpm write its lock. `member`: of whose packages an image is made; "." is the whole. */
export function makePnpmProject(directory: string, files: ProjectFiles, member = "."): void {
  const config = CONFIG.replace("@DIR@", member).replace("@DEST@", directory);
  for (const [path, content] of Object.entries({ "image.config.ts": config, ...files })) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), typeof content === "string" ? content : JSON.stringify(content));
  }
  pnpm(directory, "--lockfile-only");
}

/** What differs in names, kinds, modes, links and bytes, for one processor of Linux; an error is one difference. */
export function pnpmDifferences(directory: string, cpu: "x64" | "arm64", filter: readonly string[] = []) {
  pnpm(directory, "--prod", "--frozen-lockfile", "--os=linux", `--cpu=${cpu}`, "--libc=glibc", ...filter);
  const pnpms = modulesIn(listTree(directory));
  for (const path of [...pnpms.keys()].filter((each) => each.endsWith("node_modules")))
    rmSync(join(directory, path), { recursive: true, force: true });
  const platform = cpu === "x64" ? "linux/amd64" : "linux/arm64";
  const ran = runCli(["build", "--platform", platform, "-o", "rootfs:out"], { cwd: directory });
  if (ran.status !== 0) return { paths: pnpms.size, found: [ran.stderr] };
  const ours = modulesIn(listTree(join(directory, "out", directory)));
  rmSync(join(directory, "out"), { recursive: true });
  return { paths: pnpms.size, found: differences(ours, pnpms) };
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

function modulesIn(tree: Tree): Tree {
  const kept = [...tree].filter(
    ([path]) => path.split("/").includes("node_modules") && !NOTES.includes(path) && !/^(store|cache|out)\//.test(path),
  );
  return new Map(
    kept.map(([path, listed]) => {
      // pnpm makes hard links to its own store.
      const { names: _names, ...entry } = listed;
      return [path, { ...entry, mtime: 0 }];
    }),
  );
}
