/** Packages from git: which files of a commit they are, how they are pinned, and what is refused. */
import { createHash, randomBytes } from "node:crypto";
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import * as assert from "uvu/assert";
import { gitOrigin } from "../../../plugins/npm/locks/git-origin.ts";
import { scriptedServer } from "../../core/http/servers.ts";
import { GIT_PACKAGE, committed, gitIn, gitRepository, type Repository } from "../../fixtures/git/repository.ts";
import { suite, tmp } from "../../harness.ts";
import { buildOf, refusalOf, writeLock } from "./projects.ts";

const test = suite("npm/git", { timeout: 120_000 });

const OWN = { "package.json": { name: "own", version: "1.0.0", main: "index.js" }, "index.js": "1" };

/** A project with one package from git. */
function projectOf({ address, commit }: Pick<Repository, "address" | "commit">): string {
  const dir = tmp();
  const resolved = `${address}#${commit}`;
  writeLock(
    dir,
    { dependencies: { own: address } },
    { "node_modules/own": { version: "1.0.0", resolved, integrity: "sha512-AAAA" } },
  );
  return dir;
}

/** For pnpm, whose lock names a tarball of the repository. */
function pnpmProjectOf(tarball: string, more = ""): string {
  const dir = tmp();
  const version = `${tarball}${more.includes("path:") ? "#path:/inner" : ""}`;
  writeFileSync(join(dir, "package.json"), JSON.stringify({ name: "app", dependencies: { own: version } }));
  writeFileSync(
    join(dir, "pnpm-lock.yaml"),
    `lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      own:
        specifier: ${version}
        version: ${version}
packages:
  own@${version}:
    resolution: {gitHosted: true, tarball: ${tarball}${more}}
    version: 1.0.0
snapshots:
  own@${version}: {}
`,
  );
  return dir;
}

test("the package is what npm publishes of the commit, with its modes and without links; our lock pins it, and the store keeps it", async () => {
  const repository = gitRepository({ ...GIT_PACKAGE, "lib/link.js": "-> index.js", "lib/more.js": "1" });
  writeFileSync(join(repository.directory, "lib/more.js"), "2");
  committed(repository.directory);
  const dir = projectOf(repository);
  const store = tmp();
  // As in a hook of git's.
  process.env["GIT_DIR"] = "/nonexistent";
  await buildOf({ dir }, { outputs: [`rootfs:${join(dir, "out")}`], store });
  delete process.env["GIT_DIR"];
  const own = join(dir, "out/app/node_modules/own");
  assert.is(readFileSync(join(own, "lib/more.js"), "utf8"), "1");
  assert.is(statSync(join(own, "lib/cli.js")).mode & 0o777, 0o755);
  for (const left of ["test", ".gitignore", ".git", "lib/left-out.js", "lib/link.js"]) {
    assert.not(existsSync(join(own, left)), left);
  }
  const lock = join(dir, "image.lock.json");
  const pinned = readFileSync(lock, "utf8");
  assert.match(pinned, repository.commit);
  rmSync(repository.directory, { recursive: true });
  await buildOf({ dir }, { store });
  assert.is(readFileSync(lock, "utf8"), pinned);
});

test("a package that is another one than our lock pins is refused", async () => {
  const dir = projectOf(gitRepository(OWN));
  await buildOf({ dir });
  const lock = join(dir, "image.lock.json");
  writeFileSync(lock, readFileSync(lock, "utf8").replace(/"sha512-[^"]+"/g, `"sha512-${"A".repeat(86)}=="`));
  assert.match(
    await refusalOf({ dir }),
    /^E_HASH_MISMATCH commit \w+ of file:\/\/\S+ has the integrity sha512-.* --update-lock/,
  );
});

test("hosts that give tarballs are asked for one, and by https before ssh", () => {
  const commit = "a".repeat(40);
  const asked = (text: string) => {
    const { archive, repositories } = gitOrigin(text, commit, "published")!;
    return [archive, ...repositories!];
  };
  const https = "https://github.com/a/b.git";
  const ssh = "ssh://git@github.com/a/b.git";
  const archive = `https://codeload.github.com/a/b/tar.gz/${commit}`;
  for (const text of [`git+${ssh}#x`, "git+ssh://git@github.com:a/b.git", "git@github.com:a/b.git"])
    assert.equal(asked(text), [archive, https, ssh], text);
  assert.equal(asked(`git+${https}`), [archive, https]);
  assert.is(asked("git@bitbucket.org:a/b")[0], `https://bitbucket.org/a/b/get/${commit}.tar.gz`);
  assert.match(asked("git@gitlab.com:a/b/c.git")[0]!, "https://gitlab.com/a/b/c/repository/archive.tar.gz?ref=aaa");
  assert.equal(asked("ssh://git@git.example:2222/a.git"), [undefined, "ssh://git@git.example:2222/a.git"]);
  for (const text of ["git+ext::sh", "-u:x", "/a/b", "git+ftp://h/a"])
    assert.is(gitOrigin(text, commit, "whole"), undefined);
});

test("what cannot be reached, is not there, or is no package yet is refused, with its mend", async () => {
  const whole = gitRepository(OWN);
  const inner = gitRepository({ "README.md": "none" });
  const holding = gitRepository(OWN);
  gitIn(holding.directory, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", inner.directory, "inner");
  const unbuilt = {
    ...OWN,
    "package.json": { ...OWN["package.json"], main: "dist/a.js", scripts: { prepare: "tsc" } },
  };
  const rows: readonly [Pick<Repository, "address" | "commit">, string][] = [
    [{ ...whole, commit: "0".repeat(40) }, `E_NPM_GIT own@1.0.0: there is no commit ${"0".repeat(40)} in file://`],
    [{ ...whole, address: "git+file:///nonexistent/own" }, "E_NPM_GIT own@1.0.0: git cannot fetch file:///nonexistent"],
    [inner, "E_NPM_GIT own@1.0.0: there is no package.json at "],
    [committed(holding.directory), "has submodules, which are not fetched (Depend on"],
    [gitRepository(unbuilt), 'it has no "dist/a.js", which its package.json names: its script "prepare" would make it'],
    [{ ...whole, commit: "main" }, "which is no tarball and no commit of a repository"],
    [{ ...whole, address: "git+ext::sh" }, "which is no tarball and no commit of a repository"],
  ];
  for (const [repository, said] of rows) assert.match(await refusalOf({ dir: projectOf(repository) }), said, said);
  const { PATH } = process.env;
  process.env["PATH"] = tmp();
  const refused = await refusalOf({ dir: projectOf(whole) });
  process.env["PATH"] = PATH;
  assert.match(refused, /E_TOOL_MISSING .*git/);
});

test("a repository, and a commit, that is too large is refused", async () => {
  const limits = { "unpack.bytes": 100_000 };
  const noise = randomBytes(200_000).toString("base64");
  const said = /^E_NPM_GIT own@1.0.0: \S+ has more than .*unpack\.bytes/;
  assert.match(await refusalOf({ dir: projectOf(gitRepository({ ...OWN, noise })), limits }), said);
  const even = gitRepository({ ...OWN, even: "a".repeat(200_000) });
  assert.match(await refusalOf({ dir: projectOf(even), limits }), said);
});

/** Conditions in conditions. */
const NESTED = `{"name":"own","version":"1.0.0","scripts":{"build":"x"},"exports":${'{"a":'.repeat(100_000)}"./deep"${"}".repeat(100_000)}}`;

test("git's own folder is no part of a package, whatever that names: its log says who uses this machine", async () => {
  const dir = projectOf(gitRepository({ ...OWN, "package.json": { ...OWN["package.json"], main: ".git/**" } }));
  await buildOf({ dir }, { outputs: [`rootfs:${join(dir, "out")}`] });
  assert.not(existsSync(join(dir, "out/app/node_modules/own/.git")));
});

test("a repository that was made to do harm brings nothing of this machine, and holds nothing up", async () => {
  const host = tmp();
  writeFileSync(join(host, "package.json"), JSON.stringify(OWN["package.json"]));
  const manifest = (more: object) => ({ ...OWN, "package.json": { ...OWN["package.json"], ...more } });
  const zeros = Buffer.alloc(70 * 1024 ** 2).toString("latin1");
  const stars = { ...OWN, [`${"a".repeat(200)}`]: "1" };
  const rows: readonly [files: Readonly<Record<string, string | object>>, said: RegExp][] = [
    [{ ...OWN, "package.json": `-> ${host}/package.json` }, /leads out of its repository, at "package\.json"/],
    [{ ...OWN, ".npmignore": "-> /dev/zero" }, /leads out of its repository, at "\.npmignore"/],
    [{ ...OWN, "a/.gitignore": "-> nowhere" }, /leads out of its repository, at "a\/\.gitignore"/],
    [{ ...OWN, ".npmignore/a": "1" }, /\.npmignore cannot be read/],
    [{ ...stars, ".npmignore": `${"*a".repeat(20)}b` }, /its \.npmignore says of what is published takes too long/],
    [{ ...stars, ...manifest({ files: [`${"*a".repeat(20)}b`] }) }, /its package\.json says .* takes too long/],
    [{ ...stars, ".npmignore": "+(a|aa)+(a|aa)b" }, /takes too long/],
    [{ ...OWN, ".npmignore": "{1..100000000}" }, /takes too long/],
    [{ ...stars, ...manifest({ files: [`${"?(a|a)".repeat(60)}b`] }) }, /its package\.json says .* takes too long/],
    [{ ...stars, ".npmignore": `${"@(a|aa)".repeat(60)}b` }, /its \.npmignore says .* takes too long/],
    [{ ...stars, ".npmignore": `${"!(a)".repeat(20)}b` }, /takes too long/],
    [manifest({ files: ["lib/!(*.test).js", "@(a|b)/**"] }), /nothing was refused/],
    [{ ...OWN, "package.json": NESTED }, /it has no "deep", which its package\.json names/],
    [
      manifest({ main: "../../x", scripts: { build: "x" } }),
      /it has no "\.\.\/\.\.\/x", which its package\.json names/,
    ],
    [manifest({ files: [1] }), /files that are no list of texts/],
    [{ ...OWN, zeros }, /has more than 250 times the bytes that went in/],
    [manifest({ main: "lib/../index.js", files: ["lib/**/*.{js,ts}", "!**/*.test.*"] }), /nothing was refused/],
  ];
  for (const [files, said] of rows) assert.match(await refusalOf({ dir: projectOf(gitRepository(files)) }), said);

  const { directory, address } = gitRepository({ ...OWN, "d/a": "1", "d/b": "1" });
  const treeOf = (...lines: string[]) => gitIn({ directory, input: lines.join("\n") }, "mktree");
  let tree = gitIn(directory, "rev-parse", "HEAD:d");
  for (let depth = 0; depth < 30; depth++) tree = treeOf(`040000 tree ${tree}\ta`, `040000 tree ${tree}\tb`);
  const root = treeOf(
    `040000 tree ${tree}\td`,
    `100644 blob ${gitIn(directory, "rev-parse", "HEAD:package.json")}\tpackage.json`,
  );
  const commit = gitIn(directory, "commit-tree", root, "-m", "all");
  gitIn(directory, "update-ref", "refs/heads/main", commit);
  const bomb = projectOf({ address, commit });
  assert.match(await refusalOf({ dir: bomb, limits: { "tar.entries": 1000 } }), /has more than 1000 headers/);
});

test("a folder of a repository is none where a link leads out of it", async () => {
  const host = tmp();
  for (const [name, text] of Object.entries(OWN)) writeFileSync(join(host, name), JSON.stringify(text));
  const { directory, commit } = gitRepository({ ...OWN, inner: `-> ${host}` });
  gitIn(directory, "archive", "--prefix=own-1/", `--output=${directory}/a.tar`, "HEAD");
  const bytes = gzipSync(readFileSync(join(directory, "a.tar")));
  const server = await scriptedServer((_, response) => void response.end(bytes));
  const dir = pnpmProjectOf(`${server.url}/own/tar.gz/${commit}`, ", path: /inner");
  const said = await refusalOf({ dir });
  await server.close();
  assert.match(said, 'E_NPM_PACKAGE own@1.0.0 has a link that leads out of its repository, at "inner/package.json"');
});

test("a host's tarball of the repository is packed alike, one of its folders too; its integrity is checked where the lock has it", async () => {
  const { directory, commit } = gitRepository({
    ...OWN,
    "inner/package.json": OWN["package.json"],
    "inner/index.js": "2",
  });
  const tar = gitIn(directory, "archive", "--prefix=own-1/", `--output=${directory}/a.tar`, "HEAD");
  assert.is(tar, "");
  const bytes = gzipSync(readFileSync(join(directory, "a.tar")));
  const host = await scriptedServer((request, response) => {
    if (request.url === `/own/tar.gz/${commit}`) response.end(bytes);
    else response.writeHead(404).end();
  });
  try {
    const tarball = `${host.url}/own/tar.gz/${commit}`;
    const sum = (text: string | Buffer) => `sha512-${createHash("sha512").update(text).digest("base64")}`;
    for (const [more, found] of [
      [`, integrity: ${sum(bytes)}`, "1"],
      [", path: /inner", "2"],
    ] as const) {
      const dir = pnpmProjectOf(tarball, more);
      await buildOf({ dir }, { outputs: [`rootfs:${join(dir, "out")}`] });
      assert.is(readFileSync(join(dir, "out/app/node_modules/own/index.js"), "utf8"), found);
    }
    const other = await refusalOf({ dir: pnpmProjectOf(tarball, `, integrity: ${sum("")}`) });
    assert.match(other, "E_HASH_MISMATCH");
    const gone = await refusalOf({ dir: pnpmProjectOf(tarball.replace("/own/", "/gone/")) });
    assert.match(gone, "E_NPM_GIT own@1.0.0 is not at http://");
    assert.match(await refusalOf({ dir: pnpmProjectOf(tarball, ", path: /../inner") }), "and is no tarball");
  } finally {
    await host.close();
  }
});

test.run();
