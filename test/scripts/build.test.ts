// @runtimes node
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as assert from "uvu/assert";
import { RUNTIMES, javaScriptCommand, typeScriptCommand } from "../../scripts/runtimes.ts";
import { suite, tmp } from "../harness.ts";

const project = join(import.meta.dirname, "../..");
const test = suite("scripts/build", { timeout: 120_000 });

// A project of image-dsl's shape and a few lines, so that this tests the build and not what is built.
const sources: Readonly<Record<string, string>> = {
  "core/index.ts": `
    import { SyncHook } from "tapable";
    export class FileTree {
      #size = 7;
      static is(value: FileTree): boolean { return #size in value; }
    }
    export interface Hooks { readonly layer: SyncHook<[FileTree]> }
    export type { Entry } from "./entry.ts";
    export const hooks = (): Hooks => ({ layer: new SyncHook(["tree"]) });`,
  "core/entry.ts": `export interface Entry { readonly tree: import("./index.ts").FileTree }`,
  "core/testing/index.ts": `import { FileTree } from "../index.ts"; export const randomTree = (): FileTree => new FileTree();`,
  "core/tasks/worker.ts": `import { parentPort } from "node:worker_threads"; parentPort?.postMessage("alive");`,
  "core/run/remote/runner.ts": `import { FileTree } from "../../index.ts"; console.log("far", FileTree.is(new FileTree()));`,
  "plugins/npm/locks/yarn/hoisting.ts": `export const hoisting = (input: number): number => input + 1;`,
  "plugins/signed/index.ts": `export const verify = async (): Promise<string> => typeof (await import("openpgp")).verify;`,
  "plugins/files/index.ts": `import { FileTree } from "../../core/index.ts"; export const files = (): FileTree => new FileTree();`,
  "plugins/index.ts": `export { files } from "./files/index.ts"; export { FileTree } from "../core/index.ts";`,
  "plugins/cli.ts": `
    import yargs from "yargs";
    import { extract } from "tar-stream";
    import { cosmiconfig } from "cosmiconfig";
    import { FileTree, files } from "./index.ts";
    const found = await cosmiconfig("none-such").search(import.meta.dirname);
    const { build } = await yargs(["--build", "x"]).option("build", { type: "string" }).parse();
    console.log(FileTree.is(files()), build, typeof extract(), found);`,
};

/** Half the time, where types are not what it is about. */
const UNCHECKED = ["--no-check"];

let shared: string | undefined;

test("dist/ has every entry, runs on every runtime, and shares one core", () => {
  const built = builtProject();
  assert.equal(readdirSync(join(built, "dist")).sort(), [
    "LICENSES.txt",
    "chunks",
    "cli.js",
    "index.js",
    "openpgp",
    "plugin.js",
    "plugins",
    "runner.js",
    "runner.json",
    "testing.js",
    "types",
    "worker.js",
    "yarn-hoisting.js",
  ]);
  const cli = join(built, "dist/cli.js");
  assert.match(readFileSync(cli, "utf8"), /^#!\/usr\/bin\/env node\n/);
  assert.is(statSync(cli).mode & 0o777, 0o755);
  assert.match(readFileSync(join(built, "dist/LICENSES.txt"), "utf8"), /^yargs \d[^]*Permission is hereby granted/m);

  writeFileSync(
    join(built, "dist/one-core.js"),
    `import { FileTree } from "./plugin.js";
     import { FileTree as again, files } from "./index.js";
     import { files as apart } from "./plugins/files.js";
     import { randomTree } from "./testing.js";
     import { verify } from "./plugins/signed.js";
     import { Worker } from "node:worker_threads";
     const verifies = await verify();
     const same = FileTree === again && [files(), apart(), randomTree()].every((tree) => FileTree.is(tree));
     new Worker(new URL("./worker.js", import.meta.url)).once("message", (text) => console.log(same, verifies, text));`,
  );
  for (const runtime of RUNTIMES) {
    const { program, args } = javaScriptCommand(runtime);
    const run = (file: string) => execFileSync(program, [...args, join(built, "dist", file)], { encoding: "utf8" });
    assert.is(run("cli.js"), "true x object null\n", runtime);
    assert.is(run("one-core.js"), "true function alive\n", runtime);
  }
});

test("what runner.json lists is all that the runner needs elsewhere", () => {
  const built = join(builtProject(), "dist");
  const elsewhere = tmp();
  writeFileSync(join(elsewhere, "package.json"), '{ "type": "module" }');
  for (const name of JSON.parse(readFileSync(join(built, "runner.json"), "utf8")) as string[]) {
    mkdirSync(dirname(join(elsewhere, name)), { recursive: true });
    cpSync(join(built, name), join(elsewhere, name));
  }
  assert.is(execFileSync("node", ["runner.js"], { cwd: elsewhere, encoding: "utf8" }), "far true\n");
});

test("the declarations resolve for users, under both kinds of module resolution", () => {
  const built = builtProject();
  const user = tmp();
  mkdirSync(join(user, "node_modules"));
  cpSync(join(built, "dist"), join(user, "node_modules/image-dsl/dist"), { recursive: true });
  cpSync(join(project, "package.json"), join(user, "node_modules/image-dsl/package.json"));
  symlinkSync(join(project, "node_modules/@types"), join(user, "node_modules/@types"));
  writeFileSync(join(user, "package.json"), '{ "type": "module" }');
  writeFileSync(
    join(user, "index.ts"),
    `import { files, type FileTree } from "image-dsl";
     import { type Entry, type Hooks, hooks } from "image-dsl/plugin";
     import { randomTree } from "image-dsl/testing";
     import { files as apart } from "image-dsl/plugins/files";
     const own: Hooks = hooks();
     own.layer.tap("user", (tree: FileTree) => tree);
     export const entry: Entry = { tree: [files(), randomTree(), apart()][0] as FileTree };
     // @ts-expect-error the types are there and not any
     files().nonesuch;
     // @ts-expect-error those of bundled packages too
     own.layer.tap("user", (tree: number) => tree);`,
  );
  for (const module of ["nodenext", "esnext"]) {
    const resolution = module === "esnext" ? ["--moduleResolution", "bundler"] : [];
    const options = [
      "--module",
      module,
      ...resolution,
      "--target",
      "es2022",
      "--strict",
      "--noEmit",
      "--types",
      "node",
    ];
    const ended = tsc(user, [...options, "index.ts"]);
    assert.is(ended.stdout, "", module);
    assert.is(ended.status, 0, module);
  }
});

test("OpenPGP.js is a file that users can replace, loaded when it is asked for", () => {
  const built = builtProject();
  const folder = join(built, "dist/openpgp");
  assert.equal(readdirSync(folder).sort(), ["GPL-3.0.txt", "LGPL-3.0.txt", "README.md", "openpgp.js"]);
  const origin = join(project, "node_modules/openpgp/dist/node/openpgp.min.mjs");
  assert.ok(readFileSync(join(folder, "openpgp.js")).equals(readFileSync(origin)), "changed on its way");
  writeFileSync(join(folder, "openpgp.js"), `export const verify = "replaced"; console.log("loaded");`);
  const program = `import { verify } from "./plugins/signed.js"; console.log("before"); await verify();`;
  writeFileSync(join(built, "dist/asks.js"), program);
  const printed = execFileSync(process.execPath, [join(built, "dist/asks.js")], { encoding: "utf8" });
  assert.is(printed, "before\nloaded\n");
});

test("a module at the top of dist/ that asks for OpenPGP.js fails the build: it would look beside dist/", () => {
  const asks = `import { verify } from "openpgp"; export const files = verify; export class FileTree {}`;
  const ended = runBuild(writeProject({ ...sources, "plugins/cli.ts": `${asks} console.log(files);` }), "", UNCHECKED);
  assert.is(ended.status, 1);
  assert.match(ended.stderr, /cli\.js asks for \.\.\/openpgp\/openpgp\.js, which is not there/);
});

test("a type error fails the build and leaves the old dist/ whole", () => {
  const built = builtProject();
  writeFileSync(join(built, "core/entry.ts"), "export const size: string = 7;");
  const ended = runBuild(built, "");
  assert.is(ended.status, 1);
  assert.match(ended.stdout, /core\/entry\.ts.*TS2322/);
  assert.ok(readdirSync(join(built, "dist")).includes("cli.js"));
  assert.not(readdirSync(built).some((name) => name.startsWith(".dist-")));
});

test("types from a package that users do not get fail the build", () => {
  const leak = `import type { Options } from "yargs"; export type Entry = Options;`;
  const ended = runBuild(writeProject({ ...sources, "core/entry.ts": leak }), "");
  assert.is(ended.status, 1);
  assert.match(ended.stderr, /Users could not resolve what .* imports: yargs/);
});

test("a missing entry fails in CI only", () => {
  const { "plugins/cli.ts": _left, ...others } = sources;
  const folder = writeProject(others);
  assert.match(
    runBuild(folder, "true", UNCHECKED).stderr,
    /The entry "cli" has no source: plugins\/cli\.ts is missing/,
  );
  assert.is(runBuild(folder, "", UNCHECKED).status, 0);
});

test.run();

/** A copy: the build itself takes seconds. */
function builtProject(): string {
  shared ??= buildProject();
  const folder = join(tmp(), "project");
  cpSync(shared, folder, { recursive: true, verbatimSymlinks: true });
  return folder;
}

function buildProject(): string {
  const folder = writeProject(sources);
  const ended = runBuild(folder, "true");
  assert.is(ended.status, 0, ended.stdout + ended.stderr);
  return folder;
}

function writeProject(files: Readonly<Record<string, string>>): string {
  const folder = tmp();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  for (const name of ["package.json", "package-lock.json", "tsconfig.json", "tsconfig.build.json", "scripts"]) {
    cpSync(join(project, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(project, "node_modules"), join(folder, "node_modules"));
  return folder;
}

function runBuild(folder: string, ci: string, options: readonly string[] = []) {
  const { program, args } = typeScriptCommand("node");
  return spawnSync(program, [...args, join(folder, "scripts/build.ts"), ...options], {
    encoding: "utf8",
    env: { ...process.env, CI: ci },
  });
}

function tsc(folder: string, args: readonly string[]) {
  const compiler = join(project, "node_modules/typescript/bin/tsc");
  return spawnSync(process.execPath, [compiler, ...args], { cwd: folder, encoding: "utf8" });
}
