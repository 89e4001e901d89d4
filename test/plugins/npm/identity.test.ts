/** What stands for a project's packages before any of them is read: another one whenever the tree would be. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { digestOf, hexOf, type StageContext } from "../../../core/index.ts";
import { identityOfNpm } from "../../../plugins/npm/identity.ts";
import type { NpmOptions } from "../../../plugins/npm/options.ts";
import { suite, tmp } from "../../harness.ts";
import { writeLock } from "./projects.ts";

const test = suite("npm/identity");

const sumOf = (text: string) =>
  `sha512-${Buffer.from(hexOf(digestOf(text)).padEnd(128, "0"), "hex").toString("base64")}`;
const lockedAs = (text: string, more = {}) => ({
  version: "1.0.0",
  resolved: "https://registry.test/a/-/a-1.0.0.tgz",
  integrity: sumOf(text),
  ...more,
});
const NEEDS = { dependencies: { a: "1.0.0" } };

function identityOf(
  packages: Readonly<Record<string, object>>,
  {
    options = {},
    manifest = NEEDS,
    mtime = 1,
    architecture = "amd64",
  }: {
    readonly options?: NpmOptions;
    readonly manifest?: object;
    readonly mtime?: number;
    readonly architecture?: string;
  } = {},
) {
  const directory = tmp();
  writeLock(directory, manifest, packages);
  writeFileSync(join(directory, "a.tgz"), "");
  return identityIn(directory, options, { mtime, architecture });
}

/** Of members' files, the latest last. */
const read: string[] = [];

function identityIn(directory: string, options: NpmOptions = {}, { mtime = 1, architecture = "amd64" } = {}) {
  const context = {
    directory,
    platform: { os: "linux", architecture },
    spec: { mtime },
    reads: { path: () => {}, file: (file: string) => read.push(file) },
    tasks: {},
    signal: new AbortController().signal,
  } as unknown as StageContext;
  return identityOfNpm(options, context);
}

test("it is the same in another folder, and another one for all that the tree depends on", async () => {
  const a = { "node_modules/a": lockedAs("a") };
  const own = await identityOf(a);
  assert.is(await identityOf(a), own);
  const others = await Promise.all([
    identityOf({ "node_modules/a": lockedAs("b") }),
    identityOf({
      "node_modules/a": lockedAs("a", { dependencies: { b: "1.0.0" } }),
      "node_modules/a/node_modules/b": lockedAs("b"),
    }),
    identityOf(a, { options: { dest: "/elsewhere" } }),
    identityOf(a, { options: { prebuilds: "target" } }),
    identityOf(a, { options: { libc: "musl" } }),
    identityOf(a, { mtime: 2 }),
    identityOf(a, { architecture: "arm64" }),
    identityOf({ "node_modules/a": lockedAs("a", { bin: { a: "cli.js" } }) }),
    identityOf(
      { ...a, "node_modules/d": { ...lockedAs("d"), dev: true } },
      {
        manifest: { ...NEEDS, devDependencies: { d: "1.0.0" } },
        options: { omit: [] },
      },
    ),
  ]);
  assert.is(new Set([own, ...others]).size, others.length + 1, [own, ...others].join("\n"));
});

test("it cannot be said of an archive that lies in the project, of what has no sum to trust, or is made by a script", async () => {
  const a = { "node_modules/a": lockedAs("a") };
  const none = await Promise.all([
    identityOf(a, { options: { allowScripts: ["a"] } }),
    identityOf({ "node_modules/a": { version: "1.0.0", resolved: "file:a.tgz", integrity: sumOf("a") } }),
    identityOf({ "node_modules/a": { ...lockedAs("a"), integrity: "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=" } }),
  ]);
  assert.equal(none, [undefined, undefined, undefined]);
});

test("files of a workspace's members count, and those of its other folders do not", async () => {
  const directory = tmp();
  const packages = {
    "packages/a": { name: "a", version: "1.0.0" },
    "node_modules/a": { link: true, resolved: "packages/a" },
  };
  writeLock(directory, { ...NEEDS, workspaces: ["packages/*"] }, packages);
  mkdirSync(join(directory, "packages/a/lib"), { recursive: true });
  writeFileSync(join(directory, "packages/a/package.json"), '{ "name": "a", "version": "1.0.0", "files": ["lib"] }');
  writeFileSync(join(directory, "packages/a/lib/index.js"), "1");
  const own = await identityIn(directory);
  writeFileSync(join(directory, "server.js"), "");
  writeFileSync(join(directory, "packages/a/notes"), "");
  assert.is(await identityIn(directory), own);
  writeFileSync(join(directory, "packages/a/lib/index.js"), "23");
  const changed = await identityIn(directory);
  assert.is(read.at(-1), join(directory, "packages/a/package.json"));
  assert.ok(read.includes(join(directory, "packages/a/lib/index.js")));
  writeFileSync(join(directory, "packages/a/lib/more.js"), "");
  assert.is(new Set([own, changed, await identityIn(directory), undefined]).size, 4);
});

test.run();
