/** `pnpm-lock.yaml`: what is refused, and what of a layout no small project shows. */
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as assert from "uvu/assert";
import { readProject } from "../../../plugins/npm/locks/index.ts";
import { storeFolderOf } from "../../../plugins/npm/locks/pnpm/dep-path.ts";
import type { InstallPlan } from "../../../plugins/npm/model.ts";
import { suite, tmp } from "../../harness.ts";
import { NO_HELP } from "./project-help.ts";

const test = suite("npm/pnpm-lock");

const LOCK = `lockfileVersion: '9.0'
settings:
  autoInstallPeers: true
  excludeLinksFromLockfile: false
importers:
  .:
    dependencies:
      ms:
        specifier: 2.1.3
        version: 2.1.3
packages:
  ms@2.1.3:
    resolution: {integrity: sha512-AAAA}
snapshots:
  ms@2.1.3: {}
`;

interface Files {
  readonly lock?: string;
  readonly manifest?: object;
  readonly npmrc?: string;
  readonly workspace?: string;
  readonly files?: Readonly<Record<string, string>>;
}

async function planOf(given: Files): Promise<InstallPlan> {
  const { lock = LOCK, manifest = {}, npmrc = "", workspace = "", files = {} } = given;
  const directory = tmp();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  const written = { name: "app", dependencies: { ms: "2.1.3" }, ...manifest };
  writeFileSync(join(directory, "package.json"), JSON.stringify(written));
  writeFileSync(join(directory, "pnpm-lock.yaml"), lock);
  writeFileSync(join(directory, ".npmrc"), npmrc);
  writeFileSync(join(directory, "pnpm-workspace.yaml"), workspace);
  const target = { os: "linux", cpu: "x64", libc: "glibc" };
  return (await readProject(directory, { target, omit: new Set(["dev"]) }, NO_HELP)).plan;
}

async function refusal(files: Files): Promise<string> {
  try {
    await planOf(files);
  } catch (error) {
    return (error as Error).message;
  }
  return "nothing was refused";
}

test("a package stands in the store, with links from the project and from what is hoisted", async () => {
  const { places } = await planOf({});
  assert.equal(
    places.map(({ path }) => path),
    ["node_modules/.pnpm/ms@2.1.3/node_modules/ms", "node_modules/ms"],
  );
});

test("a lock that package.json has left behind is refused", async () => {
  assert.match(
    await refusal({ manifest: { dependencies: { ms: "^2.1.3" } } }),
    /package\.json asks for "ms" \^2\.1\.3, and the lock is for 2\.1\.3/,
  );
  assert.match(await refusal({ manifest: { dependencies: {} } }), /the lock has "ms" among the dependencies/);
  assert.match(await refusal({ manifest: { devDependencies: { a: "1" } } }), /"a" among its devDependencies/);
});

test("a lock that leads out of the project, has another version or is a bomb is refused", async () => {
  const refusals: readonly [from: string, to: string, message: RegExp][] = [
    ["'9.0'", "'6.0'", /its version is 6\.0, and version 9\.0 is read/],
    ["'9.0'", "9", /it says no lockfileVersion/],
    ["importers:\n", "importers:\n  ../other: {}\n", /"\.\.\/other" leads out of the project/],
    ["      ms:\n", "      ../ms:\n", /"\.\.\/ms" leads out of the project/],
    ["  ms@2.1.3: {}", "  ../ms@2.1.3: {}", /"\.\.\/ms@2\.1\.3" leads out of the project/],
    ["  ms@2.1.3: {}", "  ms@2.1.3: {dependencies: {a/../../b: 1.0.0}}", /leads out of the project/],
    ["  ms@2.1.3: {}", "  other@2.1.3: {}", /it has no package for other@2\.1\.3/],
    ["version: 2.1.3", "version: 2.1.4", /it has no ms@2\.1\.4, which is needed/],
    ["version: 2.1.3", "version: link:../elsewhere", /"link:\.\.\/elsewhere", which is not in the project/],
    ["  ms@2.1.3: {}", "  ms@2.1.3: &a {}\n  x@1: *a", /it is no YAML that pnpm writes/],
    ["integrity: sha512-AAAA", "type: git, repo: r, commit: c", /comes from a git, and is no tarball, no commit/],
    [
      "integrity: sha512-AAAA",
      "type: directory, directory: ../ms",
      /comes from a directory, and is no .* no folder of the project/,
    ],
    ["integrity: sha512-AAAA", "integrity: sha512-AAAA, tarball: file:../a.tgz", /outside the project/],
    ["integrity: sha512-AAAA}", "integrity: sha512-AAAA}\n    os: [darwin]", /does not run on linux\/x64/],
  ];
  for (const [from, to, message] of refusals) {
    assert.ok(LOCK.includes(from), from);
    assert.match(await refusal({ lock: LOCK.replace(from, to) }), message);
  }
});

test("a patch that the lock does not know, or that is another one, is refused", async () => {
  const patch = "diff --git a/x b/x\r\n";
  const hash = createHash("sha256").update(patch.replace("\r", "")).digest("hex");
  const patched = (path: string, of = hash) =>
    LOCK.replace("packages:\n", `patchedDependencies:\n  ms@2.1.3: {hash: ${of}, path: ${path}}\npackages:\n`)
      .replace("version: 2.1.3", `version: 2.1.3(patch_hash=${of})`)
      .replace("ms@2.1.3: {}", `ms@2.1.3(patch_hash=${of}): {}`);
  const workspace = "patchedDependencies:\n  ms@2.1.3: ./patches/ms.patch\n";
  const files = { "patches/ms.patch": patch };
  const { packages, places } = await planOf({ lock: patched("patches/ms.patch"), workspace, files });
  assert.match([...packages.values()][0]!.patches![0]!.file ?? "", /\/patches\/ms\.patch$/);
  assert.match(places[0]!.path, `node_modules/.pnpm/ms@2.1.3_patch_hash=${hash}/node_modules/ms`);
  const manifest = { pnpm: { patchedDependencies: { "ms@2.1.3": "patches/ms.patch" } } };
  assert.match(await refusal({ lock: patched("patches/ms.patch"), manifest, files }), /^nothing/);
  const refusals: readonly [given: Files, message: RegExp][] = [
    [{ lock: patched("patches/ms.patch"), files }, /its patch for ms@2\.1\.3 is not the one that the project asks for/],
    [{ workspace, files }, /its patch for ms@2\.1\.3 is not the one/],
    [{ lock: patched("patches/ms.patch"), workspace }, /its patch .*patches\/ms\.patch cannot be read/],
    [
      { lock: patched("patches/ms.patch"), workspace, files: { "patches/ms.patch": `${patch} ` } },
      /patches\/ms\.patch is not the patch that it was made with/,
    ],
    [{ lock: patched("patches/ms.patch", "abc"), workspace, files }, /has a hash of an earlier pnpm/],
    [
      { lock: patched("../ms.patch"), workspace: "patchedDependencies: {ms@2.1.3: ../ms.patch}\n" },
      /"\.\.\/ms\.patch" leads out of the project/,
    ],
  ];
  for (const [given, message] of refusals) assert.match(await refusal(given), message);
});

test("two members of one name are refused, and a member's name that leads elsewhere", async () => {
  const lock = LOCK.replace("packages:\n", "  packages/other: {}\npackages:\n");
  const member = (name: string) => ({ "packages/other/package.json": JSON.stringify({ name }) });
  assert.match(await refusal({ lock, files: member("app") }), /two members are called "app": \. and packages\/other/);
  assert.match(await refusal({ lock, files: member("../a") }), /"\.\.\/a" is no package's name/);
  // What every object has is a folder's name as good as others.
  const ofObjects = LOCK.replace("packages:\n", "  constructor: {}\npackages:\n");
  const files = { "constructor/package.json": JSON.stringify({ name: "app" }) };
  assert.match(await refusal({ lock: ofObjects, files }), /two members are called "app": \. and constructor/);
});

test("settings that lay node_modules out in another way are refused with their place", async () => {
  assert.match(await refusal({ npmrc: "node-linker=hoisted\n" }), /\.npmrc:1 sets node-linker to "hoisted"/);
  assert.match(await refusal({ workspace: "nodeLinker: hoisted\n" }), /pnpm-workspace\.yaml sets node-linker/);
  assert.match(await refusal({ workspace: "publicHoistPattern: ['*eslint*']\n" }), /sets public-hoist-pattern/);
  assert.match(await refusal({ npmrc: "node-linker=isolated\n", workspace: "hoist: true\n" }), /^nothing/);
});

test("folders of the store are named as pnpm 10 names them", () => {
  const names = [
    ["ts-node@10.9.2(@types/node@22.0.0)(typescript@5.6.3)", "ts-node@10.9.2_@types+node@22.0.0_typescript@5.6.3"],
    [
      "@typescript-eslint/eslint-plugin@8.18.1(@typescript-eslint/parser@8.18.1(eslint@9.17.0)(typescript@5.6.3))(eslint@9.17.0)(typescript@5.6.3)",
      "@typescript-eslint+eslint-plugin@8.18.1_@typescript-eslint+parser@8.18.1_eslint@9.17.0__6d8f2c7d7b13478b5b029aca2349beac",
    ],
  ] as const;
  for (const [depPath, folder] of names) assert.is(storeFolderOf(depPath), folder);
});

test.run();
