// @runtimes node
// @timeout 900
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as assert from "uvu/assert";
import { requireTool, suite } from "../harness.ts";
import {
  PROJECT,
  cli,
  copyForNobody,
  digestOf,
  folderForNobody,
  openFolder,
  run,
  sha256,
  writeProject,
  type RunOptions,
} from "./support.ts";

const test = suite("e2e/determinism", { timeout: 600_000 });

/** Hostile but valid UTF-8 names, so that every runtime can read them. */
const NAMES = [
  "plain",
  "with blank",
  "-rf",
  "quote'\"",
  "new\nline",
  "tab\t",
  "käse",
  "日本語",
  "e\u0301",
  "\u{1f600}",
  "a".repeat(200),
  "back\\slash",
  "$HOME",
  "*",
  "...",
];

const CONFIG = `import { buildLayeredImage, files, text } from "image-dsl";
export default buildLayeredImage({
  name: "names",
  contents: [files("tree", { dest: "/data" }), text("/etc/motd", "hello\\n")],
  config: { Cmd: ["/bin/true"], Env: ["A=1"] },
});
`;

function writeTree(folder: string, names: readonly string[]): void {
  for (const name of names) {
    mkdirSync(join(folder, "tree", name), { recursive: true });
    for (const inner of names)
      writeFileSync(join(folder, "tree", name, inner), `${name}/${inner}`, { mode: inner.length % 2 ? 0o755 : 0o600 });
  }
}

function project(names: readonly string[]): { path: string; dispose(): void } {
  const folder = openFolder("names");
  writeProject(folder.path, { "image.config.ts": CONFIG });
  writeTree(folder.path, names);
  return folder;
}

const first = project(NAMES);
const cache = openFolder("cache");
const base: RunOptions = { cwd: first.path, env: { IMAGE_DSL_CACHE: cache.path } };
const expected = digestOf([], base);

test.after(() => {
  first.dispose();
  cache.dispose();
});

test("a second run, another folder, another directory order, a cold cache", () => {
  assert.is(digestOf([], base), expected);
  const second = project(NAMES.toReversed());
  const cold = openFolder("cold");
  try {
    assert.is(digestOf([], { cwd: second.path, env: { IMAGE_DSL_CACHE: cold.path } }), expected);
  } finally {
    second.dispose();
    cold.dispose();
  }
});

test("another umask, locale, time zone and number of jobs", () => {
  for (const umask of ["000", "077"]) assert.is(digestOf([], { ...base, umask }), expected, umask);
  const env = { ...base.env, TZ: "Pacific/Kiritimati", LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8" };
  assert.is(digestOf([], { ...base, env }), expected);
  for (const jobs of ["1", "4"]) assert.is(digestOf(["--jobs", jobs], base), expected, jobs);
});

test("as another user", () => {
  requireTool("setpriv");
  const home = openFolder("nobody");
  try {
    const copy = copyForNobody(first.path, join(home.path, "copy"));
    const options = {
      cwd: copy,
      env: { IMAGE_DSL_CACHE: folderForNobody(join(home.path, "cache")) },
      unprivileged: true,
    };
    assert.is(digestOf([], options), expected);
  } finally {
    home.dispose();
  }
});

for (const runtime of ["node24", "deno", "bun"] as const) {
  test(`under ${runtime}`, () => {
    assert.is(digestOf([], { ...base, runtime }), expected);
  });
}

test("from a program", () => {
  const script = `
    import { build, loadConfig } from ${JSON.stringify(pathToFileURL(join(PROJECT, "dist/index.js")).href)};
    const [result] = await build(await loadConfig(), { outputs: ["digest"] });
    console.log(result.configDigest);`;
  const file = join(first.path, "program.mjs");
  writeFileSync(file, script);
  const { status, stdout, stderr } = run([process.execPath, file], base);
  assert.is(status, 0, stderr);
  assert.is(stdout.toString().trim(), expected);
});

test("stream equals the archive, byte for byte, and both name what digest printed", () => {
  cli(["build", "-o", "docker-archive:out.tar"], base);
  const archive = readFileSync(join(first.path, "out.tar"));
  const streamed = cli(["stream"], base);
  assert.is(sha256(streamed), sha256(archive));
  assert.ok(archive.includes(`${expected.slice("sha256:".length)}.json`));
});

test.run();
