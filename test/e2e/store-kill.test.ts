// @runtimes node
// @timeout 900
import { spawn } from "node:child_process";
import {
  closeSync,
  cpSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { requireTool, suite } from "../harness.ts";
import { IS_THOROUGH } from "../sampled.ts";
import { killBuilds, openKillProject, type KillProject } from "./killed-builds.ts";
import { CLI, digestOf, must, namesIn, openFolder, runCli, type Ran, type RunOptions } from "./support.ts";

const test = suite("e2e/store-kill", { timeout: 600_000 });

/** In CI one of each kind of cache: the soak kills hundreds. */
const KILLS = IS_THOROUGH ? 20 : 4;
const SEED = 9;

let on: KillProject;
test.before(() => {
  on = openKillProject();
});
test.after(() => on.dispose());

test(`${KILLS} builds killed at random moments, each followed by one that gives the right digests`, async () => {
  const kills = await killBuilds(on, KILLS, SEED);
  assert.equal(
    kills.filter(({ problems }) => problems.length > 0),
    [],
  );
  const landed = kills.filter(({ wasLate }) => !wasLate).length;
  assert.ok(landed >= KILLS / 4, `${landed} kills found a build that still ran`);
});

test("four builds of overlapping targets at once, with one cold cache", async () => {
  on.chill();
  const [redis = "", small = ""] = on.expected.split("\n");
  const targets = [["redis", "small"], ["small"], ["redis"], ["small", "redis"]];
  const digests = { redis, small } as Record<string, string>;
  const ended = await Promise.all(targets.map((names) => runAside(["build", ...names, "-o", "digest", "--quiet"])));
  assert.equal(
    ended.map(({ status, stdout, stderr }) => [status, stdout.toString().trim(), stderr]),
    targets.map((names) => [0, names.map((name) => digests[name]).join("\n"), ""]),
  );
  assertClean();
});

for (const [what, pattern, offset] of [
  ["an unpacked package", /\/packages\/.*\.tar$/, 5000],
  ["an index of a package", /\/debian-index-[^/]*\/.*\.record$/, 600],
  ["a blob", /\/blobs\/.*\/[0-9a-f]{64}$/, 1000],
  ["a seal", /\/packages\/.*\.seal$/, 10],
] as const) {
  // The archive on the disk has what is fetched again; the host's mirror shall not be asked.
  const isFetched = what === "a blob";

  test(`a byte that flips in ${what}: the right digests, and it is made anew`, () => {
    digestOf([], on.project);
    const flipped = filesBelow(on.cache).filter((file) => pattern.test(file));
    assert.ok(flipped.length > 10);
    for (const file of flipped) flip(file, offset);
    const targets = isFetched ? ["small"] : [];
    const found = runCli(["build", ...targets, "-o", "digest", "--quiet"], on.project);
    const expected = isFetched ? on.expected.split("\n")[1] : on.expected;
    assert.is(found.status, 0, found.stderr);
    assert.is(found.stdout.toString().trim(), expected);
    if (isFetched) on.chill();
    else assertClean();
  });

  // Without its seal, a file was never finished.
  if (what === "a seal") continue;

  test(`cache verify finds ${what} with another byte, once`, () => {
    digestOf([], on.project);
    const file = filesBelow(on.cache).find((each) => pattern.test(each))!;
    flip(file, offset);
    const found = runCli(["cache", "verify", "--json"], on.project);
    const corrupt = [file.slice(on.cache.length + 1)];
    assert.equal((JSON.parse(found.stdout.toString()) as { corrupt: string[] }).corrupt, corrupt);
    assert.is(found.status, 1);
    assert.match(found.stderr, "E_STORE");
    assertClean();
    if (isFetched) on.chill();
    assert.is(digestOf([], on.project), on.expected);
  });
}

test("a copy of the cache elsewhere is as good, without a network", () => {
  digestOf([], on.project);
  const folder = openFolder("copy");
  try {
    const copy = join(folder.path, "cache");
    must(["cp", "-r", on.cache, copy], { cwd: "/" });
    const dead = "http://127.0.0.1:9";
    const env = { IMAGE_DSL_CACHE: copy, http_proxy: dead, https_proxy: dead, no_proxy: "" };
    const unpacked = inodes(join(copy, "packages"));
    assert.is(digestOf([], { cwd: on.project.cwd, env }), on.expected);
    assert.equal(inodes(join(copy, "packages")), unpacked, "nothing was unpacked again");
    assert.is(runCli(["cache", "verify"], { cwd: "/", env }).status, 0);
  } finally {
    folder.dispose();
  }
});

test("garbage is collected all the time while builds run, and everything in the cache is old", async () => {
  const [, small] = on.expected.split("\n");
  digestOf(["small"], on.project);
  for (let round = 0; round < (IS_THOROUGH ? 3 : 1); round++) {
    const old = Date.now() / 1000 - 3 * 24 * 60 * 60;
    for (const file of filesBelow(on.cache)) if (/\.(seal|record)$/.test(file)) utimesSync(file, old, old);
    const state = { isRunning: true };
    const build = runAside(["build", "small", "-o", "digest", "--quiet"]);
    void build.finally(() => (state.isRunning = false));
    while (state.isRunning) {
      const { status, stderr } = await runAside(["cache", "gc", "--max-size", "0"]);
      assert.is(status, 0, stderr);
    }
    const { status, stdout, stderr } = await build;
    assert.is(status, 0, stderr);
    assert.is(stdout.toString().trim(), small);
  }
  assert.is(runCli(["cache", "gc", "--max-size", "0"], on.project).status, 0);
  const { total } = JSON.parse(runCli(["cache", "ls", "--json"], on.project).stdout.toString()) as {
    total: { files: number };
  };
  assert.is(total.files, 0, "nobody uses any of it now");
  on.chill();
});

test("a full disk: an error that names the cache and the mend, nothing half-written; then it works", () => {
  requireTool("mount");
  const folder = openFolder("full");
  const env = { IMAGE_DSL_CACHE: join(folder.path, "cache") };
  const project = { cwd: on.project.cwd, env };
  must(["mount", "-t", "tmpfs", "-o", "size=50m,mode=0700", "tmpfs", folder.path], { cwd: "/" });
  try {
    on.chill();
    cpSync(join(on.cache, "blobs"), join(env.IMAGE_DSL_CACHE, "blobs"), { recursive: true });
    const full = runCli(["build", "redis", "-o", "digest", "--quiet"], project);
    assert.is(full.status, 1, full.stdout.toString());
    assert.match(full.stderr, "E_NO_SPACE");
    assert.match(full.stderr, env.IMAGE_DSL_CACHE);
    assert.match(full.stderr, "image-dsl cache gc");
    assert.match(full.stderr, "IMAGE_DSL_CACHE");
    assert.equal(namesIn(join(env.IMAGE_DSL_CACHE, "tmp")), []);
    // Down to the last block.
    must(["sh", "-c", "dd if=/dev/zero of=ballast bs=4k 2>/dev/null || true"], { cwd: folder.path });
    assert.match(runCli(["build", "redis", "-o", "digest", "--quiet"], project).stderr, "E_NO_SPACE");
    assert.is(runCli(["cache", "verify"], project).status, 0);
    const unpacked = join(env.IMAGE_DSL_CACHE, "packages");
    assert.ok(filesBelow(unpacked).length > 0);
    const blobs = filesBelow(join(env.IMAGE_DSL_CACHE, "blobs")).reduce((sum, file) => sum + statSync(file).size, 0);
    assert.is(runCli(["cache", "gc", "--max-size", String(blobs)], project).status, 0);
    assert.equal(filesBelow(unpacked), []);
    rmSync(join(folder.path, "ballast"));
    must(["mount", "-o", "remount,size=500m", folder.path], { cwd: "/" });
    assert.is(digestOf(["redis"], project), on.expected.split("\n")[0]);
    assert.is(runCli(["cache", "verify"], project).status, 0);
  } finally {
    must(["umount", folder.path], { cwd: "/" });
    folder.dispose();
  }
});

test.run();

function assertClean(): void {
  const { status, stdout, stderr } = runCli(["cache", "verify"], on.project);
  assert.is(status, 0, `${stdout.toString()}${stderr}`);
  for (const folder of ["tmp", "running"]) assert.equal(namesIn(join(on.cache, folder)), []);
}

function filesBelow(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function inodes(directory: string): readonly number[] {
  return filesBelow(directory)
    .filter((file) => file.endsWith(".tar"))
    .map((file) => statSync(file).ino);
}

/** Changes a byte in place. */
function flip(file: string, offset: number): void {
  const at = Math.min(offset, statSync(file).size - 1);
  const { [at]: byte = 0 } = readFileSync(file);
  const descriptor = openSync(file, "r+");
  writeSync(descriptor, Uint8Array.of(byte ^ 1), 0, 1, at);
  closeSync(descriptor);
}

/** Like `runCli`, beside others. */
function runAside(args: readonly string[], options: RunOptions = on.project): Promise<Ran> {
  const { CI: _ci, ...inherited } = process.env;
  const child = spawn(process.execPath, [CLI, ...args], { cwd: options.cwd, env: { ...inherited, ...options.env } });
  const stdout: Buffer[] = [];
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => void stdout.push(chunk));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return new Promise((resolve) => {
    child.on("close", (status) => resolve({ status, stdout: Buffer.concat(stdout), stderr }));
  });
}
