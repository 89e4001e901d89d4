// @runtimes node
/** What dockerTools' tests leave out: files with odd names and of odd kinds, replaced files, and very many layers. */
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { manyLayers } from "../../fixtures/base-images/index.ts";
import { requireTool, suite, tmp } from "../../harness.ts";
import { ENGINES, inEngines, load, removeImage, runOnce, type Engine } from "../containers.ts";
import { cli, must, refusals } from "../support.ts";
import { listTree } from "../tree-listing.ts";
import { build, buildAll, project, read } from "./project.ts";

const test = suite("e2e/dockertools/odd-files", { timeout: 120_000 });

const NAMES = [
  " blanks ",
  "-dash",
  "quotes'\"`$(x)",
  "new\nline",
  "tab\t",
  "back\\slash",
  "*?[a]{b}",
  ".wh",
  "%41",
  "\u00fc",
  "u\u0308",
  "n".repeat(255),
  Buffer.from([0xff, 0xfe, 0x41]),
] as const;
const DEEP = Array.from({ length: 5 }, () => "d".repeat(100)).join("/");

test("names with blanks, quotes, newlines, of 100 bytes and more, and that are no UTF-8, come through base, image, export and runtimes", async () => {
  const folder = project(`const odd = files("host", { dest: "/" });
const base = buildImage({ name: "base", copyToRoot: odd });
const image = buildImage({ name: "odd", tag: "1", fromImage: base, copyToRoot: [odd, text("/odd/-dash", "changed")] });
export default { images: { image, flat: exportImage({ fromImage: image }) } };`);
  mkdirSync(join(folder, "host/odd", DEEP), { recursive: true });
  for (const name of NAMES) {
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/host/odd/`), Buffer.from(name as string)]), name);
  }
  writeFileSync(join(folder, "host/odd", DEEP, "file"), "deep");
  must(["ln", "-s", "t".repeat(150), "host/odd/link"], { cwd: folder });

  cli(["build"], { cwd: folder });
  const { archive, layers } = await read(join(folder, "image.docker.tar"));
  assert.equal(
    layers.at(-1),
    ["drwxr-xr-x 0/0 odd/", "-rw-r--r-- 0/0 odd/-dash"],
    "only what is new is in the new layer",
  );
  writeFileSync(join(folder, "host/odd/-dash"), "changed");
  const expected = oddFiles(join(folder, "host"));
  assert.is(expected.length, NAMES.length + 8, "the directory, five below it, a file there and a link");
  assert.equal(oddFiles(unpacked(join(folder, "flat.tar"))), expected);
  for (const engine of ENGINES) assert.equal(oddFiles(unpacked(exported(engine, archive, folder))), expected, engine);
});

test("a base's file, directory and link are replaced by each other", async () => {
  const folder = project(`const base = buildImage({ name: "base", copyToRoot: sh,
  extraCommands: "mkdir odd odd/dir odd/dir2; echo > odd/dir/x; echo > odd/dir2/x; echo > odd/file; echo > odd/file2; ln -s dir odd/link; ln -s file odd/link2" });
const replace = "cd odd; rm -r *; echo new > dir; ln -s dir dir2; mkdir file link; echo new > file/in; ln -s file file2; echo new > link/in; echo new > link2";
export default { images: {
  single: buildImage({ name: "odd", tag: "1", fromImage: base, extraCommands: replace }),
  layered: buildLayeredImage({ name: "odd", tag: "1", fromImage: base, extraCommands: replace }),
} };`);
  const built = await buildAll(folder, ["single", "layered"]);
  for (const [family, engine] of inEngines(["single", "layered"])) {
    const listed = [...listTree(exported(engine, built[family].archive, folder)).values()];
    assert.equal(
      listed.filter(({ path }) => path.startsWith("odd/")).map(({ path, type, target }) => [path, target ?? type]),
      [
        ["odd/dir", "file"],
        ["odd/dir2", "dir"],
        ["odd/file", "directory"],
        ["odd/file/in", "file"],
        ["odd/file2", "file"],
        ["odd/link", "directory"],
        ["odd/link/in", "file"],
        ["odd/link2", "file"],
      ],
      `${family}, ${engine}`,
    );
  }
});

test("a program with the set-uid bit runs as its owner, in an image and over it as a base", async () => {
  const folder = project(`const owned = buildLayeredImage({ name: "owned", tag: "1",
  contents: dsl.debian({ suite: "bookworm", packages: ["coreutils"] }), fakeRootCommands: "chown 7 bin/id; chmod 4755 bin/id",
  config: { User: "1000:1000", Cmd: ["id", "-u"] } });
export default { images: {
  owned,
  over: buildImage({ name: "over", tag: "1", fromImage: owned, inherit: "all", copyToRoot: text("/x", "x") }),
} };`);
  const built = await buildAll(folder, ["owned", "over"]);
  for (const [target, engine] of inEngines(["owned", "over"])) {
    const reference = load(engine, built[target].archive);
    assert.is(runOnce(engine, reference), "7\n", `${target}, ${engine}`);
    removeImage(engine, reference);
  }
});

test("a file's capabilities, from Debian's own script, are in the image, over it as a base, and in the flattened one", async () => {
  const folder = project(`const ping = buildLayeredImage({ name: "ping", tag: "1",
  contents: dsl.debian({ suite: "bookworm", packages: ["iputils-ping", "libcap2-bin"] }), config: { Cmd: ["getcap", "/bin/ping"] } });
const over = buildImage({ name: "over", tag: "1", fromImage: ping, inherit: "all", copyToRoot: text("/x", "x") });
export default { images: { ping, over, flat: exportImage({ fromImage: over }) } };`);
  cli(["build"], { cwd: folder });
  for (const [target, engine] of inEngines(["ping", "over"])) {
    const reference = load(engine, join(folder, `${target}.docker.tar`));
    assert.is(runOnce(engine, reference), "/bin/ping cap_net_raw=ep\n", `${target}, ${engine}`);
    removeImage(engine, reference);
  }
  const flat = tmp();
  must(["tar", "--xattrs", "--xattrs-include=*", "-xf", join(folder, "flat.tar"), "-C", flat], { cwd: "/" });
  assert.is(must([requireTool("getcap"), "usr/bin/ping"], { cwd: flat }).toString(), "usr/bin/ping cap_net_raw=ep\n");
});

test("names of one file stay names of one file, those that a script gave a base's file too", async () => {
  const folder =
    project(`const base = buildImage({ name: "base", copyToRoot: sh, extraCommands: "mkdir odd; echo > odd/a; ln odd/a odd/b" });
export default buildImage({ name: "links", tag: "1", fromImage: base, extraCommands: "ln odd/b odd/c" });`);
  const { archive } = await build(folder, "links");
  for (const [, engine] of inEngines([archive])) {
    const listed = listTree(exported(engine, archive, folder));
    for (const name of ["a", "b", "c"])
      assert.equal(listed.get(`odd/${name}`)?.names, ["odd/a", "odd/b", "odd/c"], engine);
  }
});

test("a socket, a device and a name that means a deletion are told, with the way out", async () => {
  const folder = project(`export default { images: Object.fromEntries(["socket", "device", "deletion"].map((name) =>
  [name, buildImage({ name, copyToRoot: files(name) })])) };`);
  for (const name of ["socket", "device", "deletion"]) mkdirSync(join(folder, name));
  const server = createServer();
  await new Promise<void>((done) => server.listen(join(folder, "socket/s"), done));
  must(["mknod", "device/null", "c", "1", "3"], { cwd: folder });
  writeFileSync(join(folder, "deletion/.wh.x"), "");
  const told = refusals({ cwd: folder });
  for (const [target, message] of [
    ["socket", /socket\/s is a socket, which cannot be put into an image\n[^]*Leave it out with a filter/],
    ["device", /device\/null is a .*device, which cannot be put into an image\n[^]*Leave it out with a filter/],
    ["deletion", /\.wh\.x has a name that container runtimes read as a deletion\n[^]*rename or remove/],
  ] as const) {
    assert.match(told(target), message);
  }
  server.close();
});

test("127 layers are made, 128 refused, by both families; maxLayers may be 128 where fewer come of it", async () => {
  const folder =
    project(`const some = (count) => Array.from({ length: count }, (_, n) => text("/n" + n, "x".repeat(n)));
const over = (fromImage) => buildImage({ name: "many", tag: "1", fromImage, copyToRoot: text("/x", "x") });
export default { images: {
  most: over("layers-126.tar"),
  over: over("layers-127.tar"),
  fewer: buildLayeredImage({ name: "many", tag: "1", maxLayers: 128, contents: some(100) }),
  layered: buildLayeredImage({ name: "many", tag: "1", maxLayers: 200, contents: some(200) }),
  full: buildLayeredImage({ name: "many", tag: "1", fromImage: "layers-127.tar", contents: some(1) }),
} };`);
  for (const count of [126, 127]) {
    mkdirSync(join(folder, String(count)));
    must(["mv", manyLayers(join(folder, String(count)), count), folder], { cwd: "/" });
  }
  const { most, fewer } = await buildAll(folder, ["most", "fewer"]);
  assert.is(most.layers.length, 127);
  // dockerd takes 125 layers of an image at most, podman these.
  removeImage("podman", load("podman", most.archive));
  assert.is(fewer.layers.length, 100);
  const told = refusals({ cwd: folder }, ["over", "layered", "full"]);
  for (const [target, message] of [
    ["over", /it has 128 layers, and 127 is the most/],
    ["layered", /it has 199 layers, and 127 is the most/],
    ["full", /needs room for at least 1 layer/],
  ] as const) {
    assert.match(told(target), message);
  }
});

/** One line for each path below `odd` in a directory, with what it is; names byte by byte. */
function oddFiles(tree: string): readonly string[] {
  return [...listTree(tree).values()]
    .filter(({ path }) => /^odd(\/|$)/.test(path))
    .map(({ path, type, target, sha256 }) => JSON.stringify([path, type, target, sha256]));
}

/** By GNU tar, for which a name is bytes; Python takes some for UTF-8. */
function unpacked(archive: string): string {
  const folder = tmp();
  must(["tar", "-xf", archive, "-C", folder], { cwd: "/" });
  return folder;
}

/** The file system of a container, as the engine's `export` writes it. */
function exported(engine: Engine, archive: string, folder: string): string {
  const reference = load(engine, archive);
  const container = must([engine, "create", reference, "/none"], { cwd: "/" }).toString().trim();
  const file = join(folder, `${engine}.tar`);
  must(["sh", "-c", `${engine} export ${container} > ${file}`], { cwd: "/" });
  must([engine, "rm", container], { cwd: "/" });
  removeImage(engine, reference);
  return file;
}

test.run();
