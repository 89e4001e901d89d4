// @runtimes node
/** dockerTools' own assertions, by their numbers in docs/parity.md: images on images. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { duplicateLayers } from "../../fixtures/base-images/index.ts";
import { suite } from "../../harness.ts";
import { inEngines, load, removeImage, runOnce } from "../containers.ts";
import { cli } from "../support.ts";
import { build, buildAll, project } from "./project.ts";

const test = suite("e2e/dockertools/bases", { timeout: 120_000 });

test("#18 an image over a layered one runs, of one layer and of several", async () => {
  const folder = project(`const base = buildLayeredImage({ name: "base", contents: [sh, text("/base", "base")] });
const config = { Cmd: ["/bin/sh", "-c", "read a < /base; read b < /own; echo $a $b"] };
export default { images: {
  single: buildImage({ name: "t18", tag: "single", fromImage: base, copyToRoot: text("/own", "own"), config }),
  layered: buildLayeredImage({ name: "t18", tag: "layered", fromImage: base, contents: text("/own", "own"), config }),
} };`);
  const { single, layered } = await buildAll(folder, ["single", "layered"]);
  for (const [{ archive, layers }, engine] of inEngines([single, layered])) {
    assert.equal(layers.at(-1), ["-rw-r--r-- 0/0 own"]);
    const reference = load(engine, archive);
    assert.is(runOnce(engine, reference), "base own\n");
    removeImage(engine, reference);
  }
});

test("#20 three images that write the same files: each has its own text", async () => {
  const folder =
    project(`const one = buildImage({ name: "one", copyToRoot: [sh, text("/1", "one"), text("/2", "one"), text("/3", "one")] });
const two = buildImage({ name: "two", fromImage: one, copyToRoot: [text("/2", "two"), text("/3", "two")] });
export default buildImage({ name: "t20", tag: "1", fromImage: two, copyToRoot: text("/3", "three"),
  config: { Cmd: ["/bin/sh", "-c", "for i in 1 2 3; do read line < /$i; echo $line; done"] } });`);
  const { archive } = await build(folder, "t20");
  const reference = load("docker", archive);
  assert.is(runOnce("docker", reference), "one\ntwo\nthree\n");
  removeImage("docker", reference);
});

test("#23 #24 Env: the base's is kept, the image's is there, its values win and a name appears once, both families", async () => {
  const folder =
    project(`const base = buildImage({ name: "base", copyToRoot: sh, config: { Env: ["FROM_PARENT=true", "LAST_LAYER=parent"] } });
const config = { Env: ["FROM_CHILD=true", "LAST_LAYER=child"] };
export default { images: {
  single: buildImage({ name: "t", fromImage: base, config }),
  layered: buildLayeredImage({ name: "t", fromImage: base, config }),
} };`);
  for (const { config } of Object.values(await buildAll(folder, ["single", "layered"]))) {
    assert.equal(config.config.Env, ["FROM_PARENT=true", "LAST_LAYER=child", "FROM_CHILD=true"]);
  }
});

test("#19 two layered images share the layers of what both hold", async () => {
  const folder = project(`const shared = [sh, text("/shared", "shared")];
export default { images: {
  one: buildLayeredImage({ name: "one", contents: [...shared, text("/one", "one")] }),
  other: buildLayeredImage({ name: "other", contents: [...shared, text("/other", "other")] }),
} };`);
  const { one, other } = await buildAll(folder, ["one", "other"]);
  const ids = new Set(one.config.rootfs.diff_ids);
  // The third is the loader's cache of the same libraries.
  assert.is(other.config.rootfs.diff_ids.filter((id) => ids.has(id)).length, 3);
  assert.is(ids.size, 4);
});

test("the layers that plan says two closures have in common are the same layers", async () => {
  const folder = project(`const of = (...packages) => dsl.debian({ suite: "bookworm", packages });
export default { images: {
  redis: buildLayeredImage({ name: "redis", contents: of("redis-server") }),
  nginx: buildLayeredImage({ name: "nginx", contents: of("nginx-light") }),
  shell: buildLayeredImage({ name: "shell", contents: of("dash", "coreutils") }),
} };`);
  const { said, inBoth } = await sharedLayers(folder);
  assert.ok(said("redis", "nginx") > 5);
  for (const [one, other] of [
    ["redis", "nginx"],
    ["nginx", "redis"],
    ["redis", "shell"],
  ] as const) {
    assert.is(said(one, other), inBoth(one, other), `${one} and ${other}`);
  }
});

test("plan shares neither what a base has already nor a single layer that a script changes", async () => {
  const folder =
    project(`const base = buildLayeredImage({ name: "base", contents: [text("/a", "a"), text("/b", "b")] });
const single = (name, extraCommands) => buildImage({ name, copyToRoot: text("/a", "a"), ...(extraCommands && { extraCommands }) });
export default { images: {
  a: buildLayeredImage({ name: "a", fromImage: base, contents: text("/a", "a") }),
  b: buildLayeredImage({ name: "b", fromImage: base, contents: text("/b", "b") }),
  plain: single("plain"), same: single("same"),
  x: single("x", "echo x > x"), y: single("y", "echo y > y"),
} };`);
  const { said, inBoth } = await sharedLayers(folder);
  assert.is(said("a", "b"), 0);
  for (const [one, other, count] of [
    ["plain", "same", 1],
    ["plain", "x", 0],
    ["x", "y", 0],
  ] as const) {
    assert.is(said(one, other), count, `${one} and ${other}`);
    assert.is(inBoth(one, other), count, `${one} and ${other}`);
  }
});

/** How many layers two targets have in common: as `plan` says, and as they are built. */
async function sharedLayers(folder: string) {
  const { images } = JSON.parse(cli(["plan", "--json"], { cwd: folder }).toString()) as {
    images: { target: string; layers: { sharedWith: string[] }[] }[];
  };
  const targets = images.map(({ target }) => target);
  const built = await buildAll(folder, targets);
  const ids = new Map(targets.map((target) => [target, new Set(built[target]!.config.rootfs.diff_ids)]));
  return {
    said: (one: string, other: string) =>
      images.find(({ target }) => target === one)!.layers.filter(({ sharedWith }) => sharedWith.includes(other)).length,
    inBoth: (one: string, other: string) => [...ids.get(one)!].filter((id) => ids.get(other)!.has(id)).length,
  };
}

test("#25 two layers are enough; #26 more sources than layers lose nothing; #27 over a base of two layers there are four", async () => {
  const folder = project(`const many = Array.from({ length: 12 }, (_, n) => text(\`/n\${n}\`, "x".repeat(n)));
const two = buildLayeredImage({ name: "two", contents: [sh, ...many], maxLayers: 2, extraCommands: "echo top > top",
  config: { Cmd: ["/bin/sh", "-c", "echo /n* /top"] } });
export default { images: {
  two,
  bulk: buildLayeredImage({ name: "bulk", fromImage: two, contents: Array.from({ length: 7 }, (_, n) => text(\`/m\${n}\`, "x")),
    maxLayers: 4, extraCommands: "echo more > more", config: { Cmd: ["/bin/sh", "-c", "echo /n* /m* /top"] } }),
} };`);
  const names = Array.from({ length: 12 }, (_, n) => `/n${n}`).sort();
  const { two, bulk } = await buildAll(folder, ["two", "bulk"]);
  assert.is(two.layers.length, 2);
  assert.is(bulk.layers.length, 4);
  assert.equal(bulk.config.rootfs.diff_ids.slice(0, 2), two.config.rootfs.diff_ids);
  const reference = load("docker", bulk.archive);
  const more = ["m0", "m1", "m2", "m3", "m4", "m5", "m6", "more"].map((name) => `/${name}`);
  assert.is(runOnce("docker", reference), `${[...names, ...more, "/top"].join(" ")}\n`);
  removeImage("docker", reference);
});

test("#22 a base of two equal layers is accepted", async () => {
  const folder = project(`const one = buildImage({ name: "one", copyToRoot: [sh, text("/x", "x")] });
export default { images: {
  again: buildImage({ name: "again", fromImage: one, extraCommands: "rm x" }),
  ...Object.fromEntries(["symlink", "name"].map((repeats) => [repeats, buildImage({ name: "t22", tag: repeats,
    fromImage: repeats + "/duplicates.tar", copyToRoot: text("/y", "y") })])),
} };`);
  for (const repeats of ["symlink", "name"] as const) {
    mkdirSync(join(folder, repeats));
    duplicateLayers(join(folder, repeats), repeats);
  }
  const { symlink, name } = await buildAll(folder, ["symlink", "name", "again"]);
  for (const { archive, layers } of [symlink, name]) {
    assert.is(layers.length, 4);
    removeImage("docker", load("docker", archive));
  }
});

test.run();
