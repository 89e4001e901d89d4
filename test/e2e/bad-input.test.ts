// @runtimes node
// @timeout 240
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { requireTool, suite, tmp } from "../harness.ts";
import { IS_THOROUGH, sampled } from "../sampled.ts";
import { SUITE, openArchive, type TestArchive } from "./debian-archive.ts";
import {
  CLI,
  digestOf,
  failuresOf,
  must,
  namesIn,
  openFolder,
  run,
  runCli,
  type Ran,
  type RunOptions,
} from "./support.ts";

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
// After each where it is to be known which; once is enough to see that none did harm.
test.after.each(() => {
  if (IS_THOROUGH) assertCacheIntact();
});
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
  for (const output of sampled(["rootfs:/proc/x", "rootfs:/proc/x/y", "docker-archive:/proc/x/y.tar"], 2)) {
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

test("an unknown package: names that are near; a dependency that cannot be met: the chain; packages that conflict: both", () => {
  const config = targetsConfig({
    unknown: debianCall(["servr"]),
    unmet: debianCall(["needs-old"]),
    conflict: debianCall(["server", "rival"]),
  });
  const told = failuresOf(refused(config, ["build", "--keep-going", "-o", "digest"], 1));
  assert.match(told.get("unknown")!, /"?servr"?/);
  assert.match(told.get("unknown")!, /Did you mean "?server"?/);
  assert.match(told.get("unmet")!, /"Depends: library \(<< 0\.5\)" of middle 1\.0 \(needed by needs-old\)/);
  assert.match(told.get("unmet")!, "1.0", "and what there is instead");
  assert.match(told.get("conflict")!, /rival/);
  assert.match(told.get("conflict")!, /library/);
  assert.match(told.get("conflict")!, /conflict/i);
});

test("release, index and package that were changed after they were signed, one after the other: the same cache gives the image in the end", () => {
  const dist = join(archive.directory, "dists", SUITE);
  const options = fresh();
  const change = (file: string) =>
    writeFileSync(file, readFileSync(file, "utf8").replace("Origin: Debian", "Origin: Debiam"));
  tampered(join(dist, "InRelease"), change, "E_DEBIAN_SIGNATURE", /InRelease/, options);
  const index = join(dist, "main/binary-amd64/Packages");
  tampered(index, (file) => appendFileSync(file, "\n"), "E_HASH_MISMATCH", /Packages/, options);
  tampered(archive.deb("server"), (file) => appendFileSync(file, "x"), "E_HASH_MISMATCH", /server/, options);
  assert.is(digestOf([], { ...options, cwd: place(packagesConfig(["server"])) }), goodDigest);
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
  const mirrors = { nobody: "http://127.0.0.1:9/archive", unknown: "http://archive.invalid/archive" };
  const calls = Object.entries(mirrors).map(([target, mirror]) => [target, debianCall(["server"], { mirror })]);
  const args = ["build", "--keep-going", "-o", "digest"];
  const told = failuresOf(refused(targetsConfig(Object.fromEntries(calls)), args, 1, fresh()));
  for (const [target, mirror] of Object.entries(mirrors)) {
    assert.match(told.get(target)!, "E_NETWORK");
    assert.match(told.get(target)!, mirror);
  }
});

test("a mirror that has no such suite, a keyring that is not there: the option is named", () => {
  const config = targetsConfig({
    suite: debianCall(["server"], { suite: "nonesuch" }),
    keyring: debianCall(["server"], { keyring: "/nonexistent.gpg" }),
  });
  const told = failuresOf(refused(config, ["build", "--keep-going", "-o", "digest"], 1, fresh()));
  assert.match(told.get("suite")!, "nonesuch");
  assert.match(told.get("keyring")!, "/nonexistent.gpg");
  assert.match(told.get("keyring")!, "keyring");
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

test("scripts that fail: the last output and the exit code; the work directory only with --keep-failed", () => {
  const kinds = ["extraCommands", "fakeRootCommands"];
  const script = `echo first words\nmkdir made\necho last words >&2\n(exit 3)`;
  const config = targetsConfig({}, Object.fromEntries(kinds.map((kind) => [kind, { [kind]: script }])));
  const build = ["build", "--keep-going", "-o", "digest"];
  const told = failuresOf(refused(config, build, 1));
  for (const kind of kinds) {
    const said = told.get(kind)!;
    assert.match(said, "E_SCRIPT_FAILED");
    assert.match(said, kind);
    assert.match(said, "last words");
    assert.match(said, /\b3\b/);
    assert.match(said, "--keep-failed");
  }
  assertNothingTemporary();

  const kept = failuresOf(refused(config, [...build, "--keep-failed"], 1));
  for (const kind of kinds) {
    const said = kept.get(kind)!;
    const directory = [...said.matchAll(/\/[^\s"':,]+/g)].map(([path]) => path).find((path) => isWorkDirectory(path));
    assert.ok(directory, `no kept directory is named in: ${said}`);
    const made = [join(directory!, "made"), join(directory!, "root/made"), join(directory!, "tree/made")];
    assert.ok(made.some(existsSync), `what the script made is not in ${directory}: ${namesIn(directory!)}`);
  }
  rmSync(join(folder.path, "tmp"), { recursive: true });
  rmSync(join(folder.path, "cache/tmp"), { recursive: true });
  mkdirSync(join(folder.path, "tmp"));
});

test("a script that a signal ends, one whose program is not there, a function that throws", () => {
  const config = `import { buildLayeredImage, text } from "image-dsl";
    const made = (name, extraCommands) => buildLayeredImage({ name, contents: [text("/a", "a")], extraCommands });
    export default { signal: made("a", "kill -9 $$"), absent: made("b", "no-such-program"), throws: made("c", () => { throw new Error("no hands") }) };`;
  const told = failuresOf(refused(config, ["build", "--keep-going", "-o", "digest"], 1));
  assert.match(told.get("signal")!, /SIGKILL|signal 9|\b137\b/);
  assert.match(told.get("absent")!, /no-such-program[^]*not found|\b127\b/);
  assert.match(told.get("throws")!, "no hands");
});

test("the cache, which all of this went by, serves as before", () => {
  assertCacheIntact();
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
  return `import { buildLayeredImage, debian } from "image-dsl";
    export default buildLayeredImage({ name: "image", contents: [${debianCall(packages, more)}] });`;
}

function debianCall(packages: readonly string[], more: Readonly<Record<string, unknown>> = {}): string {
  return `debian(${JSON.stringify({ suite: SUITE, mirror: archive.uri, keyring: archive.keyring, packages, ...more })})`;
}

/** Images by target: of these contents, or of one file and these arguments. */
function targetsConfig(
  contents: Readonly<Record<string, string>>,
  others: Readonly<Record<string, object>> = {},
): string {
  const calls = Object.entries(contents).map(([name, call]) => `${name}: made("${name}", { contents: [${call}] })`);
  const rest = Object.entries(others).map(([name, more]) => `${name}: made("${name}", ${JSON.stringify(more)})`);
  return `import { buildLayeredImage, debian, text } from "image-dsl";
    const made = (name, more) => buildLayeredImage({ name, contents: [text("/a", "a")], ...more });
    export default { ${[...calls, ...rest].join(", ")} };`;
}

function scriptConfig(kind: string, script: string): string {
  return `import { buildLayeredImage, text } from "image-dsl";
    export default buildLayeredImage({ name: "image", contents: [text("/a", "a")], ${kind}: ${JSON.stringify(script)} });`;
}

/** With a cache of its own, so that everything is fetched and checked. */
function fresh(): Pick<RunOptions, "env"> {
  return { env: { ...good.env, IMAGE_DSL_CACHE: join(tmp(), "cache") } };
}

/** With the file changed the build is refused; afterwards it is as it was. */
function tampered(
  file: string,
  change: (file: string) => void,
  code: string,
  words: RegExp,
  options: Pick<RunOptions, "env">,
): void {
  const original = readFileSync(file);
  change(file);
  try {
    const { stderr } = refused(packagesConfig(["server"]), ["build"], 1, options);
    assert.match(stderr, code);
    assert.match(stderr, words);
  } finally {
    writeFileSync(file, original);
  }
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
