/** Projects with a lock, made on the spot, and what a package manager's own tree has otherwise than ours. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { runCli, writeProject } from "./support.ts";
import { differences, listTree, type ListedEntry } from "./tree-listing.ts";

/** Files of a project by their paths; `package.json` as an object. */
export type ProjectFiles = Readonly<Record<string, string | object>>;

/** Processors in Node's words. */
export type Cpu = "x64" | "arm64";

export const PLATFORMS: Readonly<Record<Cpu, string>> = { x64: "linux/amd64", arm64: "linux/arm64" };

export const CONFIG = `import { defineConfig, image, npm } from "image-dsl";
export default defineConfig({ svc: image({ name: "svc", contents: [npm({})], cmd: ["node"] }) });
`;

export function writeFiles(directory: string, files: ProjectFiles, config = CONFIG): void {
  writeSources(directory, { "image.config.ts": config, ...files });
}

/** A project that has no config yet. */
export function writeSources(directory: string, files: ProjectFiles): void {
  const texts = Object.entries(files).map(([path, content]) => [
    path,
    typeof content === "string" ? content : JSON.stringify(content),
  ]);
  writeProject(directory, Object.fromEntries(texts) as Record<string, string>);
}

/** A member that others use: with a program, a list of its files, and another semver than theirs. `dev`: what it needs for development. */
export function libraryMember(dev: object = { "is-odd": "3.0.1" }, lineEnd = "\n"): ProjectFiles {
  return {
    "packages/lib/package.json": {
      name: "@my/lib",
      version: "1.0.0",
      files: ["lib"],
      bin: { "my-lib": "lib/cli.js" },
      dependencies: { semver: "6.3.1" },
      devDependencies: dev,
    },
    "packages/lib/lib/cli.js": `#!/usr/bin/env node${lineEnd}console.log(1)\n`,
  };
}

/** A folder of the project that is no member: with a program, and another ms than theirs. */
export const TOOL: ProjectFiles = {
  "tool/package.json": { name: "tool", version: "1.0.0", bin: { tool: "lib/cli.js" }, dependencies: { ms: "2.1.1" } },
  "tool/lib/cli.js": "#!/usr/bin/env node\n",
};

export interface Installed {
  /** How many paths the manager made. */
  readonly paths: number;
  /** A line for each that differs in name, kind, mode, link or bytes; or an error as one. */
  readonly found: readonly string[];
}

/** Nothing differs, and there was something to compare. */
export function assertInstalled({ paths, found }: Installed, least: number): void {
  assert.equal(found.slice(0, 20), []);
  assert.ok(paths > least, `${paths}`);
}

/**
 * Of what lies in any `node_modules`, once the manager has installed it in `directory` and once from our image, where the project is at
 * `dest`. `isLeftOut`: by path, what is the manager's own business.
 */
export function installedDifferences(
  directory: string,
  cpu: Cpu,
  dest: string,
  isLeftOut: (path: string) => boolean,
): Installed {
  const theirs = modulesIn(directory, isLeftOut);
  for (const path of [...theirs.keys()].filter((each) => each.endsWith("node_modules")))
    rmSync(join(directory, path), { recursive: true, force: true });
  const ran = runCli(["build", "--platform", PLATFORMS[cpu], "-o", "rootfs:out"], { cwd: directory });
  if (ran.status !== 0) return { paths: theirs.size, found: [ran.stderr] };
  const ours = modulesIn(join(directory, "out", dest), isLeftOut);
  rmSync(join(directory, "out"), { recursive: true });
  return { paths: theirs.size, found: differences(ours, theirs) };
}

function modulesIn(directory: string, isLeftOut: (path: string) => boolean): ReadonlyMap<string, ListedEntry> {
  const kept = [...listTree(directory)].filter(
    ([path]) => path.split("/").includes("node_modules") && !isLeftOut(path),
  );
  return new Map(
    kept.map(([path, listed]) => {
      // Managers make hard links to their own caches.
      const { names: _names, ...entry } = listed;
      return [path, { ...entry, mtime: 0 }];
    }),
  );
}

/** Yarn writes no renames into patches, and does none. */
export function withoutRenames(patch: string): string {
  const files = patch.split(/^(?=diff --git )/m);
  return files.filter((file) => !file.includes("\nrename from ")).join("");
}

/** Of ms 2.1.3: a line, a file more and one less, another name, another mode, and an end without an end of the line. */
export const MS_PATCH = `diff --git a/index.js b/index.js
index ea734fb738..0123456789 100644
--- a/index.js
+++ b/index.js
@@ -2,5 +2,5 @@
  * Helpers.
  */
 
-var s = 1000;
+var s = 1001;
 var m = s * 60;
diff --git a/lib/new.js b/lib/new.js
new file mode 100755
index 0000000000..0123456789
--- /dev/null
+++ b/lib/new.js
@@ -0,0 +1,2 @@
+#!/usr/bin/env node
+console.log("né");
\\ No newline at end of file
diff --git a/license.md b/LICENSE
similarity index 100%
rename from license.md
rename to LICENSE
diff --git a/readme.md b/readme.md
deleted file mode 100644
index 0fc1abb3b8..0000000000
`;
