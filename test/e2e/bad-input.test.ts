// @runtimes node
// @timeout 240
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { requireTool, suite, tmp } from "../harness.ts";
import { SUITE, openArchive, type TestArchive } from "./debian-archive.ts";
import { CLI, digestOf, must, namesIn, openFolder, run, runCli, type Ran, type RunOptions } from "./support.ts";

const test = suite("e2e/bad-input");

let archive: TestArchive;
let folder: { path: string; dispose(): void };
let good: RunOptions;
let goodDigest = "";

/** A project that builds, and what it gives: whatever goes wrong beside it, the same cache gives that again. */
test.before(() => {
  archive = openArchive([
    { name: "server", fields: { Depends: "library" }, files: { "usr/bin/server": "x".repeat(300_000) } },
    { name: "library" },
    { name: "needs-old", fields: { Depends: "middle" } },
    { name: "middle", fields: { Depends: "library (<< 0.5)" } },
    { name: "rival", fields: { Conflicts: "library" } },
  ]);
  folder = openFolder("bad");
  const project = join(folder.path, "good");
  mkdirSync(project);
  good = { cwd: project, env: { IMAGE_DSL_CACHE: join(folder.path, "cache"), TMPDIR: join(folder.path, "tmp") } };
  mkdirSync(join(folder.path, "tmp"));
  writeFileSync(join(project, "image.config.mjs"), packagesConfig(["server"]));
  goodDigest = digestOf([], good);
});
test.after.each(assertCacheIntact);
test.after(() => {
  archive.dispose();
  folder.dispose();
});

test("no config", () => {
  const ended = refused("", ["build"], 2);
  assert.match(ended.stderr, /No image\.config\.ts in "\/\S+" or above it/);
  assert.match(ended.stderr, "init --list");
});

test("an output or a cache below /proc, where no folder can be made: an error, and at once", () => {
  const config = `import { buildLayeredImage, text } from "image-dsl";
    export default buildLayeredImage({ name: "image", contents: [text("/motd", "hello")] });`;
  for (const output of ["rootfs:/proc/x", "rootfs:/proc/x/y", "docker-archive:/proc/x/y.tar"]) {
    const ended = refused(config, ["build", "-o", output], 1);
    assert.match(ended.stderr, /^Error: Cannot write \/proc\/x/m);
    assert.match(ended.stderr, "E_OUTPUT");
  }
  const { stderr } = refused(config, ["build"], 1, { env: { ...good.env, IMAGE_DSL_CACHE: "/proc/x" } });
  assert.match(stderr, "Cannot make the cache folder /proc/x");
});

test("a config that throws: its words, file and line", () => {
  const config = `import { text } from "image-dsl";\n\nthrow new TypeError("there is no moon");\nexport default text;\n`;
  const ended = refused(config, ["build"], 2);
  assert.match(ended.stderr, "there is no moon");
  assert.match(ended.stderr, /\/image\.config\.mjs:3\b/);
});

test("a config that throws while its images are made", () => {
  const config = `import { buildLayeredImage } from "image-dsl";\nexport default {\n images: () => {\n  throw new Error("no images today");\n } };\n`;
  const ended = refused(config, ["build"], 2);
  assert.match(ended.stderr, "no images today");
  assert.match(ended.stderr, "image.config.mjs");
});

test("a config with a syntax error: file and line", () => {
  const ended = refused(`export default {\n  images: {,\n};\n`, ["build"], 2);
  assert.match(ended.stderr, /image\.config\.mjs:2\b/);
});

test("wrong types: all problems at once, each with its path", () => {
  const config = `import { buildLayeredImage, debian, files, text } from "image-dsl";
    export default { outputs: "x", images: {
      one: buildLayeredImage({ name: "one", maxLayers: "9", contents: [files(7), text("/a", 7)], config: { Cmd: "/bin/sh -c x" } }),
      two: buildLayeredImage({ name: "two", contentz: [], contents: [debian({ suite: 12, packages: [] })], config: { Env: { A: "1" } } }),
    } };`;
  const { stderr } = refused(config, ["build"], 2);
  assert.match(stderr, /The config has \d+ problems/);
  for (const path of [
    "outputs",
    "images.one.maxLayers",
    "images.one.contents[0]",
    "images.one.contents[1]",
    "images.one.config.Cmd",
    "images.two.contents[0].suite",
    "images.two.contents[0].packages",
    "images.two.config.Env",
    "images.two.contentz",
  ]) {
    assert.match(stderr, `\n    ${path}`, path);
  }
  assert.match(stderr, `did you mean "contents"?`);
});

test("a string Cmd is refused when the config is read, and the message shows how to write it", () => {
  const config = `import { buildLayeredImage, text } from "image-dsl";
    export default buildLayeredImage({ name: "a", contents: [text("/a", "a")], config: { Cmd: "redis-server" } });`;
  const { stderr } = refused(config, ["build"], 2);
  assert.match(stderr, /config\.Cmd: expected a list of texts, such as \["redis-server"\]/);
});

test("an unknown target, an unknown transport, an unknown option, an unknown command", () => {
  const config = packagesConfig(["server"]);
  assert.match(refused(config, ["build", "imag"], 2).stderr, /no image "imag"[^]*Did you mean "image"\?/);
  const transport = refused(config, ["build", "-o", "docker-archve:out.tar"], 2).stderr;
  assert.match(transport, /"docker-archve:out\.tar"[^]*docker-archive:PATH/);
  assert.match(refused(config, ["build", "-o", "docker-archive"], 2).stderr, "docker-archive:PATH");
  assert.match(refused(config, ["build", "--outptu", "x"], 2).stderr, "--output");
  assert.match(refused(config, ["biuld"], 2).stderr, "build");
  assert.match(refused(config, ["build", "--platform", "linux"], 2).stderr, "linux");
  assert.match(refused(config, ["build", "--jobs", "0"], 2).stderr, "--jobs");
});

test("a name that no archive can have, and one for two images: refused before anything is collected", () => {
  // Whatever would be collected first would end in another error.
  const config = `import { buildLayeredImage, files } from "image-dsl";
    const image = (name) => buildLayeredImage({ name, contents: [files("not-there")] });
    export default { images: { a: image("a"), b: image("b") } };`;
  const malformed = refused(config, ["build", "a", "-o", "docker-archive:a.tar:Not A Name"], 2);
  assert.match(malformed.stderr, '"docker-archive:a.tar:Not A Name" has no NAME:TAG behind its path');
  const shared = refused(config, ["build", "-o", "docker-archive:a.tar:name:tag"], 2);
  assert.match(shared.stderr, '"docker-archive:a.tar:name:tag" gives one name to 2 images');
});

test("an unknown package: names that are near", () => {
  const { stderr } = refused(packagesConfig(["servr"]), ["build"], 1);
  assert.match(stderr, /"?servr"?/);
  assert.match(stderr, /Did you mean "?server"?/);
});

test("a dependency that cannot be met: the chain that leads to it", () => {
  const { stderr } = refused(packagesConfig(["needs-old"]), ["build"], 1);
  assert.match(stderr, /"Depends: library \(<< 0\.5\)" of middle 1\.0 \(needed by needs-old\)/);
  assert.match(stderr, "1.0", "and what there is instead");
});

test("packages that conflict are both named", () => {
  const { stderr } = refused(packagesConfig(["server", "rival"]), ["build"], 1);
  assert.match(stderr, /rival/);
  assert.match(stderr, /library/);
  assert.match(stderr, /conflict/i);
});

test("a package whose bytes are not those that the index names", () => {
  tampered(archive.deb("server"), (file) => appendFileSync(file, "x"), "E_HASH_MISMATCH", /server/);
});

test("an index whose bytes are not those that were signed", () => {
  const index = join(archive.directory, `dists/${SUITE}/main/binary-amd64/Packages`);
  tampered(index, (file) => appendFileSync(file, "\n"), "E_HASH_MISMATCH", /Packages/);
});

test("a release file that was changed after it was signed", () => {
  const release = join(archive.directory, `dists/${SUITE}/InRelease`);
  const change = (file: string) =>
    writeFileSync(file, readFileSync(file, "utf8").replace("Origin: Debian", "Origin: Debiam"));
  tampered(release, change, "E_DEBIAN_SIGNATURE", /InRelease/);
});

test("a release signed by a key that is not trusted", () => {
  const other = openArchive([]);
  try {
    const config = packagesConfig(["server"], { keyring: other.keyring });
    const { stderr } = refused(config, ["build"], 1, fresh());
    assert.match(stderr, /E_DEBIAN_(SIGNATURE|KEYRING)/);
    assert.match(stderr, /sign/i);
  } finally {
    other.dispose();
  }
});

test("a release that nobody signed: refused, unless the config says that it may be", () => {
  const release = join(archive.directory, `dists/${SUITE}/InRelease`);
  rmSync(release);
  try {
    const { stderr } = refused(packagesConfig(["server"]), ["build"], 1, fresh());
    assert.match(stderr, /sign/i);
    const allowed = place(packagesConfig(["server"], { allowUnsigned: true }));
    assert.is(digestOf([], { ...fresh(), cwd: allowed }), goodDigest);
  } finally {
    archive.sign();
  }
});

test("no network: nobody listens, no such host; the message has the address and no stack", () => {
  for (const mirror of ["http://127.0.0.1:9/archive", "http://archive.invalid/archive"]) {
    const { stderr } = refused(packagesConfig(["server"], { mirror }), ["build"], 1, fresh());
    assert.match(stderr, "E_NETWORK");
    assert.match(stderr, mirror);
  }
});

test("a mirror that has no such suite, a keyring that is not there: the option is named", () => {
  const suite = refused(packagesConfig(["server"], { suite: "nonesuch" }), ["build"], 1, fresh());
  assert.match(suite.stderr, "nonesuch");
  const keyring = refused(packagesConfig(["server"], { keyring: "/nonexistent.gpg" }), ["build"], 1, fresh());
  assert.match(keyring.stderr, "/nonexistent.gpg");
  assert.match(keyring.stderr, "keyring");
});

for (const runtime of ["node", "deno", "bun"] as const) {
  test(`${runtime}: a full disk under the cache is told, and with more room the same cache serves`, () => {
    withSmallDisk((disk) => {
      const options = { env: { ...good.env, IMAGE_DSL_CACHE: join(disk, "cache") }, runtime };
      const { stderr } = refused(packagesConfig(["server"]), ["build"], 1, options);
      assert.match(stderr, "E_NO_SPACE");
      assert.match(stderr, disk);
      must(["mount", "-o", "remount,size=64m", disk], { cwd: "/" });
      assert.is(digestOf([], { ...options, cwd: place(packagesConfig(["server"])) }), goodDigest);
    });
  });
}

test("a full disk under the output: nothing half-written, and what was there before is still there", () => {
  withSmallDisk((disk) => {
    writeFileSync(join(disk, "out.tar"), "the earlier one");
    for (const output of [`docker-archive:${disk}/out.tar`, `rootfs:${disk}/root.tar`, `rootfs:${disk}/root`]) {
      const { status, stderr } = runCli(["build", "-o", output], good);
      assert.is(status, 1, stderr);
      assert.match(stderr, "E_NO_SPACE", output);
      assert.equal(namesIn(disk), ["out.tar"], output);
    }
    assert.is(readFileSync(join(disk, "out.tar"), "utf8"), "the earlier one");
  });
  const piped = run(["sh", "-c", `"$@" > /dev/full`, "sh", process.execPath, CLI, "stream"], good);
  assert.is(piped.status, 1, piped.stderr);
  assert.match(piped.stderr, "E_NO_SPACE");
});

test("fakeroot is not there: its name, and how to get it", () => {
  // Seen by this process alone, nothing lies where the program was: PATH is not the only place that is searched.
  const fakeroot = requireTool("fakeroot");
  const hidden = ["unshare", "--mount", "sh", "-c", `mount --bind /dev/null ${fakeroot} && exec "$@"`, "sh"];
  const cwd = place(scriptConfig("fakeRootCommands", "mkdir data"));
  const { status, stderr } = run([...hidden, process.execPath, CLI, "build"], { ...good, cwd });
  assert.is(status, 1, stderr);
  assert.equal(namesIn(cwd), ["image.config.mjs"]);
  assert.match(stderr, "E_TOOL_MISSING");
  assert.match(stderr, /fakeroot[^]*install fakeroot/);
});

for (const kind of ["extraCommands", "fakeRootCommands"]) {
  test(`${kind} that fail: the last output and the exit code; the work directory only with --keep-failed`, () => {
    const script = `echo first words\nmkdir made\necho last words >&2\n(exit 3)`;
    const config = scriptConfig(kind, script);
    const { stderr } = refused(config, ["build"], 1);
    assert.match(stderr, "E_SCRIPT_FAILED");
    assert.match(stderr, kind);
    assert.match(stderr, "last words");
    assert.match(stderr, /\b3\b/);
    assert.match(stderr, "--keep-failed");
    assertNothingTemporary();

    const kept = refused(config, ["build", "--keep-failed"], 1).stderr;
    const directory = [...kept.matchAll(/\/[^\s"':,]+/g)].map(([path]) => path).find((path) => isWorkDirectory(path));
    assert.ok(directory, `no kept directory is named in: ${kept}`);
    const made = [join(directory!, "made"), join(directory!, "root/made"), join(directory!, "tree/made")];
    assert.ok(made.some(existsSync), `what the script made is not in ${directory}: ${namesIn(directory!)}`);
    rmSync(join(folder.path, "tmp"), { recursive: true });
    rmSync(join(folder.path, "cache/tmp"), { recursive: true });
    mkdirSync(join(folder.path, "tmp"));
  });
}

test("a script that a signal ends, one whose program is not there, a function that throws", () => {
  assert.match(refused(scriptConfig("extraCommands", "kill -9 $$"), ["build"], 1).stderr, /SIGKILL|signal 9|\b137\b/);
  const absent = refused(scriptConfig("extraCommands", "no-such-program"), ["build"], 1).stderr;
  assert.match(absent, /no-such-program[^]*not found|\b127\b/);
  const thrower = `import { buildLayeredImage, text } from "image-dsl";
    export default buildLayeredImage({ name: "a", contents: [text("/a", "a")], extraCommands: () => { throw new Error("no hands") } });`;
  assert.match(refused(thrower, ["build"], 1).stderr, "no hands");
});

test.run();

/** Runs the command line in a new folder with this config and looks that nothing but the given status came of it. */
function refused(config: string, args: readonly string[], status: number, options: Partial<RunOptions> = {}): Ran {
  const cwd = config === "" ? tmp() : place(config);
  const output = join(cwd, "out.tar");
  writeFileSync(output, "the earlier one");
  const before = namesIn(cwd);
  const isBuild = args[0] === "build" && !args.includes("-o");
  const ended = runCli([...args, ...(isBuild ? ["-o", "docker-archive:out.tar"] : [])], { ...good, ...options, cwd });
  const said = `${ended.stderr}\n${ended.stdout.toString()}`;
  assert.is(ended.status, status, said);
  assert.not.match(ended.stderr, /^ +at (?:\S+ )?\(?(?:file|node):/m, "a stack is for --verbose");
  assert.equal(namesIn(cwd), before, "nothing half-written is left");
  assert.is(readFileSync(output, "utf8"), "the earlier one", "what was there before is still there");
  return ended;
}

function place(config: string): string {
  const cwd = tmp();
  writeFileSync(join(cwd, "image.config.mjs"), config);
  return cwd;
}

function packagesConfig(packages: readonly string[], more: Readonly<Record<string, unknown>> = {}): string {
  const options = { suite: SUITE, mirror: archive.uri, keyring: archive.keyring, packages, ...more };
  return `import { buildLayeredImage, debian } from "image-dsl";
    export default buildLayeredImage({ name: "image", contents: [debian(${JSON.stringify(options)})] });`;
}

function scriptConfig(kind: string, script: string): string {
  return `import { buildLayeredImage, text } from "image-dsl";
    export default buildLayeredImage({ name: "image", contents: [text("/a", "a")], ${kind}: ${JSON.stringify(script)} });`;
}

/** With a cache of its own, so that everything is fetched and checked. */
function fresh(): Pick<RunOptions, "env"> {
  return { env: { ...good.env, IMAGE_DSL_CACHE: join(tmp(), "cache") } };
}

/** With the file changed the build is refused; with the file as it was, the same cache gives the image. */
function tampered(file: string, change: (file: string) => void, code: string, words: RegExp): void {
  const original = readFileSync(file);
  const options = fresh();
  change(file);
  try {
    const { stderr } = refused(packagesConfig(["server"]), ["build"], 1, options);
    assert.match(stderr, code);
    assert.match(stderr, words);
  } finally {
    writeFileSync(file, original);
  }
  assert.is(digestOf([], { ...options, cwd: place(packagesConfig(["server"])) }), goodDigest);
}

function withSmallDisk(work: (disk: string) => void): void {
  const disk = tmp();
  must(["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", disk], { cwd: "/" });
  try {
    work(disk);
  } finally {
    must(["umount", "--lazy", disk], { cwd: "/" });
  }
}

function isWorkDirectory(path: string): boolean {
  return existsSync(path) && path.startsWith(folder.path) && !path.endsWith("/cache");
}

function assertNothingTemporary(): void {
  assert.equal(namesIn(join(folder.path, "tmp")), []);
  assert.equal(namesIn(join(folder.path, "cache/tmp")), []);
}

function assertCacheIntact(): void {
  assert.is(
    archive.away(() => digestOf([], good)),
    goodDigest,
    "the cache serves as before, without the archive",
  );
  assertNothingTemporary();
}
