/**
 * Makes dist/: one bundle in a few files, whose entries are the bin, the worker and every export, so that shared
 * code exists once (a `FileTree` of a config, of a plugin and of the CLI is one class); and declarations by tsc.
 * A new dist/ takes the old one's place only when it is whole. `--no-check` trusts the types: half the time.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, relative } from "node:path";
import { build, type Metafile } from "esbuild";
import { bundleDeclarations } from "./build-types.ts";
import { thirdPartyLicenses } from "./licenses.ts";
import { mergeChunks } from "./merge-chunks.ts";
import { besideBundle, isBesideBundle, shipOpenpgp } from "./openpgp.ts";

const project = join(import.meta.dirname, "..");
/** Entries that are run, and not imported. */
const PROGRAMS = ["cli", "worker", "runner", "yarn-hoisting"];
const started = performance.now();
const staging = mkdtempSync(join(project, ".dist-"));
try {
  chmodSync(staging, 0o755);
  const entries = findEntries();
  const halves = await Promise.allSettled([bundle(staging, entries), declare(join(staging, "types"), entries)]);
  for (const half of halves) if (half.status === "rejected") throw half.reason;
  rmSync(join(project, "dist"), { recursive: true, force: true });
  renameSync(staging, join(project, "dist"));
  console.log(`Built dist/ in ${((performance.now() - started) / 1000).toFixed(1)} s`);
} catch (error) {
  rmSync(staging, { recursive: true, force: true });
  console.error(`The build failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

type Entries = Readonly<Record<string, string>>;

async function bundle(out: string, entries: Entries): Promise<void> {
  const split = mkdtempSync(join(project, ".dist-split-"));
  try {
    const metafile = await splitBundle(split, entries);
    const files = Object.keys(entries).map((name) => [name, join(split, `${name}.js`)]);
    const isOutside = (name: string) => isBesideBundle(name) || !/^[./]/.test(name);
    const imports = await mergeChunks(Object.fromEntries(files) as Record<string, string>, out, isOutside);
    writeFileSync(join(out, "runner.json"), JSON.stringify(closureOf("runner.js", imports)));
    writeFileSync(join(out, "LICENSES.txt"), thirdPartyLicenses(project, Object.keys(metafile.inputs)));
    shipOpenpgp(project, split, out, metafile);
  } finally {
    rmSync(split, { recursive: true, force: true });
  }
  makeExecutable(join(out, "cli.js"));
}

/** A file and what it needs of the others at its start: for the runner, what travels with a task. */
function closureOf(file: string, imports: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const closure = new Set([file]);
  // What is added while they are gone through is gone through too.
  for (const each of closure) {
    for (const imported of imports.get(each) ?? []) if (imports.has(imported)) closure.add(imported);
  }
  return [...closure].sort();
}

async function splitBundle(out: string, entries: Entries): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: project,
    entryPoints: entries,
    outdir: out,
    chunkNames: "chunks/[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    external: runtimeDependencies(),
    plugins: [besideBundle],
    // Bundled CommonJS asks for Node's own modules through `require`, which ES modules do not have.
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
    legalComments: "none",
    // Names stay, and lines too short to get lost in: a stack is of use as it is.
    minifyWhitespace: true,
    lineLimit: 160,
    alias: { "string-width": "./scripts/text-width.ts", "env-paths": "./scripts/no-global-config.ts" },
    define: { __CODE_IDENTITY__: JSON.stringify(codeIdentity()) },
    metafile: true,
    logLevel: "warning",
  });
  return metafile;
}

/** Of everything that a result of ours may depend on: our sources, and the exact versions of what they use. */
function codeIdentity(): string {
  const hash = createHash("sha256").update(readFileSync(join(project, "package-lock.json")));
  for (const folder of ["core", "plugins"]) {
    const files = readdirSync(join(project, folder), { recursive: true, encoding: "utf8" });
    for (const file of files.filter((name) => name.endsWith(".ts")).sort()) {
      hash.update(`${folder}/${file}\0`).update(readFileSync(join(project, folder, file)));
    }
  }
  return hash.digest("hex");
}

/** The entries by their names in dist/. One whose source is missing is an error in CI, else it is left out. */
function findEntries(): Entries {
  const plugins = readdirSync(join(project, "plugins"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(project, "plugins", entry.name, "index.ts")))
    .map((entry) => entry.name);
  const entries: Record<string, string> = {
    cli: "plugins/cli.ts",
    index: "plugins/index.ts",
    plugin: "core/index.ts",
    testing: "core/testing/index.ts",
    worker: "core/tasks/worker.ts",
    runner: "core/run/remote/runner.ts",
    "yarn-hoisting": "plugins/npm/locks/yarn/hoisting.ts",
    ...Object.fromEntries(plugins.map((name) => [`plugins/${name}`, `plugins/${name}/index.ts`])),
  };
  for (const [name, source] of Object.entries(entries)) {
    if (existsSync(join(project, source))) continue;
    if (process.env["CI"] === "true") throw new Error(`The entry "${name}" has no source: ${source} is missing`);
    console.warn(`Left out ${name}: ${source} is missing`);
    delete entries[name];
  }
  return entries;
}

/** What stays outside the bundle: the packages users install, and TypeScript, which cosmiconfig asks for in vain. */
function runtimeDependencies(): string[] {
  const manifest = JSON.parse(readFileSync(join(project, "package.json"), "utf8")) as {
    readonly dependencies: object;
    readonly peerDependencies: object;
  };
  return [...Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }), "typescript"];
}

function makeExecutable(cli: string): void {
  if (!existsSync(cli)) return;
  writeFileSync(cli, `#!/usr/bin/env node\n${readFileSync(cli, "utf8").replace(/^#!.*\n/, "")}`);
  chmodSync(cli, 0o755);
}

async function declare(out: string, entries: Entries): Promise<void> {
  const tsc = join(project, "node_modules/typescript/bin/tsc");
  const trust = process.argv.includes("--no-check") ? ["--noCheck"] : [];
  const made = mkdtempSync(join(project, ".dist-types-"));
  try {
    await run(process.execPath, [tsc, "-p", join(project, "tsconfig.build.json"), "--outDir", made, ...trust]);
    const exported = Object.entries(entries).filter(([name]) => !PROGRAMS.includes(name));
    await bundleDeclarations(project, made, out, Object.fromEntries(exported));
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

function run(program: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: project, stdio: "inherit" });
    child.on("error", reject);
    child.on("exit", (status) => {
      if (status === 0) resolve();
      else reject(new Error(`${relative(project, args[0] ?? program)} ended with status ${status}`));
    });
  });
}
