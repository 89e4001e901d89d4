// @runtimes node
/** Several images in one archive, large enough to be read by threads. */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { readTarFiles, treePath } from "../../core/index.ts";
import { seededRandom } from "../../core/testing/index.ts";
import { requireTool, suite, tmp } from "../harness.ts";
import { cli, run, writeProject } from "./support.ts";
import { withLimits } from "../with-limits.ts";

const test = suite("e2e/bundle", { timeout: 120_000 });

interface Manifest {
  readonly Config: string;
  readonly Layers: readonly string[];
}

function project(): string {
  const folder = writeProject(tmp(), {
    "image.config.ts": `import { buildLayeredImage, files, text } from "image-dsl";
const image = (name: string) => buildLayeredImage({
  name, contents: [files("a", { dest: "/a" }), files("b", { dest: "/b" }), text("/name", name)],
});
export default { images: { one: image("one"), two: image("two") } };\n`,
  });
  const random = seededRandom(7);
  for (const part of ["a", "b"]) {
    mkdirSync(join(folder, part));
    for (let index = 0; index < 40; index++) {
      writeFileSync(join(folder, part, `file-${index}`), Buffer.alloc(700_000 + random(600_000), index + part));
    }
  }
  return folder;
}

test("every layer of a bundle is whole, shared ones are there once, and Docker loads it", async () => {
  requireTool("docker");
  const cwd = project();
  cli(["build", "--jobs", "4", "-o", "docker-archive:all.tar"], { cwd, env: { IMAGE_DSL_CACHE: tmp() } });
  const members = await withLimits({ "tar.whole": 1 << 30 }, () => readTarFiles([readFileSync(join(cwd, "all.tar"))]));
  const json = (name: string): unknown => JSON.parse(Buffer.from(members.get(treePath(name))!).toString());
  const manifest = json("manifest.json") as Manifest[];
  for (const { Config, Layers } of manifest) {
    const { diff_ids: expected } = (json(Config) as { rootfs: { diff_ids: string[] } }).rootfs;
    const found = Layers.map(
      (name) =>
        `sha256:${createHash("sha256")
          .update(members.get(treePath(name))!)
          .digest("hex")}`,
    );
    assert.equal(found, expected);
  }
  // Two folders that both images share, and each one's own name.
  assert.is(new Set(manifest.flatMap(({ Layers }) => Layers)).size, 4);
  const { status, stdout, stderr } = run(["docker", "load", "-i", "all.tar"], { cwd });
  assert.is(status, 0, stderr);
  assert.is(stdout.toString().match(/Loaded image/g)?.length, 2);
});

test.run();
