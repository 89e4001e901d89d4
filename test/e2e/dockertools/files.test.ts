// @runtimes node
/** dockerTools' own assertions, by their numbers in docs/parity.md: files, owners, scripts, bundles, exports. */
import { join } from "node:path";
import * as assert from "uvu/assert";
import { suite } from "../../harness.ts";
import { load, removeImage, runOnce } from "../containers.ts";
import { listTree } from "../tree-listing.ts";
import { cli, must } from "../support.ts";
import { build, buildAll, project } from "./project.ts";

const test = suite("e2e/dockertools/files", { timeout: 120_000 });

test("#17 what extraCommands made is there", async () => {
  const folder = project(`export default buildLayeredImage({ name: "t17", tag: "1", contents: sh,
  extraCommands: "echo layered > made", config: { Cmd: ["/bin/sh", "-c", "read a < /made; echo $a"] } });`);
  const { archive } = await build(folder, "t17");
  const reference = load("docker", archive);
  assert.is(runOnce("docker", reference), "layered\n");
  removeImage("docker", reference);
});

test("#33 owners that fakeRootCommands gave are in the image; #36 and stay in a bundle", async () => {
  const folder = project(`const owned = buildLayeredImage({ name: "owned", tag: "1", contents: sh,
  fakeRootCommands: "mkdir home && echo x > home/f && chown -R 1000:1000 home" });
export default { images: { owned, bundle: mergeImages([owned, buildImage({ name: "b", tag: "1", copyToRoot: sh })]) } };`);
  const expected = ["drwxr-xr-x 1000/1000 home/", "-rw-r--r-- 1000/1000 home/f"];
  const inHome = (lines: readonly string[]) => lines.filter((line) => line.includes("home"));
  for (const { layers } of Object.values(await buildAll(folder, ["owned", "bundle"]))) {
    assert.equal(inHome(layers.at(-1)!), expected);
  }
});

test("#45 in fakechroot mode chown 12345 persists; #40 absolute paths are the image's; #43 a file of /etc is readable", async () => {
  const folder = project(`export default buildLayeredImage({ name: "t45", tag: "1", enableFakechroot: true,
  contents: dsl.debian({ suite: "bookworm", packages: ["dash", "coreutils"] }),
  fakeRootCommands: "mkdir -p /etc /nested && echo etc > /etc/made && echo x > /nested/f && chown 12345:12345 /nested/f",
  config: { Cmd: ["/bin/sh", "-c", "read a < /etc/made; echo $a"] } });`);
  const { archive, layers } = await build(folder, "t45");
  assert.ok(layers.at(-1)!.includes("-rw-r--r-- 12345/12345 nested/f"));
  const reference = load("docker", archive);
  assert.is(runOnce("docker", reference), "etc\n");
  removeImage("docker", reference);
});

test("#46 uid, gid and their names are those of the sources' files; what scripts make is theirs", async () => {
  const folder = project(`export default { images: {
    layered: buildLayeredImage({ name: "a", contents: [sh, text("/f", "f")], uid: 1000, gid: 1000, uname: "user", gname: "user",
      fakeRootCommands: "echo root > root" }),
    single: buildImage({ name: "a", copyToRoot: text("/f", "f"), uid: 1000, gid: 100, extraCommands: "echo made > made" }),
  } };`);
  const { layered, single } = await buildAll(folder, ["layered", "single"]);
  const { layers, archive } = layered;
  assert.ok(layers.flat().includes("-rw-r--r-- 1000/1000 f"));
  assert.ok(layers.at(-1)!.includes("-rw-r--r-- 0/0 root"));
  const names = must(["sh", "-c", `tar -xOf ${archive} layer-000/layer.tar | tar -tvf -`], { cwd: "/" }).toString();
  assert.match(names, "user/user");
  assert.equal(single.layers, [["-rw-r--r-- 1000/100 f", "-rw-r--r-- 1000/100 made"]]);
});

test("#34 #35 #38 images in one archive all load and run, with their tags, whatever each was compressed with", async () => {
  const folder = project(`const image = (name, compressor, tag) => buildImage({ name, tag, copyToRoot: sh, compressor,
  config: { Cmd: ["/bin/sh", "-c", "echo " + name] } });
export default { images: { all: mergeImages([image("zero", "none", "1"), image("one", "zstd"), image("two", "gz", "3")]) } };`);
  const archive = join(folder, "all.tar");
  cli(["build", "all", "-o", `docker-archive:${archive}`], { cwd: folder });
  const said = must(["docker", "load", "-q", "-i", archive], { cwd: "/" }).toString();
  const references = [...said.matchAll(/Loaded image: (\S+)/g)].map(([, reference]) => reference!);
  assert.equal(
    references.map((reference) => reference.split(":")[0]),
    ["zero", "one", "two"],
  );
  assert.match(references[1]!, /^one:[0-9a-f]{32}$/);
  for (const reference of references) {
    assert.is(runOnce("docker", reference), `${reference.split(":")[0]}\n`);
    removeImage("docker", reference);
  }
});

test("#39 an exported image is its flattened file system, deletions done and links kept", async () => {
  const folder =
    project(`const base = buildLayeredImage({ name: "base", contents: [sh, text("/gone", "x"), text("/kept", "x")],
  extraCommands: "ln kept again" });
export default { images: { image: exportImage({ fromImage: buildImage({ name: "top", fromImage: base, extraCommands: "rm gone; echo y > new" }) }) } };`);
  cli(["build", "image"], { cwd: folder });
  const tree = listTree(join(folder, "image.tar"));
  assert.ok(tree.has("bin/sh"));
  assert.not.ok(tree.has("gone"));
  assert.equal(tree.get("kept")?.names, ["again", "kept"]);
  assert.ok(tree.has("new"));
});

test("#41 a bare folder is what it holds, both families; #44 a later source replaces an earlier one's file", async () => {
  const folder = project(
    `export default { images: {
  single: buildImage({ name: "t41", copyToRoot: [text("/hello", "earlier"), files("tree", { dest: "/" })] }),
  layered: buildLayeredImage({ name: "t41", contents: files("tree", { dest: "/" }) }),
} };`,
    { "tree/hello": "hello\n" },
  );
  for (const { archive, layers } of Object.values(await buildAll(folder, ["single", "layered"]))) {
    assert.equal(layers, [["-rw-r--r-- 0/0 hello"]]);
    const hello = must(["sh", "-c", `tar -xOf ${archive} layer-000/layer.tar | tar -xOf - hello`], { cwd: "/" });
    assert.is(hello.toString(), "hello\n");
  }
});

test("#57 #10 somebody who is not root gets to the files", async () => {
  const folder =
    project(`export default buildLayeredImage({ name: "t57", tag: "1", contents: [sh, text("/deep/er/file", "seen\\n")],
  config: { User: "1000:1000", Cmd: ["/bin/sh", "-c", "read a < /deep/er/file; echo $a"] } });`);
  const { archive } = await build(folder, "t57");
  const reference = load("docker", archive);
  assert.is(runOnce("docker", reference), "seen\n");
  removeImage("docker", reference);
});

test.run();
