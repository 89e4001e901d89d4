/** Yarn 1's `yarn.lock`: what is refused, and what of a layout no small project shows. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as assert from "uvu/assert";
import { readProject } from "../../../plugins/npm/locks/index.ts";
import type { InstallPlan } from "../../../plugins/npm/model.ts";
import type { PublishedPackages } from "../../../plugins/npm/registry/published.ts";
import { suite, tmp } from "../../harness.ts";
import { withLimits } from "../../with-limits.ts";
import { NO_HELP } from "./project-help.ts";
import { MESH_DEPENDENCIES, classicMesh } from "./yarn-mesh.ts";

const test = suite("npm/yarn-classic");

const MARK = "# yarn lockfile v1\n\n";

/** `entry("ms@^2.0.0", "2.1.3", "b ^1")` */
function entry(patterns: string, version: string, ...dependencies: readonly string[]): string {
  const name = patterns.slice(0, patterns.indexOf("@", 1));
  const list =
    dependencies.length === 0 ? "" : `  dependencies:\n${dependencies.map((each) => `    ${each}\n`).join("")}`;
  return `${patterns}:\n  version "${version}"\n  resolved "https://registry.example/${name}/-/${name}-${version}.tgz#${"0".repeat(40)}"\n  integrity sha512-AAAA\n${list}\n`;
}

const SAME = JSON.stringify({ name: "same", version: "1.0.0" });

const MS = entry("ms@2.1.3", "2.1.3");

interface Given {
  readonly lock?: string;
  readonly manifest?: object;
  readonly files?: Readonly<Record<string, string>>;
  readonly member?: string;
  /** What packages say of themselves, by name and version. */
  readonly published?: Readonly<Record<string, object>>;
}

async function planOf(given: Given, signal = NO_HELP.signal): Promise<InstallPlan> {
  const { lock = MS, manifest = {}, files = {}, member = ".", published = {} } = given;
  const directory = tmp();
  const written = {
    "package.json": JSON.stringify({ name: "app", dependencies: { ms: "2.1.3" }, ...manifest }),
    "yarn.lock": `${MARK}${lock}`,
    ...files,
  };
  for (const [path, text] of Object.entries(written)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  const manifestOf: PublishedPackages["manifestOf"] = async ({ name, version }) => ({
    ...published[`${name}@${version}`],
  });
  const packages: PublishedPackages = {
    each: async (items, task) => Promise.all(items.map(task)),
    manifestOf,
    limitsOf: async (each) => ({ peers: {}, ...(await manifestOf(each)) }),
  };
  const target = { os: "linux", cpu: "x64", libc: "glibc" };
  const selection = { target, omit: new Set(["dev"] as const) };
  return (await readProject(join(directory, member), selection, { ...NO_HELP, publishedBy: () => packages, signal }))
    .plan;
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

test("what is only for development keeps its place and is not installed", async () => {
  const lock = `${MS}${entry("a@1.0.0", "1.0.0", "b ^1.0.0")}${entry("b@^1.0.0", "1.0.0")}${entry("b@^2.0.0", "2.0.0")}${entry("c@1.0.0", "1.0.0", "b ^2.0.0")}`;
  const manifest = { dependencies: { ms: "2.1.3", c: "1.0.0" }, devDependencies: { a: "1.0.0" } };
  assert.equal(pathsOf(await planOf({ lock, manifest })), [
    "node_modules/c",
    "node_modules/c/node_modules/b",
    "node_modules/ms",
  ]);
});

test("a package stays beside its peer, and one that does not run on the target is left out where it is optional", async () => {
  const lock = `${MS}${entry("a@1.0.0", "1.0.0", "b ^1.0.0", "ms ^1.0.0")}${entry("b@^1.0.0", "1.0.0")}${entry("ms@^1.0.0", "1.0.0")}${entry("mac@1.0.0", "1.0.0")}`;
  const manifest = { dependencies: { ms: "2.1.3", a: "1.0.0" }, optionalDependencies: { mac: "1.0.0" } };
  const published = { "b@1.0.0": { peerDependencies: { ms: "*" } }, "mac@1.0.0": { os: ["darwin"] } };
  assert.equal(pathsOf(await planOf({ lock, manifest, published })), [
    "node_modules/a",
    "node_modules/a/node_modules/b",
    "node_modules/a/node_modules/ms",
    "node_modules/ms",
  ]);
  const needed = { ...manifest, dependencies: { ...manifest.dependencies, mac: "1.0.0" }, optionalDependencies: {} };
  assert.match(await refusal({ lock, manifest: needed, published }), /mac@1\.0\.0 does not run on linux\/x64/);
});

test("of a member comes what it needs, where Yarn puts it for the whole workspace", async () => {
  const lock = `${MS}${entry("ms@^1.0.0", "1.0.0")}`;
  const manifest = { private: true, workspaces: ["packages/*"] };
  const member = (name: string, dependencies: object) => JSON.stringify({ name, version: "1.0.0", dependencies });
  const files = {
    "packages/a/package.json": member("a", { b: "1.0.0", ms: "^1.0.0" }),
    "packages/b/package.json": member("b", { ms: "2.1.3" }),
    "packages/c/package.json": member("c", { ms: "^1.0.0" }),
    "packages/d/package.json": JSON.stringify({ name: "d" }),
  };
  const given = { lock, manifest, files };
  assert.equal(pathsOf(await planOf({ ...given, member: "packages/a" })), [
    "node_modules/b",
    "node_modules/ms",
    "packages/a/node_modules/ms",
    "packages/b",
  ]);
  assert.match(await refusal({ ...given, member: "packages/d" }), /it has no member "packages\/d"/);
});

test("folders are copied or linked, by places that start at their package.json; tarballs of the project are unpacked", async () => {
  const tarball = `"tarred@file:./t.tgz":\n  version "1.0.0"\n  resolved "file:./t.tgz#${"0".repeat(40)}"\n\n`;
  const linked = '"linked@link:./own":\n  version "0.0.0"\n  uid ""\n\n';
  const copied = (range: string) => `"${range}":\n  version "1.0.0"\n  dependencies:\n    ms "2.1.3"\n\n`;
  const lock = MS + tarball + linked + copied("copied@file:own") + copied("copied@file:packages/a/own");
  const manifest = {
    private: true,
    workspaces: ["packages/*"],
    dependencies: { copied: "file:own", linked: "link:./own/", tarred: "file:./t.tgz" },
  };
  const own = JSON.stringify({ name: "own", version: "1.0.0", dependencies: { ms: "2.1.3" } });
  const files = {
    "own/package.json": own,
    "packages/a/own/package.json": own,
    "packages/a/package.json": '{ "name": "a", "version": "1.0.0", "dependencies": { "copied": "file:own" } }',
  };
  const plan = await planOf({ lock, manifest, files });
  const found = new Map(plan.places.map((each) => [each.path, plan.packages.get(each.package)!]));
  assert.equal(
    [...found].map(([path, { origin }]) => `${path} ${origin.kind}`),
    [
      "node_modules/a folder",
      "node_modules/copied folder",
      "node_modules/linked folder",
      "node_modules/ms registry",
      "node_modules/tarred tarball",
      "own folder",
      "packages/a folder",
      "packages/a/node_modules/copied folder",
    ],
  );
  const stale = { ...files, "own/package.json": own.replace("2.1.3", "2") };
  assert.match(
    await refusal({ lock, manifest, files: stale }),
    /it has not the "ms" that the package\.json in own asks/,
  );
  const outside = { dependencies: { copied: "file:../own" } };
  assert.match(
    await refusal({ lock: copied("copied@file:../own"), manifest: outside }),
    /copied is "file:\.\.\/own", which is not in the project's folder/,
  );
});

test("a row of packages without an end is refused", async () => {
  const row = Array.from({ length: 3000 }, (_, at) => entry(`p${at}@1.0.0`, "1.0.0", `p${at + 1} "1.0.0"`)).join("");
  const lock = `${row}${entry("p3000@1.0.0", "1.0.0")}`;
  assert.match(
    await refusal({ lock, manifest: { dependencies: { p0: "1.0.0" } } }),
    /a row that has more than 1000 packages \(--limit npm\.depth=/,
  );
});

test("very many patterns of one name, and places of one package, are laid out as a few are", async () => {
  const all = Array.from({ length: 6000 }, (_, index) => index);
  const askers = all.map((each) => entry(`a${each}@1.0.0`, "1.0.0", `b "^2.0.0 || ${each + 3}"`)).join("");
  const patterns = all
    .map((each) => entry(`"b@^2.0.0 || ${each + 3}"`, "2.0.0"))
    .join("")
    .replaceAll('/"b', "/b");
  const lock = `${MS}${entry("b@1.0.0", "1.0.0")}${askers}${patterns}`;
  const dependencies = Object.fromEntries([["b", "1.0.0"], ...all.map((each) => [`a${each}`, "1.0.0"])]);
  const { places, packages } = await planOf({ lock, manifest: { dependencies } });
  assert.is(places.length, 1 + 2 * all.length);
  assert.ok(packages.get("a7@1.0.0")!.needs.includes("b@2.0.0"));
});

test("a version that a resolution has taken the patterns of is still the one that was met", async () => {
  const lock = `${entry("ms@2.1.3", "2.1.3")}${entry("ms@^2.0.0", "2.1.3")}${entry("ms@^1.0.0", "1.0.0")}${entry("a@1.0.0", "1.0.0", "ms ^2.0.0")}${entry("ms@1.0.0", "1.0.0")}${entry("b@1.0.0", "1.0.0", "ms ^2.0.0")}`;
  const manifest = { dependencies: { b: "1.0.0", a: "1.0.0" }, resolutions: { "a/ms": "1.0.0" } };
  assert.ok(pathsOf(await planOf({ lock, manifest })).includes("node_modules/ms"));
  const tag = `${MS}${entry("x@next", "next")}${entry("a@1.0.0", "1.0.0", "x next")}${entry("b@1.0.0", "1.0.0", "x next")}`;
  const tagged = { dependencies: { ms: "2.1.3", a: "1.0.0", b: "1.0.0" } };
  assert.ok(pathsOf(await planOf({ lock: tag, manifest: tagged })).includes("node_modules/x"));
});

test("packages with no end of places are refused, and waiting for them can be given up", async () => {
  const row = `${entry("a@1", "1.0.0", "b 2")}${entry("b@2", "2.0.0", "a 2")}${entry("a@2", "2.0.0", "b 1")}${entry("b@1", "1.0.0", "a 1")}`;
  const endless = /where its packages stand comes of more than 110000000 steps \(--limit npm\.hoisting=/;
  assert.match(await refusal({ lock: row, manifest: { dependencies: { a: "1", b: "1" } } }), endless);

  const lock = classicMesh((name) => `https://registry.example/${name}/-/${name}.tgz#${"0".repeat(40)}`);
  const mesh = { lock, manifest: { dependencies: MESH_DEPENDENCIES } };
  assert.match(await refusal(mesh), /comes of more than \d+ (?:steps|packages) \(--limit npm\./);
  const stop = new AbortController();
  // However fast the machine is, there is something to give up.
  const limits = { "npm.hoisting": 1e12, "npm.packages": 1e12 };
  const waiting = withLimits(limits, () => planOf(mesh, stop.signal)).catch((error: unknown) => error);
  setTimeout(() => stop.abort(new Error("given up")), 200);
  assert.is(((await waiting) as Error).message, "given up");
});

test("a package that very many ask for in ranges of their own is met once with what it needs", async () => {
  const all = Array.from({ length: 1000 }, (_, at) => at);
  const asking = all.map((at) => entry(`a${at}@1.0.0`, "1.0.0", `x ^1.0.${at}`));
  const patterns = all.map((at) => `x@^1.0.${at}`).join(", ");
  const manifest = { dependencies: Object.fromEntries(all.map((at) => [`a${at}`, "1.0.0"])) };
  const few = `${asking.join("")}${entry(patterns, "1.2000.0", "y 1.0.0")}${entry("y@1.0.0", "1.0.0")}`;
  assert.is(pathsOf(await planOf({ lock: few, manifest })).length, 1002);
  const needed = all.map((at) => `y${at} 1.0.0`);
  const many = `${asking.join("")}${entry(patterns, "1.2000.0", ...needed)}${all.map((at) => entry(`y${at}@1.0.0`, "1.0.0")).join("")}`;
  assert.match(await refusal({ lock: many, manifest }), /more than 200000 packages \(--limit npm\.packages=/);
});

test("what cannot be laid out is refused, with its place", async () => {
  const rows: readonly [given: Given, said: RegExp][] = [
    [{ lock: `${MS}garbage\n` }, /line 8 is none that Yarn 1 writes: "garbage"/],
    [{ lock: MS + MS }, /it has "ms@2\.1\.3" twice/],
    [{ lock: "" }, /it has no "ms@2\.1\.3", which is asked for/],
    [{ lock: MS.replace('version "2.1.3"', 'version "2.0.0"') }, /it has 2\.0\.0 for "ms@2\.1\.3"/],
    [{ lock: MS.replace('  version "2.1.3"\n', "") }, /ms@2\.1\.3\.version/],
    [{ lock: `${MS}${entry("../x@1.0.0", "1.0.0")}` }, /"\.\.\/x" leads out of the project/],
    [{ lock: entry("ms@2.1.3", "2.1.3", '"../x" "1"') }, /"\.\.\/x" leads out of the project/],
    [{ manifest: { dependencies: { ms: "^2.1.3" } } }, /it has no "ms@\^2\.1\.3", which is asked for/],
    [
      { lock: MS.replace(/resolved .*\n/, 'resolved "git+https://git.example/ms.git#1"\n') },
      /ms comes from "git\+https/,
    ],
    [{ lock: MS.replace(/ {2}resolved .*\n/, "") }, /ms comes from "2\.1\.3", which is no tarball/],
    [{ manifest: { installConfig: { pnp: true } } }, /package\.json turns Plug'n'Play on/],
    [{ manifest: { workspaces: { packages: [], nohoist: ["a"] } } }, /package\.json has nohoist/],
    [{ manifest: { flat: true } }, /package\.json says flat/],
    [{ manifest: { private: true, workspaces: ["/**"] } }, /"\/\*\*", which is not in the project's folder/],
    [{ manifest: { private: true, workspaces: ["a/../../*"] } }, /which is not in the project's folder/],
    [
      {
        manifest: { private: true, workspaces: ["packages/*"] },
        files: { "packages/a/package.json": SAME, "packages/b/package.json": SAME },
      },
      /two members are called "same": packages\/a and packages\/b/,
    ],
  ];
  for (const [given, said] of rows) assert.match(await refusal(given), said, String(said));
});

test.run();
