// @runtimes node
/** dockerTools' own assertions, by their numbers in docs/parity.md: names, tags, times, platforms, archives. */
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { suite } from "../../harness.ts";
import { load, removeImage, runOnce, skopeoConfig } from "../containers.ts";
import { cli, must } from "../support.ts";
import { build, buildAll, project, read } from "./project.ts";

const test = suite("e2e/dockertools/names-and-times", { timeout: 120_000 });

const RUN = `config: { Cmd: ["/bin/sh", "-c", "echo ran"] }`;

test("#5 created is one second after the epoch; #16 now is not, in both families", async () => {
  const folder = project(`export default { images: {
    fixed: buildImage({ name: "fixed", copyToRoot: sh }),
    layered: buildLayeredImage({ name: "layered", contents: sh }),
    now: buildImage({ name: "now", copyToRoot: sh, created: "now" }),
    nowLayered: buildLayeredImage({ name: "now", contents: sh, created: "now" }),
  } };`);
  const { fixed, layered, now, nowLayered } = await buildAll(folder, ["fixed", "layered", "now", "nowLayered"]);
  for (const { config } of [fixed, layered]) assert.is(config.created, "1970-01-01T00:00:01Z");
  for (const { created } of [now.config, nowLayered.config]) {
    assert.ok(Math.abs(Date.parse(created) - Date.now()) < 600_000, created);
  }
});

test("#6 the image runs, and its tag is the one it was given", async () => {
  const folder = project(`export default buildImage({ name: "t6", tag: "v1", copyToRoot: sh, ${RUN} });`);
  const { archive, tags } = await build(folder, "t6");
  assert.equal(tags, ["t6:v1"]);
  for (const engine of ["docker", "podman"] as const) {
    const reference = load(engine, archive);
    assert.match(reference, /t6:v1$/);
    assert.is(runOnce(engine, reference), "ran\n");
    removeImage(engine, reference);
  }
});

test("#7 an automatic tag is the one that the build tells: single, layered and streamed", async () => {
  const folder = project(`export default { images: {
    single: buildImage({ name: "t7", copyToRoot: sh, ${RUN} }),
    layered: buildLayeredImage({ name: "t7", contents: sh, ${RUN} }),
    streamed: streamLayeredImage({ name: "t7", contents: sh, ${RUN} }),
  } };`);
  const events = cli(["build", "-o", "docker-archive:{target}.tar", "--json"], { cwd: folder }).toString();
  const outputs = events
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { type: string; target?: string; reference?: string; digest?: string })
    .filter(({ type }) => type === "output");
  for (const target of ["single", "layered", "streamed"]) {
    const archive = join(folder, `${target}.tar`);
    const told = outputs.find((output) => output.target === target)!;
    assert.match(told.reference!, /^t7:[0-9a-f]{32}$/);
    assert.is(told.reference, `t7:${told.digest!.slice("sha256:".length, "sha256:".length + 32)}`);
    assert.equal((await read(archive)).tags, [told.reference]);
    assert.is(load("docker", archive), told.reference);
    removeImage("docker", told.reference!);
  }
});

test("#8 archives load uncompressed and compressed, both families", async () => {
  const folder = project(`const compressed = { name: "t8", tag: "1", ${RUN} };
const all = ["none", "gz", "zstd"].flatMap((compressor) => [
  [\`single-\${compressor}\`, buildImage({ ...compressed, copyToRoot: sh, compressor })],
  [\`layered-\${compressor}\`, buildLayeredImage({ ...compressed, contents: sh, compressor })],
]);
export default { images: Object.fromEntries(all) };`);
  const magic = { none: "", gz: "1f8b", zstd: "28b52ffd" } as const;
  cli(["build", "-o", "docker-archive:{target}.tar"], { cwd: folder });
  for (const family of ["single", "layered"]) {
    for (const compressor of ["none", "gz", "zstd"] as const) {
      const archive = join(folder, `${family}-${compressor}.tar`);
      assert.ok(firstBytes(archive).startsWith(magic[compressor]), compressor);
      // Debian 12's dockerd knows no zstd, and its podman no gzip.
      const engine = compressor === "zstd" ? "podman" : "docker";
      const reference = load(engine, archive);
      assert.is(runOnce(engine, reference), "ran\n");
      removeImage(engine, reference);
    }
  }
  // Every family's three archives are one archive, compressed in three ways.
  for (const family of ["single", "layered"]) {
    const plain = readFileSync(join(folder, `${family}-none.tar`));
    assert.ok(must(["gzip", "-dc", `${family}-gz.tar`], { cwd: folder }).equals(plain));
    assert.ok(must(["zstd", "-dc", `${family}-zstd.tar`], { cwd: folder }).equals(plain));
  }
});

test("#30 #42 another architecture, with its variant, is what the config says, both families", async () => {
  const folder = project(`export default { images: {
    single: buildImage({ name: "a", copyToRoot: sh, architecture: "arm64" }),
    layered: buildLayeredImage({ name: "a", contents: sh, architecture: "arm", variant: "v7" }),
  } };`);
  const { single, layered } = await buildAll(folder, ["single", "layered"]);
  assert.is(single.config.architecture, "arm64");
  const { config, archive } = layered;
  assert.equal([config.architecture, config.variant], ["arm", "v7"]);
  assert.equal(skopeoConfig(archive).config, {});
});

test("#32 a registry in front of the name stays, both families; capitals become small", async () => {
  const folder = project(`export default { images: {
    single: buildImage({ name: "registry-1.example/Image", tag: "1", copyToRoot: sh }),
    layered: buildLayeredImage({ name: "registry-1.example/Image", tag: "1", contents: sh }),
  } };`);
  for (const { tags } of Object.values(await buildAll(folder, ["single", "layered"]))) {
    assert.equal(tags, ["registry-1.example/image:1"]);
  }
});

test("legacy: what Docker before 1.10 reads is there, each layer under the id that its json and its parent say", async () => {
  const folder = project(`const base = buildImage({ name: "base", copyToRoot: sh });
export default buildImage({ name: "old", tag: "1", fromImage: base, contents: text("/own", "own"), legacy: true, ${RUN} });`);
  const archive = join(folder, "old.tar");
  const said = cli(["build", "-o", `docker-archive:${archive}`, "--json"], { cwd: folder }).toString();
  assert.match(said, /W_DEPRECATED.*copyToRoot/);
  const text = (name: string) => must(["tar", "-xOf", archive, name], { cwd: "/" }).toString();
  const top = (JSON.parse(text("repositories")) as { old: { 1: string } }).old[1];
  const json = (id: string) => JSON.parse(text(`${id}/json`)) as { id: string; parent: string; config?: object };
  assert.is(json(top).id, top);
  assert.is(json(json(top).parent).config, undefined);
  assert.is(text(`${top}/VERSION`), "1.0");
  const { layers, tags } = await read(archive);
  assert.is(layers.length, 2);
  const reference = load("docker", archive);
  assert.equal([reference], tags);
  assert.is(runOnce("docker", reference), "ran\n");
  removeImage("docker", reference);
});

test("a program in the archive's place streams the same bytes, under another tag too", async () => {
  const folder = project(`export default { images: {
    streamed: streamLayeredImage({ name: "s", tag: "1", contents: sh, ${RUN} }),
    built: buildLayeredImage({ name: "s", tag: "1", contents: sh, ${RUN} }),
  } };`);
  cli(["build", "streamed"], { cwd: folder });
  const { archive } = await build(folder, "built");
  assert.ok(must([join(folder, "streamed.stream"), "--quiet"], { cwd: "/" }).equals(readFileSync(archive)));
  must(["sh", "-c", "./streamed.stream --quiet --tag other:2 > other.tar"], { cwd: folder });
  assert.equal((await read(join(folder, "other.tar"))).tags, ["other:2"]);
});

function firstBytes(file: string): string {
  const bytes = Buffer.alloc(4);
  const descriptor = openSync(file, "r");
  readSync(descriptor, bytes, 0, 4, 0);
  closeSync(descriptor);
  return bytes.toString("hex");
}

test.run();
