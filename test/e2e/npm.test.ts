// @timeout 400
// @runtimes node
/** `npm()` against `npm ci`: small projects that hold what goes wrong elsewhere. */
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { GIT_PACKAGE, gitRepository } from "../fixtures/git/repository.ts";
import { suite, tmp } from "../harness.ts";
import { assertSameTree, installedByNpm, makeProject } from "./npm-ci.ts";
import { CONFIG, libraryMember } from "./npm-projects.ts";
import { must, runCli } from "./support.ts";

const test = suite("e2e/npm", { timeout: 300_000 });

test("is what npm ci installs: programs for the target alone, an alias, an override, two versions, a workspace's members, a commit", () => {
  const directory = tmp();
  makeProject(directory, {
    "package.json": {
      name: "whole",
      version: "1.0.0",
      workspaces: ["packages/*"],
      dependencies: {
        debug: "4.3.4",
        old: "npm:ms@2.0.0",
        esbuild: "0.24.2",
        "@my/lib": "*",
        semver: "7.6.0",
        "from-git": gitRepository(GIT_PACKAGE).address,
      },
      devDependencies: { "is-number": "7.0.0" },
      overrides: { debug: { ms: "2.1.3" } },
    },
    ...libraryMember(undefined, "\r\n"),
    "packages/lib/src/left-out.ts": "",
  });
  const npms = new Map(["x64", "arm64"].map((cpu) => [cpu, installedByNpm(directory, cpu)]));
  for (const [cpu, platform] of [
    ["x64", "linux/amd64"],
    ["arm64", "linux/arm64"],
  ] as const) {
    must(["rm", "-rf", "out"], { cwd: directory });
    const ran = runCli(["build", "--platform", platform, "-o", "rootfs:out"], { cwd: directory });
    assert.is(ran.status, 0, ran.stderr);
    assertSameTree(join(directory, "out/app/node_modules"), npms.get(cpu)!);
    assert.is(
      must(["find", ".", "-type", "f"], { cwd: join(directory, "out/app/packages") })
        .toString()
        .split("\n")
        .filter((path) => !path.includes("node_modules"))
        .sort()
        .join("\n")
        .trim(),
      "./lib/lib/cli.js\n./lib/package.json",
    );
  }
});

test("install scripts run where they are allowed, as npm runs them: what they make, change and remove is in the image", () => {
  const directory = tmp();
  const scripts = {
    preinstall: 'echo "$npm_lifecycle_event $npm_package_name $npm_config_arch" > said',
    install:
      "semver 1.2.3 > built && echo changed > kept.js && chmod 755 kept.js && rm gone.js && mkdir -p ../.made && touch ../.made/x",
  };
  writeFileSync(join(directory, "kept.js"), "1");
  writeFileSync(join(directory, "gone.js"), "1");
  writeFileSync(join(directory, "binding.gyp"), "{}");
  writeFileSync(
    join(directory, "package.json"),
    JSON.stringify({ name: "native", version: "1.0.0", scripts, dependencies: { semver: "7.6.0" } }),
  );
  must(["npm", "pack", "--ignore-scripts"], { cwd: directory });
  const native = {
    "package.json": { name: "app", version: "1.0.0", dependencies: { native: "file:native-1.0.0.tgz" } },
  };
  const allowing = (names: string) => ({
    ...native,
    "image.config.ts": CONFIG.replace("npm({})", `npm({ allowScripts: ${names} })`),
  });
  makeProject(directory, allowing('["native"]'));
  const build = (output: string) => runCli(["build", "--platform", "linux/arm64", "-o", output], { cwd: directory });
  const ran = build("rootfs:out");
  assert.is(ran.status, 0, ran.stderr);
  assert.not.match(ran.stderr, /Native code/);
  const modules = join(directory, "out/app/node_modules");
  const text = (path: string) => readFileSync(join(modules, path), "utf8").trim();
  assert.equal(
    [text("native/said"), text("native/built"), text("native/kept.js"), text(".made/x")],
    ["preinstall native arm64", "1.2.3", "changed", ""],
  );
  assert.is(statSync(join(modules, "native/kept.js")).mode & 0o777, 0o755);
  assert.not(existsSync(join(modules, "native/gone.js")));

  makeProject(directory, allowing('["semver"]'));
  assert.match(build("digest").stderr, /allowScripts names "semver", which has no install script/);
});

test("a lock that package.json has left behind is refused, as npm ci does", () => {
  const directory = tmp();
  makeProject(directory, { "package.json": { name: "moved", version: "1.0.0", dependencies: { ms: "2.1.2" } } });
  const manifest = join(directory, "package.json");
  writeFileSync(manifest, readFileSync(manifest, "utf8").replace("2.1.2", "2.1.3"));
  const ran = runCli(["build", "-o", "digest"], { cwd: directory });
  assert.is(ran.status, 1);
  assert.match(ran.stderr, /package\.json asks for "ms" 2\.1\.3, and the lock is for 2\.1\.2/);
  assert.match(ran.stderr, /npm install --package-lock-only/);
});

test.run();
