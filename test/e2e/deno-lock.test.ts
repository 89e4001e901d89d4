// @timeout 400
// @runtimes node
/** `denoApp()` of a project that has npm's packages by deno.lock alone: Deno's cache as Deno itself fills it, and the app starts from it. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { runtimePath } from "../../scripts/runtimes.ts";
import { suite, tmp } from "../harness.ts";
import { writeFiles } from "./npm-projects.ts";
import { must, runCli } from "./support.ts";
import { differences, listTree, type ListedEntry } from "./tree-listing.ts";

const test = suite("e2e/deno-lock", { timeout: 300_000 });

const CONFIG = `import { defineConfig, denoApp, image } from "image-dsl";
export default defineConfig({ app: image(denoApp({ runtime: [], init: false })) });
`;

const FILES = {
  "deno.jsonc": `{
  // Comments, and a comma too many.
  "name": "app",
  "tasks": { "start": "deno run --allow-env --allow-sys main.ts" },
  "imports": {
    "debug": "npm:debug@4.3.4",
    "esbuild": "npm:esbuild@0.24.2", /* has a build for each system */
    "store/": "npm:/use-sync-external-store@1.2.0/",
    "react": "npm:react@18.2.0",
  },
}
`,
  "main.ts": `import debug from "debug";
import "esbuild";
import "store/shim/index.js";
import ms from "npm:ms@2.0.0";
console.log(typeof debug, ms("1s"));
`,
};

/** What package.json names as well, where Deno is told to look into its cache. */
const BESIDE_PACKAGE_JSON = {
  "deno.json": { tasks: { start: "deno run --allow-env --allow-sys main.ts" }, nodeModulesDir: "none" },
  "package.json": {
    name: "app",
    dependencies: { ms: "2.1.3", old: "npm:ms@2.0.0" },
    devDependencies: { "is-odd": "3.0.1" },
  },
  "main.ts": `import ms from "ms";
import old from "old";
console.log(typeof old, ms("1s"));
`,
};

for (const [what, files, least] of [
  ["without a package.json", FILES, 40],
  ["beside one", BESIDE_PACKAGE_JSON, 15],
] as const) {
  test(`${what}: is what Deno fetches for the target, without asking anybody when it starts`, () => {
    const directory = tmp();
    writeFiles(directory, files, CONFIG);
    const deno = (args: readonly string[], cache: string) =>
      must([runtimePath("deno"), ...args], { cwd: directory, umask: "022", env: { DENO_DIR: cache, NO_COLOR: "1" } });
    const cache = join(directory, "cache");
    deno(["install"], cache);
    deno(["cache", "main.ts"], cache);
    const ran = runCli(["build", "--platform", "linux/amd64", "-o", "rootfs:out"], { cwd: directory });
    assert.is(ran.status, 0, ran.stderr);
    const ours = join(directory, "out/deno-dir");
    assert.equal(differences(packagesIn(ours), packagesIn(cache)).slice(0, 20), []);
    assert.ok(packagesIn(ours).size > least);
    rmSync(cache, { recursive: true });
    const said = must([runtimePath("deno"), "run", "--cached-only", "--allow-env", "--allow-sys", "main.ts"], {
      cwd: join(directory, "out/app"),
      env: { DENO_DIR: ours, NO_COLOR: "1" },
    });
    assert.is(said.toString(), "function 1000\n");
  });
}

/** Deno's own notes of what the registry said are left out. Others than the owner may write what a tarball says that they may; in ours they may not. */
function packagesIn(cache: string): ReadonlyMap<string, ListedEntry> {
  const kept = [...listTree(join(cache, "npm"))].filter(([path, { type }]) => {
    return type !== "directory" && !path.endsWith("/registry.json");
  });
  return new Map(kept.map(([path, entry]) => [path, { ...entry, mode: entry.mode! & 0o755, mtime: 0 }]));
}

test.run();
