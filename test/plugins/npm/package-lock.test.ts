/** `package-lock.json`: what is refused, with its place and the mend. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { readProject } from "../../../plugins/npm/locks/index.ts";
import { writeProject } from "../../e2e/support.ts";
import { suite, tmp } from "../../harness.ts";
import { NO_HELP } from "./project-help.ts";
import { writeLock } from "./projects.ts";

const test = suite("npm/package-lock");

const MS = { version: "2.1.3", resolved: "https://registry.test/ms/-/ms-2.1.3.tgz", integrity: "sha512-AAAA" };
const needing = (name: string, more = {}) => ({ dependencies: { [name]: "2.1.3" }, ...more });

async function refusal(manifest: object, packages: Readonly<Record<string, object>>, damage = (lock: string) => lock) {
  const directory = tmp();
  const lock = writeLock(directory, manifest, packages);
  writeFileSync(join(directory, "package-lock.json"), damage(lock));
  return refusalOf(directory);
}

async function refusalOf(directory: string): Promise<string> {
  const target = { os: "linux", cpu: "x64", libc: "glibc" };
  try {
    await readProject(directory, { target, omit: new Set(["dev"]) }, NO_HELP);
  } catch (error) {
    const { code, message, hint } = error as { code?: string; message: string; hint?: string };
    return `${code} ${message} (${hint})`;
  }
  return "nothing was refused";
}

test("a package for no platform of the target is refused, unless it is optional", async () => {
  const packages = { "node_modules/fsevents": { ...MS, os: ["darwin"] } };
  assert.match(
    await refusal(needing("fsevents"), packages),
    "E_NPM_PACKAGE node_modules/fsevents does not run on linux/x64 (glibc), which the image is for, and is not optional (Make it an optional dependency",
  );
  assert.is(await refusal({ optionalDependencies: { fsevents: "2.1.3" } }, packages), "nothing was refused");
});

test("a package that is called as what every object has is one", async () => {
  for (const name of ["constructor", "prototype", "toString"]) {
    assert.match(await refusal(needing(name), {}), `it has no "${name}", which the project needs`);
    const packages = { [`node_modules/${name}`]: { ...MS, os: ["darwin"] } };
    assert.match(await refusal(needing(name), packages), `node_modules/${name} does not run on linux`);
  }
});

test("a lock further up is the project's where the package.json beside it lists the project among its workspaces", async () => {
  const member = { name: "@my/a", version: "1.0.0" };
  const packages = { "packages/a": member, "node_modules/@my/a": { link: true, resolved: "packages/a" } };
  const rows: readonly [workspaces: unknown, isFound: boolean][] = [
    [undefined, false],
    [["apps/*"], false],
    [["packages/*", "!packages/a"], false],
    [["./packages/*/"], true],
    [{ packages: ["packages/a"] }, true],
  ];
  for (const [workspaces, isFound] of rows) {
    const root = tmp();
    writeFileSync(join(root, "package-lock.json"), writeLock(root, { workspaces }, packages));
    // The lock between them is nobody's.
    writeProject(root, { "packages/yarn.lock": "", "packages/a/package.json": JSON.stringify(member) });
    const said = await refusalOf(join(root, "packages/a"));
    if (isFound) assert.is(said, "nothing was refused");
    else assert.match(said, /^E_NPM_LOCK There is no lock for the project in .*: .*yarn.lock is of a workspace that/);
  }
});

test("two members may each have a version of a package that they do not share", async () => {
  const member = (name: string, version: string) => ({ name, version: "1.0.0", dependencies: { ms: version } });
  const found = await refusal(
    { workspaces: ["packages/*"] },
    {
      "packages/a": member("a", "2.1.3"),
      "packages/b": member("b", "2.1.2"),
      "node_modules/a": { link: true, resolved: "packages/a" },
      "node_modules/b": { link: true, resolved: "packages/b" },
      "packages/a/node_modules/ms": MS,
      "packages/b/node_modules/ms": { ...MS, version: "2.1.2" },
    },
  );
  assert.is(found, "nothing was refused");
});

test("two members of one name are refused", async () => {
  const member = { name: "@my/a", version: "1.0.0" };
  const packages = {
    "packages/a": { version: "1.0.0", name: "@my/a" },
    "packages/b": member,
    "node_modules/@my/a": { link: true, resolved: "packages/a" },
  };
  assert.match(
    await refusal({ workspaces: ["packages/*"] }, packages),
    /^E_NPM_LOCK .*two members are called "@my\/a": packages\/a and packages\/b \(Rename one of them\)$/,
  );
});

test("what leads out of the project, is no package's place, or has another version is refused", async () => {
  const rows: readonly [packages: Readonly<Record<string, object>>, said: string][] = [
    [{ "node_modules/../../etc": {} }, '"node_modules/../../etc" leads out of the project'],
    [{ "node_modules/a\\b": {} }, "leads out of the project"],
    [{ "/etc": {} }, "leads out of the project"],
    [{ "node_modules/ms": { link: true, resolved: "../x" } }, "not in the project's folder (Make it a member"],
    [{ "node_modules/ms": { version: "2.1.3", resolved: "file:../ms.tgz" } }, "outside the project (Put it into"],
    [
      { "node_modules/ms": { version: "2.1.3", resolved: "git+ssh://git@h/ms.git#1" } },
      "which is no tarball and no commit of a repository (Publish it",
    ],
    [{ "node_modules/ms": { ...MS, bin: 1 } }, 'packages["node_modules/ms"].bin: '],
    [{}, 'it has no "ms", which the project needs (npm install --package-lock-only writes it anew)'],
  ];
  for (const [packages, said] of rows) assert.match(await refusal(needing("ms"), packages), said, said);
  const whole = { "node_modules/ms": MS };
  assert.match(
    await refusal(needing("ms"), whole, (lock) => lock.replace('"lockfileVersion":3', '"lockfileVersion":1')),
    "its version is 1, and versions 2 and 3 are read (npm install --package-lock-only --lockfile-version 3",
  );
  assert.match(await refusal(needing("ms"), whole, () => "{"), "it is no JSON");
  assert.is(await refusal(needing("ms"), whole), "nothing was refused");
});

test.run();
