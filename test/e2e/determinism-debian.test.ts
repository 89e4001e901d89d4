// @runtimes node
// @timeout 600
import { cpSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as assert from "uvu/assert";
import { RUNTIMES, javaScriptCommand } from "../../scripts/runtimes.ts";
import { requireTool, suite, tmp } from "../harness.ts";
import { IS_THOROUGH } from "../sampled.ts";
import { PROJECT, cli, copyForNobody, digestOf, must, openFolder, runCli, sha256, type RunOptions } from "./support.ts";

/** What is fetched and unpacked stays; scripts' results and all else in the cache are made anew for each case. */
const KEPT_OF_THE_CACHE = /^(blobs|packages|debian-.*)$/;
const cache = tmp();

for (const template of ["redis", "static-site"]) {
  const test = suite(`e2e/determinism of ${template}`, { timeout: 120_000 });
  const folder = openFolder("debian");
  const app = join(folder.path, "app");
  const base: RunOptions = { cwd: app, env: { IMAGE_DSL_CACHE: cache } };
  let expected = "";
  let lock = "";

  test.before(() => {
    cli(["init", template, app], { cwd: folder.path });
    expected = digestOf([], base);
    lock = readFileSync(join(app, "image.lock.json"), "utf8");
    assert.match(expected, /^sha256:[0-9a-f]{64}$/);
  });
  test.before.each(() => forgetDerived(cache));
  test.after(() => {
    assert.is(readFileSync(join(app, "image.lock.json"), "utf8"), lock, "no build has touched the lock");
    folder.dispose();
  });

  test("two runs, the second with all that the first left in the cache", () => {
    assert.is(digestOf([], base), expected);
    assert.is(digestOf([], base), expected);
  });

  for (const [jobs, umask, env] of [
    ["1", "000", { TZ: "Pacific/Kiritimati", LANG: "tr_TR.UTF-8", LC_ALL: "C" }],
    ["4", "077", { TZ: "America/Adak", LC_ALL: "tr_TR.UTF-8" }],
  ] as const) {
    test(`--jobs ${jobs}, umask ${umask}, another time zone and locale`, () => {
      assert.is(digestOf(["--jobs", jobs], { ...base, umask, env: { ...base.env, ...env } }), expected);
    });
  }

  test("another directory with the same lock, a cold cache, no lock", () => {
    const other = openFolder("elsewhere");
    try {
      const copy = join(other.path, "of another name and depth/app");
      cpSync(app, copy, { recursive: true });
      const cold = { cwd: copy, env: { IMAGE_DSL_CACHE: join(other.path, "cold") } };
      assert.is(digestOf([], cold), expected);
      rmSync(join(copy, "image.lock.json"));
      assert.is(digestOf([], cold), expected);
      assert.is(readFileSync(join(copy, "image.lock.json"), "utf8"), lock, "the same lock is made again");
    } finally {
      other.dispose();
    }
  });

  test("no network: the lock and the store are enough, and without the lock the network is missed", () => {
    const dead = "http://127.0.0.1:9";
    const env = { ...base.env, http_proxy: dead, https_proxy: dead, HTTP_PROXY: dead, HTTPS_PROXY: dead, no_proxy: "" };
    assert.is(digestOf([], { ...base, env }), expected);
    const elsewhere = openFolder("offline");
    try {
      const copy = join(elsewhere.path, "app");
      cpSync(app, copy, { recursive: true });
      rmSync(join(copy, "image.lock.json"));
      const { status, stderr } = runCli(["build", "-o", "digest"], { cwd: copy, env });
      assert.is(status, 1, stderr);
      assert.match(stderr, "E_NETWORK");
    } finally {
      elsewhere.dispose();
    }
  });

  test("as an unprivileged user", () => {
    requireTool("setpriv");
    const nobody = openFolder("nobody");
    try {
      const options = {
        cwd: copyForNobody(app, join(nobody.path, "app")),
        env: { IMAGE_DSL_CACHE: copyForNobody(cache, join(nobody.path, "cache")) },
        unprivileged: true,
      };
      assert.is(digestOf([], options), expected);
    } finally {
      nobody.dispose();
    }
  });

  for (const runtime of RUNTIMES) {
    if (template === "redis" || IS_THOROUGH) {
      test(`under ${runtime}, from the command line`, () => assert.is(digestOf([], { ...base, runtime }), expected));
    }
    if (template === "redis" && !IS_THOROUGH) continue;
    test(`under ${runtime}, from a program`, () => {
      const { program, args } = javaScriptCommand(runtime);
      const printed = must([program, ...args, writeProgram(app)], base).toString();
      assert.is(printed.trim(), expected);
    });
  }

  test("stream equals the archive, byte for byte, and both name the config whose digest was printed", () => {
    cli(["build", "-o", "docker-archive:out.tar"], base);
    const archive = readFileSync(join(app, "out.tar"));
    forgetDerived(cache);
    assert.is(sha256(cli(["stream"], base)), sha256(archive));
    const manifest = must(["tar", "-xOf", "out.tar", "manifest.json"], base).toString();
    assert.match(manifest, `${expected.slice("sha256:".length)}.json`);
  });

  test.run();
}

function writeProgram(folder: string): string {
  const file = join(folder, "program.mjs");
  const library = pathToFileURL(join(PROJECT, "dist/index.js")).href;
  writeFileSync(
    file,
    `import { build, loadConfig } from ${JSON.stringify(library)};
    const [result] = await build(await loadConfig(), { outputs: ["digest"] });
    console.log(result.configDigest);`,
  );
  return file;
}

function forgetDerived(cache: string): void {
  for (const name of readdirSync(cache)) {
    if (!KEPT_OF_THE_CACHE.test(name)) rmSync(join(cache, name), { recursive: true });
  }
}
