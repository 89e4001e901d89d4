// @runtimes node
// @timeout 300
/** What is in the layers of images with Debian's packages: all of it, nothing else, and the same each time. */
import { join } from "node:path";
import * as assert from "uvu/assert";
import { suite, tmp } from "../../harness.ts";
import { load, removeImage, runOnce } from "../containers.ts";
import { cli, must, runCli } from "../support.ts";
import { differences, listTree } from "../tree-listing.ts";
import { build, project, read, type Built } from "./project.ts";

const test = suite("e2e/dockertools/debian-layers", { timeout: 120_000 });

const DEBIAN = `const packages = (...packages) => dsl.debian({ suite: "bookworm", packages });
`;

test("#26 bulk-layer: of more packages than layers every file is in exactly the layers, however few there are", async () => {
  const folder = project(`${DEBIAN}
const bulk = (maxLayers) => buildLayeredImage({ name: "bulk", tag: "1", maxLayers,
  contents: packages("coreutils", "bash", "nano"), extraCommands: "echo made > made" });
export default { images: { two: bulk(2), five: bulk(5), all: bulk(100) } };`);
  cli(["build", "-o", "rootfs:{target}.root.tar", "-o", "docker-archive:{target}.tar"], { cwd: folder });
  const whole = listTree(join(folder, "all.root.tar"));
  const all = await read(join(folder, "all.tar"));
  assert.ok(all.layers.length > 12, `${all.layers.length} layers`);
  for (const [target, count] of [
    ["two", 2],
    ["five", 5],
  ] as const) {
    const few = await read(join(folder, `${target}.tar`));
    assert.is(few.layers.length, count);
    assert.equal(pathsOf(few), [...whole.keys()].toSorted());
    assert.equal(differences(overlaid(few), whole), []);
    must(["cmp", `${target}.root.tar`, "all.root.tar"], { cwd: folder });
  }
});

test("#28 no-store-paths: what extraCommands copied is there, of the tool that it ran nothing", async () => {
  const folder = project(`${DEBIAN}
export default buildLayeredImage({ name: "busybox", tag: "1",
  extraCommands: async ({ $, path }) => {
    await $\`mkdir bin && cp \${await path(packages("busybox-static"))}/bin/busybox bin\`;
    await $\`\${await path(packages("hello"))}/usr/bin/hello > greeting\`;
  },
  config: { Cmd: ["/bin/busybox", "cat", "/greeting"] } });`);
  const { archive, layers } = await build(folder, "busybox");
  assert.equal(
    layers.map((lines) => lines.map((line) => line.split(" ")[2])),
    [["bin/", "bin/busybox", "greeting"]],
  );
  const reference = load("docker", archive);
  assert.is(runOnce("docker", reference), "Hello, world!\n");
  removeImage("docker", reference);
});

test("two builds that share nothing are one image, bit by bit, both families and over a base", () => {
  const folder = project(`${DEBIAN}
const base = buildLayeredImage({ name: "base", tag: "1", contents: packages("dash", "coreutils"), fakeRootCommands: "install -d -o 7 srv/x" });
export default { images: {
  layered: base,
  single: buildImage({ name: "single", tag: "1", copyToRoot: packages("dash"), extraCommands: "mkdir -p b/a a/b; date > a/b/c; rm a/b/c" }),
  over: buildImage({ name: "over", tag: "1", fromImage: base, copyToRoot: packages("nano"), extraCommands: "rm -r srv/x" }),
} };`);
  const args = ["build", "-o", "docker-archive:{target}.tar"];
  cli([...args, "--jobs", "1"], { cwd: folder });
  must(["sh", "-c", "mkdir once && mv layered.tar single.tar over.tar once"], { cwd: folder });
  const { status, stderr } = runCli([...args, "--no-cache", "--jobs", "7"], { cwd: folder, umask: "077" });
  assert.is(status, 0, stderr);
  for (const name of ["layered.tar", "single.tar", "over.tar"]) must(["cmp", name, `once/${name}`], { cwd: folder });
});

/** Of all layers together, each once; bytewise in the order of latin-1, as the referee's listing has them. */
function pathsOf({ layers }: Built): readonly string[] {
  const paths = layers.flat().map((line) => line.split(" ").slice(2).join(" "));
  return [...new Set(paths.map((path) => path.replace(/ (->|link to) .*$/, "").replace(/\/$/, "")))].toSorted();
}

/** The layers' entries one over the other; there are no whiteouts in them. */
function overlaid({ archive }: Built): ReturnType<typeof listTree> {
  const folder = tmp();
  must(["tar", "-xf", archive, "-C", folder], { cwd: "/" });
  const manifest = must(["cat", "manifest.json"], { cwd: folder }).toString();
  const [{ Layers }] = JSON.parse(manifest) as [{ Layers: string[] }];
  return new Map(Layers.flatMap((name) => [...listTree(join(folder, name))]));
}

test.run();
