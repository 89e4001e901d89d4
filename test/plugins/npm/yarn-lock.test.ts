/** Yarn 4's `yarn.lock`: what is refused, and what of a layout no small project shows. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as assert from "uvu/assert";
import { taskPool } from "../../../core/tasks/task-pool.ts";
import { readProject } from "../../../plugins/npm/locks/index.ts";
import type { InstallPlan, LockedPackage } from "../../../plugins/npm/model.ts";
import { suite, tmp } from "../../harness.ts";
import { withLimits } from "../../with-limits.ts";
import { NO_HELP } from "./project-help.ts";
import { MESH_DEPENDENCIES, yarnMesh } from "./yarn-mesh.ts";

const test = suite("npm/yarn-lock");

const worker = new URL("../../core/tasks/source-worker.mjs", import.meta.url);
const tasks = taskPool({ jobs: 1, signal: new AbortController().signal, worker });
test.after(() => tasks.close());

const MS = `"ms@npm:2.1.3":
  version: 2.1.3
  resolution: "ms@npm:2.1.3"
  languageName: node
  linkType: hard
`;

const ROOT = `"app@workspace:.":
  version: 0.0.0-use.local
  resolution: "app@workspace:."
  dependencies:
    ms: "npm:2.1.3"
  languageName: unknown
  linkType: soft
`;

const LOCK = `__metadata:
  version: 8
  cacheKey: 10c0

${ROOT}
${MS}`;

interface Given {
  readonly lock?: string;
  readonly manifest?: object;
  readonly yarnrc?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly member?: string;
}

async function planOf(given: Given, pool = tasks) {
  const { lock = LOCK, manifest = {}, yarnrc = "", files = {}, member = "." } = given;
  const directory = tmp();
  const written = {
    "package.json": JSON.stringify({ name: "app", dependencies: { ms: "2.1.3" }, ...manifest }),
    "yarn.lock": lock,
    ".yarnrc.yml": `nodeLinker: node-modules\n${yarnrc}`,
    ...files,
  };
  for (const [path, text] of Object.entries(written)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  const target = { os: "linux", cpu: "x64", libc: "glibc" };
  return readProject(join(directory, member), { target, omit: new Set(["dev"]) }, { ...NO_HELP, tasks: pool });
}

const pathsOf = ({ places }: InstallPlan): readonly string[] => places.map(({ path }) => path);

async function refusal(given: Given): Promise<string> {
  try {
    await planOf(given);
  } catch (error) {
    return (error as Error).message;
  }
  return "nothing was refused";
}

test("a package stands where Yarn hoists it to; its tarball is asked for at the registry, and pinned by us", async () => {
  const { plan } = await planOf({});
  assert.equal(pathsOf(plan), ["node_modules/ms"]);
  assert.equal(plan.packages.get("ms@2.1.3")?.origin, { kind: "registry" });
});

test("registries and logins are those of .yarnrc.yml", async () => {
  const { settings } = await planOf({
    yarnrc: `npmRegistryServer: https://one.example/npm
npmAuthToken: abc
npmScopes:
  my: { npmRegistryServer: "https://two.example", npmAuthIdent: "me:secret" }
`,
  });
  const said = ["registry", "//one.example/npm/:_authToken", "@my:registry", "//two.example/:_auth"].map(
    (key) => settings.get(key)?.value,
  );
  const pair = Buffer.from("me:secret").toString("base64");
  assert.equal(said, ["https://one.example/npm", "abc", "https://two.example", pair]);
});

/** `path`: as the root's package.json has it. */
function patched(path: string): Given {
  const range = `patch:ms@npm%3A2.1.3#${path}`;
  const bound = path.startsWith("./") ? `${range}::locator=app%40workspace%3A.` : range;
  const locator = `${range}::version=2.1.3&hash=0fa2b5&locator=app%40workspace%3A.`;
  return {
    lock: LOCK.replace('"ms@npm:2.1.3":', `"ms@${bound}":`)
      .replace('resolution: "ms@npm:2.1.3"', `resolution: "ms@${locator}"`)
      .replace('ms: "npm:2.1.3"', `ms: "${range}"`),
    manifest: { dependencies: { ms: range } },
  };
}

test("patches of the project lie over the registry's package, in their order, and are other packages than it", async () => {
  const files = { "a.patch": "a", ".yarn/patches/b.patch": "b" };
  const { plan } = await planOf({ ...patched("./a.patch&optional!~/.yarn/patches/b.patch"), files });
  const [{ id, origin, patches = [] }] = [...plan.packages.values()] as [LockedPackage];
  assert.match(id, "ms@2.1.3#patch:");
  assert.equal(origin, { kind: "registry" });
  assert.equal(
    patches.map(({ text }) => text),
    ["a", "b"],
  );
});

/** `range`: as the root's package.json has it. */
function beside(range: string, more = ""): Given {
  const asked = range.startsWith("./") ? `file:${range}` : range;
  const locator = `${asked}${more}::${more && "hash=0fa2b5&"}locator=app%40workspace%3A.`;
  const linkType = /^(?:link|portal):/.test(range) ? "soft" : "hard";
  return {
    lock: LOCK.replace('"ms@npm:2.1.3":', `"ms@${asked}::locator=app%40workspace%3A.":`)
      .replace('resolution: "ms@npm:2.1.3"', `resolution: "ms@${locator}"`)
      .replace("linkType: hard", `linkType: ${linkType}`)
      .replace('ms: "npm:2.1.3"', `ms: "${range}"`),
    manifest: { dependencies: { ms: range } },
    files: { "own/ms/package.json": JSON.stringify({ name: "ms", version: "2.1.3", devDependencies: { a: "1" } }) },
  };
}

test("folders of the project are copied or linked, tarballs of it are unpacked", async () => {
  for (const range of ["file:./own/ms", "./own/ms"]) {
    const { plan } = await planOf(beside(range, "#./own/ms"));
    assert.equal(pathsOf(plan), ["node_modules/ms"], range);
    assert.match((plan.packages.values().next().value!.origin as { directory: string }).directory, /\/own\/ms$/);
  }
  for (const range of ["link:./own/ms", "portal:./own/ms"]) {
    const { plan } = await planOf(beside(range));
    assert.equal(pathsOf(plan), ["node_modules/ms", "own/ms"], range);
    assert.is((plan.places[0] as { link?: string }).link, "own/ms");
  }
  const { plan } = await planOf(beside("file:./own/ms.tgz", "#./own/ms.tgz"));
  assert.is(plan.packages.values().next().value!.origin.kind, "tarball");
});

test("what does not run on the target is left out where it is optional, else refused", async () => {
  const unfit = LOCK.replace(
    "  languageName: node\n",
    "  conditions: (os=darwin | os=win32) & !cpu=arm64\n  languageName: node\n",
  );
  assert.match(await refusal({ lock: unfit }), /ms@npm:2\.1\.3 does not run on linux\/x64/);
  const mark = '    ms: "npm:2.1.3"\n  dependenciesMeta:\n    ms:\n      optional: true\n';
  const { plan } = await planOf({ lock: unfit.replace('    ms: "npm:2.1.3"\n', mark) });
  assert.equal(pathsOf(plan), []);
});

test("packageExtensions add peers, by which a package stands beside what it is given", async () => {
  const entry = (name: string, version: string, more = "") =>
    `"${name}@npm:${version}":\n  version: ${version}\n  resolution: "${name}@npm:${version}"\n${more}  linkType: hard\n`;
  const needs = (list: string) => `  dependencies:\n${list}`;
  const lock = `${LOCK.replace('    ms: "npm:2.1.3"\n', '    a: "npm:1.0.0"\n    ms: "npm:2.1.3"\n')}
${entry("a", "1.0.0", needs('    b: "npm:1.0.0"\n    ms: "npm:1.0.0"\n'))}
${entry("b", "1.0.0")}
${entry("ms", "1.0.0")}`;
  const given = { lock, manifest: { dependencies: { a: "1.0.0", ms: "2.1.3" } } };
  assert.equal(pathsOf((await planOf(given)).plan), [
    "node_modules/a",
    "node_modules/a/node_modules/ms",
    "node_modules/b",
    "node_modules/ms",
  ]);
  const yarnrc = "packageExtensions:\n  b@*: { peerDependencies: { ms: '*' } }\n";
  assert.equal(pathsOf((await planOf({ ...given, yarnrc })).plan), [
    "node_modules/a",
    "node_modules/a/node_modules/b",
    "node_modules/a/node_modules/ms",
    "node_modules/ms",
  ]);
});

test("a row of packages without an end is refused", async () => {
  const row = Array.from({ length: 20_000 }, (_, at) => {
    const next = `  dependencies:\n    p${at + 1}: "npm:1.0.0"\n`;
    return `"p${at}@npm:1.0.0":\n  version: 1.0.0\n  resolution: "p${at}@npm:1.0.0"\n${at < 19_999 ? next : ""}  linkType: hard\n`;
  });
  const lock = LOCK.replace('ms: "npm:2.1.3"', 'p0: "npm:1.0.0"') + row.join("");
  assert.match(
    await refusal({ lock, manifest: { dependencies: { p0: "1.0.0" } } }),
    /a row that has more than 1000 packages \(--limit npm\.depth=/,
  );
});

test("packages that need each other in more ways than anybody's are refused, and waiting for them can be given up", async () => {
  const mesh = { lock: yarnMesh(), manifest: { name: "p", dependencies: MESH_DEPENDENCIES } };
  assert.match(await refusal(mesh), /more than 110000000 steps \(--limit npm\.hoisting=/);
  const stop = new AbortController();
  const others = taskPool({ jobs: 1, signal: stop.signal, worker });
  // However fast the machine is, there is something to give up.
  const waiting = withLimits({ "npm.hoisting": 1e12 }, () => planOf(mesh, others)).catch((error: unknown) => error);
  setTimeout(() => stop.abort(new Error("given up")), 500);
  assert.is(((await waiting) as Error).message, "given up");
  await others.close();
});

test("what cannot be laid out is refused, with its place", async () => {
  const rows: readonly [given: Given, said: RegExp][] = [
    [{ lock: "{" }, /it is no YAML that Yarn writes/],
    [{ lock: LOCK.replace("version: 8", "version: 6") }, /its version is 6, and versions 8 to 10 are read/],
    [{ lock: LOCK + MS }, /it is no YAML that Yarn writes \(.*dup/],
    [
      { lock: LOCK + ROOT.replaceAll("workspace:.", "workspace:packages/b") },
      /two members are called "app": \. and packages\/b/,
    ],
    [{ lock: LOCK.replace(MS, "") }, /it has no "ms@npm:2\.1\.3", which app needs/],
    [{ lock: LOCK.replace('"ms@npm:2.1.3"\n', '"../ms@npm:2.1.3"\n') }, /"\.\.\/ms" leads out of the project/],
    [{ lock: LOCK.replaceAll("workspace:.", "workspace:../x") }, /"\.\.\/x" leads out of the project/],
    [
      { manifest: { dependencies: { ms: "^2.1.3" } } },
      /package\.json asks for "ms" \^2\.1\.3, and the lock is for npm:2\.1\.3/,
    ],
    [
      { manifest: { devDependencies: { a: "1" } } },
      /package\.json has "a" among its dependencies, and the lock has not/,
    ],
    [
      { manifest: { resolutions: { "**/ms": "2.0.0" } } },
      /"\*\*\/ms" among its resolutions, which Yarn 4 does not read/,
    ],
    [patched("./a.patch"), /its patch \/.*\/a\.patch cannot be read/],
    [
      { ...patched("./a.patch"), files: { "a.patch": "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n" } },
      /a\.patch is not the patch that it was made with for ms/,
    ],
    [patched("~/../a.patch"), /"\.\.\/a\.patch" leads out of the project/],
    [patched("/a.patch"), /its patch "\/a\.patch" for ms cannot be applied: it is no file of the project/],
    [patched("builtin<other/ms>"), /its patch "builtin<other\/ms>" for ms .*Yarn brings no such patch along/],
    [beside("portal:../ms"), /ms is "portal:\.\.\/ms.*which is not in the project's folder/],
    [beside("file:../ms", "#../ms"), /ms is "file:\.\.\/ms.*which is not in the project's folder/],
    [
      { ...beside("portal:./own/ms"), files: { "own/ms/package.json": '{ "dependencies": { "a": "1" } }' } },
      /of own\/ms, package\.json has "a" among its dependencies, and the lock has not/,
    ],
    [patched("./%zz"), /it has no ".*%zz", which app needs/],
    [
      { lock: LOCK.replace('"ms@npm:2.1.3"\n', '"ms@https://github.com/vercel/ms.git#commit=1304f14"\n') },
      /ms comes from "https:\/\/github\.com.*which is no tarball, no commit/,
    ],
    [{ yarnrc: "nmHoistingLimits: workspaces\n" }, /\.yarnrc\.yml sets nmHoistingLimits/],
    [{ files: { ".yarnrc.yml": "" } }, /by the linker "pnp", Yarn's default, and only "node-modules" is read/],
    [{ files: { ".yarnrc.yml": "nodeLinker: pnpm" } }, /by the linker "pnpm", and only/],
    [
      { manifest: { workspaces: ["other"] }, member: "other", files: { "other/package.json": "{}" } },
      /it has no member "other"/,
    ],
  ];
  for (const [given, said] of rows) assert.match(await refusal(given), said, String(said));
});

test.run();
