// @runtimes node
// @timeout 240
/** dockerTools' examples that need a virtual machine. */
import * as assert from "uvu/assert";
import { PYTHON, requireTool, suite } from "../../harness.ts";
import { must } from "../support.ts";
import { build, project, type Built } from "./project.ts";

const test = suite("e2e/dockertools/run-as-root", { timeout: 120_000 });
requireTool("qemu-system-x86_64");

test("#15 runAsRootExtraCommands: both scripts' files exist, whatever the quotes and parentheses", async () => {
  const hostile = (path: string) => `echo "it's \\"($HOME)\\" $(printf %s '$(')" ')' > ${path} # (`;
  const scripts = { runAsRoot: hostile("/runAsRoot"), extraCommands: hostile("extraCommands") };
  const folder = project(`
export default { images: { image: buildImage({
  name: "run-as-root-extra-commands", tag: "latest", copyToRoot: sh, ...${JSON.stringify(scripts)},
}) } };`);
  const image = await build(folder, "image");
  for (const path of ["runAsRoot", "extraCommands"]) assert.is(textOf(image, path), `it's "(/root)" $( )\n`);
});

test("#21 layersUnpackOrder: three generations append a, b, c; runAsRootParentImage: over a base with no contents of its own", async () => {
  const folder = project(`
const generation = (letter, fromImage) => buildImage({
  name: "layers-unpack-order-" + letter, tag: "latest", fromImage,
  runAsRoot: "mkdir -p /layers; echo -n " + letter + " >> /layers/order",
});
const parent = buildImage({ name: "empty", tag: "latest" });
export default { images: { image: generation("c", generation("b", generation("a", parent))) } };`);
  const image = await build(folder, "image");
  assert.is(textOf(image, "layers/order"), "abc");
});

test("owners that runAsRoot made stay, whatever the image's uid and gid; sources' files have those", async () => {
  const folder = project(`
export default { images: { image: buildImage({
  name: "owners", tag: "latest", copyToRoot: sh, uid: 1000, gid: 1000, runAsRoot: "touch /made; chown 12:34 /made; touch /roots",
}) } };`);
  const { layers } = await build(folder, "image");
  const owners = new Map(layers.flat().map((line) => [line.split(" ")[2], line.split(" ")[1]]));
  assert.is(owners.get("made"), "12/34");
  assert.is(owners.get("roots"), "0/0");
  assert.is(owners.get("bin/sh"), "1000/1000");
});

test("diskSize and buildVMMemorySize bound it, and each error names its own mend", async () => {
  const failing = (options: string) =>
    build(
      project(
        `export default { images: { image: buildImage({ name: "bounded", tag: "1", copyToRoot: sh, ${options} }) } };`,
      ),
      "image",
    ).then(
      () => "done",
      (error: Error) => error.message,
    );
  const disk = await failing(`diskSize: 8, runAsRoot: "head -c 20M /dev/zero > /large"`);
  assert.match(disk, /No space left on device[^]*diskSize/);
  assert.match(await failing(`diskSize: 8`), /no runAsRoot/);
  assert.match(await failing(`buildVMMemorySize: 16, runAsRoot: "true"`), /at least 256/);
});

test.run();

/** A file of the topmost layer that has it. */
function textOf({ archive, layers }: Built, path: string): string {
  const index = layers.findLastIndex((lines) => lines.some((line) => line.endsWith(` ${path}`)));
  const script =
    'import json,sys,tarfile\\nouter=tarfile.open(sys.argv[1])\\nlayer=json.load(outer.extractfile("manifest.json"))[0]["Layers"][int(sys.argv[2])]\\nsys.stdout.buffer.write(tarfile.open(fileobj=outer.extractfile(layer)).extractfile(sys.argv[3]).read())';
  return must([PYTHON, "-c", `exec('${script}')`, archive, String(index), path], { cwd: "/" }).toString();
}
