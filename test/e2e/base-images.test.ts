// @runtimes node
/** Base images by every maker that is at hand, and as no maker writes them any more: built on, looked into, run. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import * as makers from "../fixtures/base-images/index.ts";
import { suite, tmp } from "../harness.ts";
import { load, removeImage, runOnce, unpack } from "./containers.ts";
import { sampled } from "../sampled.ts";
import { read } from "./dockertools/project.ts";
import { cli, refusals, writeProject } from "./support.ts";
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

/** The bases of the further tests, each with what is built on it, by its target. */
const ODD: Readonly<Record<string, readonly [make: (folder: string) => string, image: string]>> = {
  whiteouts: [makers.whiteouts, `exportImage({ fromImage })`],
  usrmerge: [
    makers.usrMerge,
    `buildLayeredImage({ name: "on", tag: "1", fromImage, contents: text("/bin/tool", "#!/bin/sh\\necho tool\\n", { mode: 0o755 }),
      config: { Cmd: ["/bin/tool"] } })`,
  ],
  null: [makers.nullEnv, `buildImage({ name: "on", tag: "1", fromImage, inherit: "all", config: { Env: ["OWN=1"] } })`],
  two: [makers.twoImages, `buildImage({ name: "on", tag: "1", fromImage, fromImageName: "other", fromImageTag: "2" })`],
};

/** In CI containers run on some of them. */
const RUN = new Set(sampled([...BASES.keys()], 4));

let folder = "";

/** Over each base an image, and its flattened file system; all in one build. */
test.before(() => {
  folder = tmp();
  const make = (name: string, maker: (folder: string) => string): string => {
    mkdirSync(join(folder, name));
    return maker(join(folder, name));
  };
  const bases = BASES.map(([, maker], index) => make(String(index), maker));
  const odd = Object.entries(ODD).map(
    ([name, [maker, image]]) => `  ${name}: ((fromImage: string) => ${image})(${JSON.stringify(make(name, maker))}),\n`,
  );
  writeProject(folder, {
    "image.config.ts": `import { buildImage, buildLayeredImage, exportImage, text } from "image-dsl";
const bases: string[] = ${JSON.stringify(bases)};
const over = (fromImage: string, index: number) => buildImage({ name: "on", tag: String(index), fromImage, copyToRoot: text("/own", "own\\n"),
  config: { Cmd: ["/bin/sh", "-c", "read a < /etc/base; read b < /own; echo $a $b $BASE"] } });
export default { images: {
${odd.join("")}  ...Object.fromEntries(bases.flatMap((base, index) => [["on-" + index, over(base, index)], ["flat-" + index, exportImage({ fromImage: base })]])),
} };
`,
  });
  cli(["build"], { cwd: folder });
});

test("an image on each of them has the base's files as they were, and runs", async () => {
  for (const [index, [name, , layers]] of BASES.entries()) {
    const built = await read(join(folder, `on-${index}.docker.tar`));
    assert.is(built.layers.length, layers + 1, name);
    assert.equal(built.layers.at(-1), ["-rw-r--r-- 0/0 own"], name);
    assert.equal(built.config.config.Env, BASE_ENV, name);
    assert.is(built.config.history.filter((line) => !("empty_layer" in line)).length, layers + 1, name);
    if (!RUN.has(index)) continue;
    const reference = load("docker", built.archive);
    assert.is(runOnce("docker", reference), "base own 1\n", name);
    removeImage("docker", reference);
  }
});

test("flattened, each is what its layers overlay to: owners, modes, deletions and all", () => {
  for (const [index, [name]] of BASES.entries()) {
    const tree = listTree(join(folder, `flat-${index}.tar`));
    for (const [path, { mode, uid, gid }] of Object.entries(BASE_META)) {
      const found = tree.get(path);
      assert.equal([found?.mode, found?.uid, found?.gid], [mode, uid, gid], `${name}: ${path}`);
    }
    for (const path of Object.keys(BASE_FILES)) assert.ok(tree.has(path), `${name}: ${path}`);
    for (const path of BASE_GONE) assert.not.ok(tree.has(path), `${name}: ${path}`);
  }
});

test("whiteouts in every awkward place mean what they mean to umoci", () => {
  const tree = listTree(join(folder, "whiteouts.tar"));
  const theirs = listTree(unpack(join(folder, "whiteouts/whiteouts.tar"), join(folder, "unpacked")));
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
  const { archive, layers } = await read(join(folder, "usrmerge.docker.tar"));
  assert.equal(layers.at(-1), ["drwxr-xr-x 0/0 usr/", "drwxr-xr-x 0/0 usr/bin/", "-rwxr-xr-x 0/0 usr/bin/tool"]);
  const reference = load("podman", archive);
  assert.is(runOnce("podman", reference), "tool\n");
  removeImage("podman", reference);
});

test("an Env of null is none", async () => {
  const { config } = await read(join(folder, "null.docker.tar"));
  assert.equal(config.config.Env, ["OWN=1"]);
  assert.equal(config.config.Cmd, ["/bin/sh"]);
});

test("of several images the name and the tag choose", async () => {
  const { config, layers } = await read(join(folder, "two.docker.tar"));
  assert.equal(config.config.Env, ["OTHER=2"]);
  assert.is(layers.length, 1);
});

test("a layer that is not what the base's config says is refused; what is no image, and a wrong name, are told as such", () => {
  const wrong = tmp();
  const changed = readFileSync(makers.plain(wrong));
  changed.write("OF", changed.indexOf("of the second layer"));
  makers.twoImages(wrong);
  for (const [name, bytes] of [
    ["changed", changed],
    ["text", Buffer.from("no tar")],
    ["zeros", Buffer.alloc(10_240)],
  ] as const) {
    writeFileSync(join(wrong, `${name}.tar`), bytes);
  }
  writeProject(wrong, {
    "image.config.ts": `import { buildImage } from "image-dsl";
const on = (fromImage: string, more: object = {}) => buildImage({ name: "on", fromImage, ...more });
export default { images: {
  changed: on("changed.tar"), text: on("text.tar"), zeros: on("zeros.tar"), two: on("two.tar", { fromImageName: "othe" }),
} };
`,
  });
  const told = refusals({ cwd: wrong });
  assert.match(told("changed"), /E_HASH_MISMATCH/);
  assert.match(told("text"), /E_TAR_INVALID|E_BASE_IMAGE/);
  assert.match(told("zeros"), /neither manifest\.json nor index\.json is a file in it/);
  assert.match(told("two"), /holds no image "othe"[^]*base:1, other:2/);
});

test.run();
