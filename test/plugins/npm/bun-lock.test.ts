/** `bun.lock`: what is refused, and what of a tree no small project shows. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as assert from "uvu/assert";
import { readProject } from "../../../plugins/npm/locks/index.ts";
import type { InstallPlan } from "../../../plugins/npm/model.ts";
import { suite, tmp } from "../../harness.ts";
import { NO_HELP } from "./project-help.ts";

const test = suite("npm/bun-lock");

/** As Bun writes it: with commas at the end of each line. */
function lockOf(packages: string, more = "", workspaces = ""): string {
  return `{
  "lockfileVersion": 1,
  ${more}
  "workspaces": {
    "": { "name": "app", "dependencies": { "ms": "2.1.3", }, },
    ${workspaces}
  },
  "packages": {
    ${packages}
  }
}
`;
}

const MS = `"ms": ["ms@2.1.3", "", {}, "sha512-AAAA"],\n`;

interface Given {
  readonly lock: string;
  readonly member?: string;
  readonly files?: Readonly<Record<string, string>>;
}

async function planOf({ lock, member = ".", files = {} }: Given): Promise<InstallPlan> {
  const directory = tmp();
  const manifest = JSON.stringify({ name: "app", workspaces: ["packages/*"], dependencies: { ms: "2.1.3" } });
  for (const [path, text] of Object.entries({ "package.json": manifest, "bun.lock": lock, ...files })) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  const target = { os: "linux", cpu: "x64", libc: "glibc" };
  return (await readProject(join(directory, member), { target, omit: new Set(["dev"]) }, NO_HELP)).plan;
}

async function refusal(given: Given): Promise<string> {
  try {
    await planOf(given);
  } catch (error) {
    return (error as Error).message;
  }
  return "nothing was refused";
}

test("a package stands where its key says, with the text that looks like a comma before a bracket kept", async () => {
  const packages = `${MS} "a,]": ["a,]@1.0.0", "", {}, "sha512-BBBB"], "ms/@s/b": ["@s/b@2.0.0", "", { "bin": "cli.js", }, "sha512-CCCC"],`;
  const lock = lockOf(
    packages.replace('"", {}, "sha512-AAAA"', '"", { "dependencies": { "@s/b": "^2", "a,]": "1" } }, "sha512-AAAA"'),
  );
  const { places, packages: found } = await planOf({ lock });
  assert.equal(
    places.map(({ path }) => path),
    ["node_modules/a,]", "node_modules/ms", "node_modules/ms/node_modules/@s/b"],
  );
  assert.equal(found.get("@s/b@2.0.0")?.bin, { b: "cli.js" });
  assert.equal(found.get("ms@2.1.3")?.origin, { kind: "registry", integrity: "sha512-AAAA" });
});

test("what a member has for itself lies in its folder; isolated workspaces are refused with the mend", async () => {
  const packages = `${MS} "@my/a": ["@my/a@workspace:packages/a"], "@my/a/ms": ["ms@2.0.0", "", {}, "sha512-BBBB"],`;
  const workspaces = `"packages/a": { "name": "@my/a", "dependencies": { "ms": "2.0.0" } },`;
  const files = { "packages/a/package.json": JSON.stringify({ name: "@my/a", dependencies: { ms: "2.0.0" } }) };
  const { places } = await planOf({ lock: lockOf(packages, "", workspaces), files });
  assert.equal(
    places.map(({ path }) => path),
    ["node_modules/@my/a", "node_modules/ms", "packages/a", "packages/a/node_modules/ms"],
  );
  const own = await planOf({ lock: lockOf(packages, "", workspaces), files, member: "packages/a" });
  assert.equal(own.places, [{ path: "packages/a/node_modules/ms", package: "ms@2.0.0" }]);
  const isolated = { lock: lockOf(packages, '"configVersion": 1,', workspaces), files };
  assert.match(
    await refusal(isolated),
    'by the linker "isolated", Bun\'s default for workspaces, and only "hoisted" is read',
  );
  assert.ok(await planOf({ ...isolated, files: { ...files, "bunfig.toml": '[install]\nlinker = "hoisted"\n' } }));
});

test("what cannot be laid out is refused, with its place", async () => {
  const rows: readonly [lock: string, said: string][] = [
    ["{", "it is no JSON"],
    [lockOf(MS).replace('Version": 1', 'Version": 3'), "its version is 3, and versions 1 and 2 are read"],
    [lockOf(MS + MS), 'it has "ms" twice'],
    [
      lockOf(MS, '"patchedDependencies": { "ms@2.1.3": "patches/ms.patch" },'),
      "its patch for ms@2.1.3 is not the one that the project asks for",
    ],
    [lockOf(""), 'it has no "ms", which the project needs'],
    [
      lockOf(MS, "", '"packages/a": { "name": "@my/a" }, "packages/b": { "name": "@my/a" },'),
      'two members are called "@my/a": packages/a and packages/b',
    ],
    [lockOf(MS.replace('2.1.3", ""', 'github:vercel/ms#main"')), "which is no tarball, no commit"],
    [lockOf(MS.replace('2.1.3", ""', 'file:../ms"')), "no folder of the project"],
    [lockOf(MS.replace('2.1.3", ""', 'file:../ms"')), 'comes from "file:../ms", which is no tarball'],
    [lockOf(MS.replace('["ms@2.1.3", "", {}', '["ms@2.1.3", "", { "binDir": "bin" }')), "a folder of programs"],
    [lockOf(`${MS} "../x": ["x@1.0.0", "", {}, ""],`), '"../x" leads out of the project'],
    [lockOf(`${MS} "x": ["x@workspace:../x"],`), '"../x" leads out of the project'],
    [lockOf(`${MS} "x": ["@1.0.0", "", {}, ""],`), 'packages["x"] does not say which package it is'],
    [
      lockOf(`${MS} "ms/a": ["a@1.0.0", "", { "bundled": true }, ""], "ms/b": ["b@1.0.0", "", {}, ""],`),
      "node_modules/ms brings packages in its own tarball, and node_modules/ms/node_modules/b is to come from the registry",
    ],
    [
      lockOf(MS.replace("2.1.3", "2.0.0")).replace('"ms": "2.1.3"', '"ms": "2.0.0"'),
      'package.json asks for "ms" 2.1.3, and the lock is for 2.0.0',
    ],
  ];
  for (const [lock, said] of rows) assert.match(await refusal({ lock }), said, said);
});

test.run();
