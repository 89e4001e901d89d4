// @runtimes node
/** Through the built CLI, whose worker threads do the decompressing. */
import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { cli, digestOf, runCli, writeProject } from "../../e2e/support.ts";
import { writeTar } from "../../fixtures/base-images/tar.ts";
import { requireTool, suite, tmp } from "../../harness.ts";

const test = suite("plugins/archive");

function project(archive: string, dest = "/opt"): string {
  return writeProject(tmp(), {
    "image.config.ts": `import { archive, buildLayeredImage } from "image-dsl";
export default buildLayeredImage({ name: "t", contents: [archive(${JSON.stringify(archive)}, { dest: "${dest}" })] });\n`,
  });
}

function packed(...args: string[]): string {
  const folder = tmp();
  mkdirSync(join(folder, "tree/sub"), { recursive: true });
  writeFileSync(join(folder, "tree/file"), "hello");
  linkSync(join(folder, "tree/file"), join(folder, "tree/sub/hard"));
  symlinkSync("/etc", join(folder, "tree/abs"));
  const out = join(folder, "x.tar");
  execFileSync("tar", [
    "--owner=7",
    "--group=8",
    "--numeric-owner",
    ...args,
    "-cf",
    out,
    "-C",
    join(folder, "tree"),
    ".",
  ]);
  return out;
}

function listing(tar: string): string[] {
  return execFileSync("tar", ["--numeric-owner", "-tvf", tar], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line) => line.replace(/ +\d+ 1970-01-01 00:00/, ""));
}

for (const [format, option, tool] of [
  ["plain", "--format=pax", "tar"],
  ["gzip", "--gzip", "gzip"],
  ["xz", "--xz", "xz"],
  ["zstd", "--zstd", "zstd"],
] as const) {
  test(`a ${format} archive comes with its owners and links`, () => {
    requireTool("tar", tool);
    const folder = project(packed(option));
    cli(["build", "-o", "rootfs:out.tar"], { cwd: folder, env: { IMAGE_DSL_CACHE: tmp() } });
    assert.equal(listing(join(folder, "out.tar")), [
      "drwxr-xr-x 0/0 opt/",
      "lrwxrwxrwx 7/8 opt/abs -> /etc",
      "-rw-r--r-- 7/8 opt/file",
      "drwxr-xr-x 7/8 opt/sub/",
      "hrw-r--r-- 7/8 opt/sub/hard link to opt/file",
    ]);
  });
}

test("a link of an archive from macOS and the same of one from Linux are one tree, with one digest", () => {
  const folder = tmp();
  for (const [name, mode] of [
    ["mac", 0o755],
    ["linux", 0o777],
  ] as const) {
    mkdirSync(join(folder, name));
    writeTar(join(folder, name, "x.tar"), [
      { path: "tool-1", text: "x" },
      { path: "tool", type: "symlink", target: "tool-1", mode },
    ]);
  }
  writeProject(folder, {
    "image.config.mjs": `import { archive, buildLayeredImage } from "image-dsl";
const image = (...systems) => buildLayeredImage({ name: "t", contents: systems.map((system) => archive(system + "/x.tar")) });
export default { images: { mac: image("mac"), linux: image("linux"), both: image("mac", "linux") } };
`,
  });
  const options = { cwd: folder, env: { IMAGE_DSL_CACHE: tmp() } };
  assert.is(digestOf(["mac"], options), digestOf(["linux"], options));
  cli(["build", "both", "mac", "-o", "rootfs:{target}.tar"], options);
  assert.ok(readFileSync(join(folder, "both.tar")).equals(readFileSync(join(folder, "mac.tar"))));
});

test("damage is an error that names it, and leaves no output", () => {
  requireTool("tar", "xz");
  const file = packed("--xz");
  const bytes = readFileSync(file);
  bytes[bytes.length >> 1]! ^= 0xff;
  writeFileSync(file, bytes);
  const folder = project(file);
  const { status, stderr } = runCli(["build", "-o", "rootfs:out.tar"], {
    cwd: folder,
    env: { IMAGE_DSL_CACHE: tmp() },
  });
  assert.is(status, 1);
  assert.match(stderr, /E_COMPRESSION/);
  assert.throws(() => readFileSync(join(folder, "out.tar")), /ENOENT/);
});

test("a decompression bomb is refused with its name and leaves nothing in the cache; who means it can say so", () => {
  requireTool("gzip");
  const folder = tmp();
  execFileSync("truncate", ["-s", "70M", join(folder, "zeros")]);
  execFileSync("tar", ["-czf", join(folder, "x.tar.gz"), "-C", folder, "zeros"]);
  const config = (more: string) =>
    writeProject(folder, {
      "image.config.ts": `import { archive, buildLayeredImage } from "image-dsl";
export default { ${more} images: buildLayeredImage({ name: "t", contents: archive("x.tar.gz") }) };\n`,
    });
  const options = { cwd: config(""), env: { IMAGE_DSL_CACHE: tmp() } };
  const { status, stderr } = runCli(["build", "-o", "digest"], options);
  assert.is(status, 1);
  assert.match(stderr, /x\.tar\.gz: .*more than 250 times the bytes [^]*--limit unpack\.ratio=500 [^]*E_COMPRESSION/);
  const kept = readdirSync(options.env.IMAGE_DSL_CACHE, { recursive: true }).map(String);
  assert.equal(
    kept.filter((name) => name.endsWith(".tar")),
    [],
  );
  const digest = cli(["build", "-o", "digest", "--limit", "unpack.ratio=2000"], options);
  config(`limits: { "unpack.ratio": 2000 },`);
  const anew = { ...options, env: { IMAGE_DSL_CACHE: tmp() } };
  assert.equal(cli(["build", "-o", "digest"], anew), digest);
  config(`limits: { "unpack.ratio": 2000, "unpack.bytes": 1000 },`);
  const small = runCli(["build", "-o", "digest"], { ...options, env: { IMAGE_DSL_CACHE: tmp() } });
  assert.match(small.stderr, /more than 1000B \(--limit unpack\.bytes=2000B takes more\)/);
});

test("a missing archive is named", () => {
  const { status, stderr } = runCli(["build", "-o", "digest"], { cwd: project("not/there.tar") });
  assert.is(status, 1);
  assert.match(stderr, /not\/there\.tar/);
});

test.run();
