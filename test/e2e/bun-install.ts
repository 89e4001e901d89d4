/** `bun install` as the referee of `npm()`: the same project, installed by both. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { runtimePath } from "../../scripts/runtimes.ts";
import { CONFIG, type ProjectFiles } from "./npm-ci.ts";
import { must, runCli } from "./support.ts";
import { differences, listTree, type ListedEntry } from "./tree-listing.ts";

type Tree = ReadonlyMap<string, ListedEntry>;

/** Writes the project and lets Bun write its lock. */
export function makeBunProject(directory: string, files: ProjectFiles): void {
  for (const [path, content] of Object.entries({ "image.config.ts": CONFIG, ...files })) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), typeof content === "string" ? content : JSON.stringify(content));
  }
  bun(directory, "--lockfile-only");
}

/** What differs in names, kinds, modes, links and bytes, for one processor of Linux; an error is one difference. */
export function bunDifferences(directory: string, cpu: "x64" | "arm64") {
  bun(directory, "--production", "--frozen-lockfile", "--os=linux", `--cpu=${cpu}`);
  const buns = modulesIn(listTree(directory));
  for (const path of [...buns.keys()].filter((each) => each.endsWith("node_modules")))
    rmSync(join(directory, path), { recursive: true, force: true });
  const platform = cpu === "x64" ? "linux/amd64" : "linux/arm64";
  const ran = runCli(["build", "--platform", platform, "-o", "rootfs:out"], { cwd: directory });
  if (ran.status !== 0) return { paths: buns.size, found: [ran.stderr] };
  const ours = modulesIn(listTree(join(directory, "out/app")));
  rmSync(join(directory, "out"), { recursive: true });
  return { paths: buns.size, found: differences(ours, buns) };
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

function modulesIn(tree: Tree): Tree {
  const kept = [...tree].filter(
    ([path]) => path.split("/").includes("node_modules") && !/^(?:cache|out)\/|\/\.bun-tag/.test(path),
  );
  return new Map(
    kept.map(([path, listed]) => {
      // Bun makes hard links to its own cache.
      const { names: _names, ...entry } = listed;
      return [path, { ...entry, mtime: 0 }];
    }),
  );
}
