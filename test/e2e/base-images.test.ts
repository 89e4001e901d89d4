// @runtimes node
/** Base images by every maker that is at hand, and as no maker writes them any more: built on, looked into, run. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import * as makers from "../fixtures/base-images/index.ts";
import { suite, tmp } from "../harness.ts";
import { load, removeImage, runOnce, unpack } from "./containers.ts";
import { build, read } from "./dockertools/project.ts";
import { cli, runCli, writeProject } from "./support.ts";
import { listTree } from "./tree-listing.ts";

const test = suite("e2e/base-images", { timeout: 240_000 });

const { BASE_ENV, BASE_FILES, BASE_GONE, BASE_META } = makers;

/** By the name of the maker: the base, and how many layers it has. */
const BASES: readonly (readonly [name: string, make: (folder: string) => string, layers: number])[] = [
  ["docker save", makers.dockerSave, 2],
  ["docker save of blobs (25 and later)", makers.blobsArchive, 2],
  ["skopeo docker-archive", makers.skopeoDockerArchive, 2],
  ["skopeo oci-archive", makers.skopeoOciArchive, 2],
  ["skopeo layout", makers.skopeoOciLayout, 2],
  ["podman docker-archive", (folder) => makers.podmanSave(folder), 2],
  ["podman oci-archive", (folder) => makers.podmanSave(folder, "oci-archive"), 2],
  ["buildah docker-archive", (folder) => makers.buildahPush(folder), 2],
  ["buildah layout", (folder) => makers.buildahPush(folder, "oci"), 2],
  ["umoci layout", makers.umociLayout, 2],
  ["gzip and zstd layers in a layout", makers.zstdLayout, 2],
  ["gzip and zstd layers in an archive", makers.zstdArchive, 2],
  ["compressed by gzip", (folder) => makers.compressed(folder, "gz"), 2],
  ["compressed by xz", (folder) => makers.compressed(folder, "xz"), 2],
  ["compressed by bzip2", (folder) => makers.compressed(folder, "bz2"), 2],
  ["compressed by zstd", (folder) => makers.compressed(folder, "zst"), 2],
  ["two equal layers, the second a link", (folder) => makers.duplicateLayers(folder, "symlink"), 3],
  ["two equal layers, one file", (folder) => makers.duplicateLayers(folder, "name"), 3],
  ["hard links", makers.hardLinks, 4],
  ["17 layers", (folder) => makers.manyLayers(folder, 17), 17],
  ["101 layers", (folder) => makers.manyLayers(folder, 101), 101],
  ["no history", makers.missingHistory, 2],
  ["lines of history without layers", makers.emptyHistoryLines, 2],
];

/** A project with one image on each base, in one folder for each. */
function project(
  bases: readonly (readonly [string, (folder: string) => string, ...unknown[]])[],
  image: string,
): string {
  const folder = tmp();
  const files = bases.map(([, make], index) => {
    const own = join(folder, String(index));
    mkdirSync(own);
    return make(own);
  });
  return writeProject(folder, {
    "image.config.ts": `import { buildImage, buildLayeredImage, exportImage, text } from "image-dsl";
const bases: string[] = ${JSON.stringify(files)};
export default { images: Object.fromEntries(bases.map((fromImage, index) => ["on-" + index, ${image}])) };
`,
  });
}

const SINGLE = `buildImage({ name: "on", tag: "1", fromImage, copyToRoot: text("/own", "own\\n"),
  config: { Cmd: ["/bin/sh", "-c", "read a < /etc/base; read b < /own; echo $a $b $BASE"] } })`;

test("an image on each of them has the base's files as they were, and runs", async () => {
  const folder = project(BASES, SINGLE);
  cli(["build", "-o", "docker-archive:{target}.tar"], { cwd: folder });
  for (const [index, [name, , layers]] of BASES.entries()) {
    const built = await read(join(folder, `on-${index}.tar`));
    assert.is(built.layers.length, layers + 1, name);
    assert.equal(built.layers.at(-1), ["-rw-r--r-- 0/0 own"], name);
    assert.equal(built.config.config.Env, BASE_ENV, name);
    assert.is(built.config.history.filter((line) => !("empty_layer" in line)).length, layers + 1, name);
    const reference = load("docker", built.archive);
    assert.is(runOnce("docker", reference), "base own 1\n", name);
    removeImage("docker", reference);
  }
});

test("flattened, each is what its layers overlay to: owners, modes, deletions and all", () => {
  const folder = project(BASES, `exportImage({ fromImage })`);
  cli(["build"], { cwd: folder });
  for (const [index, [name]] of BASES.entries()) {
    const tree = listTree(join(folder, `on-${index}.tar`));
    for (const [path, { mode, uid, gid }] of Object.entries(BASE_META)) {
      const found = tree.get(path);
      assert.equal([found?.mode, found?.uid, found?.gid], [mode, uid, gid], `${name}: ${path}`);
    }
    for (const path of Object.keys(BASE_FILES)) assert.ok(tree.has(path), `${name}: ${path}`);
    for (const path of BASE_GONE) assert.not.ok(tree.has(path), `${name}: ${path}`);
  }
});

test("whiteouts in every awkward place mean what they mean to umoci", () => {
  const folder = project([["whiteouts", makers.whiteouts]], `exportImage({ fromImage })`);
  cli(["build"], { cwd: folder });
  const tree = listTree(join(folder, "on-0.tar"));
  const theirs = listTree(unpack(join(folder, "0/whiteouts.tar"), join(folder, "unpacked")));
  const names = (listed: ReadonlyMap<string, { type: string }>) =>
    [...listed]
      .filter(([path]) => path.startsWith("w/"))
      .map(([path, { type }]) => `${type} ${path}`)
      .sort();
  assert.equal(names(tree), names(theirs));
  for (const path of makers.WHITEOUT_GONE) assert.not.ok(tree.has(path), path);
  for (const path of Object.keys(makers.WHITEOUT_FILES)) assert.ok(tree.has(path), path);
});

test("a base with /bin a link into /usr stays whole", async () => {
  const folder = project(
    [["usrmerge", makers.usrMerge]],
    `buildLayeredImage({ name: "on", tag: "1", fromImage, contents: text("/bin/tool", "#!/bin/sh\\necho tool\\n", { mode: 0o755 }),
      config: { Cmd: ["/bin/tool"] } })`,
  );
  const { archive, layers } = await build(folder, "on-0");
  assert.equal(layers.at(-1), ["drwxr-xr-x 0/0 usr/", "drwxr-xr-x 0/0 usr/bin/", "-rwxr-xr-x 0/0 usr/bin/tool"]);
  const reference = load("podman", archive);
  assert.is(runOnce("podman", reference), "tool\n");
  removeImage("podman", reference);
});

test("an Env of null is none", async () => {
  const folder = project(
    [["null", makers.nullEnv]],
    `buildImage({ name: "on", tag: "1", fromImage, inherit: "all", config: { Env: ["OWN=1"] } })`,
  );
  const { config } = await build(folder, "on-0");
  assert.equal(config.config.Env, ["OWN=1"]);
  assert.equal(config.config.Cmd, ["/bin/sh"]);
});

test("of several images the name and the tag choose; a wrong name tells which there are", async () => {
  const folder = project(
    [["two", makers.twoImages]],
    `buildImage({ name: "on", tag: "1", fromImage, fromImageName: "other", fromImageTag: "2" })`,
  );
  const { config, layers } = await build(folder, "on-0");
  assert.equal(config.config.Env, ["OTHER=2"]);
  assert.is(layers.length, 1);
  const wrong = project([["two", makers.twoImages]], `buildImage({ name: "on", fromImage, fromImageName: "othe" })`);
  const { status, stderr } = runCli(["build", "-o", "digest"], { cwd: wrong });
  assert.is(status, 1);
  assert.match(stderr, /holds no image "othe"[^]*base:1, other:2/);
});

test("a layer that is not what the base's config says is refused, and what is no image told as such", () => {
  const folder = project([["plain", makers.plain]], SINGLE);
  const archive = join(folder, "0/plain.tar");
  const bytes = readFileSync(archive);
  const at = bytes.indexOf("of the second layer");
  bytes.write("OF", at);
  for (const [content, message] of [
    [bytes, /E_HASH_MISMATCH/],
    [Buffer.from("no tar"), /E_TAR_INVALID|E_BASE_IMAGE/],
    [Buffer.alloc(10_240), /neither manifest\.json nor index\.json is a file in it/],
  ] as const) {
    writeFileSync(archive, content);
    const { status, stderr } = runCli(["build", "-o", "digest"], { cwd: folder });
    assert.is(status, 1);
    assert.match(stderr, message);
  }
});

test.run();
