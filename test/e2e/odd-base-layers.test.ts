// @runtimes node
/** What docker, podman and umoci make of layers as no tool writes them, and what we make of them. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { ODD_ENDS, TOP, oddLayers } from "../fixtures/base-images/odd-layers.ts";
import { suite, tmp } from "../harness.ts";
import { sampled } from "../sampled.ts";
import { exportTo, inEngines, load, removeImage, unpack } from "./containers.ts";
import { cli, writeProject } from "./support.ts";
import { listTree } from "./tree-listing.ts";

const test = suite("e2e/odd-base-layers", { timeout: 240_000 });

/** What lies below the fixtures' directory: kind, and content or target. */
function shape(path: string): readonly string[] {
  const inside = [...listTree(path).values()].filter((entry) => entry.path.startsWith(`${TOP}/`));
  return inside.map(({ path: name, type, sha256, target }) => `${name} ${type} ${sha256 ?? target ?? ""}`);
}

/** Flattened by ourselves: by the archives' order. */
function ours(folder: string, archives: readonly string[]): readonly (readonly string[])[] {
  writeProject(folder, {
    "image.config.mjs": `import { exportImage } from "image-dsl";
const bases = ${JSON.stringify(archives)};
export default { images: Object.fromEntries(bases.map((fromImage, index) => ["on-" + index, exportImage({ fromImage })])) };
`,
  });
  cli(["build"], { cwd: folder });
  return archives.map((_, index) => shape(join(folder, `on-${index}.tar`)));
}

test("each layer is taken as umoci, docker and podman take it", () => {
  const folder = tmp();
  const archives = oddLayers(folder);
  const found = ours(folder, [...archives.values()]);
  const layers = [...archives].map(([what, archive], index) => {
    const expected = shape(unpack(archive, join(folder, `umoci-${index}`)));
    assert.equal(found[index], expected, `umoci: ${what}`);
    return { what, archive, expected };
  });
  for (const [{ what, archive, expected }, engine] of inEngines(layers)) {
    const reference = load(engine, archive);
    const tree = exportTo(join(folder, `${engine}.tar`), engine, reference);
    assert.equal(shape(tree), expected, `${engine}: ${what}`);
    removeImage(engine, reference);
  }
});

test("what stands behind the end of the archive itself is nobody's business either", () => {
  const folder = tmp();
  const [archive] = oddLayers(folder).values();
  const plain = readFileSync(archive!);
  const changed = Object.entries(ODD_ENDS).map(([what, change]) => {
    const place = join(folder, what.replaceAll(" ", "-"));
    mkdirSync(place);
    writeFileSync(join(place, "base.tar"), change(plain));
    return join(place, "base.tar");
  });
  const [expected, ...found] = ours(folder, [archive!, ...changed]);
  for (const [index, what] of Object.keys(ODD_ENDS).entries()) {
    assert.equal(found[index], expected, what);
  }
  for (const archive of sampled(changed, 2)) removeImage("docker", load("docker", archive));
});

test.run();
