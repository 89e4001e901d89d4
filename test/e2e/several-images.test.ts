// @runtimes node
/** Archives and layouts with several images, of which one is meant: which is said or asked for, never guessed without a word. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { suite, tmp } from "../harness.ts";
import { cli, runCli, writeProject } from "./support.ts";

const test = suite("e2e/several-images", { timeout: 120_000 });

const folder = tmp();
const inFolder = { cwd: folder, env: { IMAGE_DSL_CACHE: join(folder, ".cache") } };

const CONFIG = `import { buildLayeredImage, bundle, text } from "image-dsl";
const one = (name) => buildLayeredImage({ name, tag: "1", config: { Env: ["IS=" + name] }, contents: text("/" + name, name) });
export default { first: one("first"), second: one("second"), both: bundle([one("first"), one("second")]) };
`;
const onBase = (options: string) =>
  writeProject(folder, {
    "on.config.mjs": `import { buildImage } from "image-dsl";\nexport default { on: buildImage({ name: "on", tag: "1", ${options} }) };\n`,
  });
const build = () => runCli(["build", "--config", "on.config.mjs", "-o", "docker-archive:on.tar"], inFolder);
const environment = () =>
  (JSON.parse(cli(["inspect", "on.tar", "--json"], inFolder).toString()) as { images: { config: { Env: string[] } }[] })
    .images[0]!.config.Env;

test.before(() => {
  writeProject(folder, { "image.config.mjs": CONFIG });
  cli(["build", "first", "second", "--platform", "linux/amd64", "-o", "oci:two"], inFolder);
  cli(["build", "both", "--platform", "linux/amd64", "-o", "docker-archive:two.tar"], inFolder);
  cli(["copy", "oci:two:first:1", "oci:twice:v1"], inFolder);
  cli(["copy", "oci:two:first:1", "oci:twice:v2"], inFolder);
});

test("fromImage of a layout with several images is refused, and says how to choose", () => {
  onBase('fromImage: "two"');
  const { status, stderr } = build();
  assert.is(status, 1);
  assert.match(stderr, /"two" holds 2 images, of which any could be meant/);
  assert.match(stderr, /Choose one with fromImageName and fromImageTag: it has first:1, second:1/);
  onBase('fromImage: "two", fromImageTag: "1"');
  assert.match(build().stderr, /any could be meant/);
  onBase('fromImage: "two", fromImageName: "second"');
  assert.is(build().status, 0);
  assert.equal(environment(), ["IS=second"]);
});

test("one image under two names is one", () => {
  onBase('fromImage: "twice"');
  const { status, stderr } = build();
  assert.is(status, 0, stderr);
  assert.equal(environment(), ["IS=first"]);
});

test("fromImage of a docker archive with several images takes the first, as upstream, and says so", () => {
  onBase('fromImage: "two.tar"');
  const { status, stderr } = build();
  assert.is(status, 0, stderr);
  assert.match(stderr, /its base "two\.tar" holds 2 images, of which the first, first:1, is taken/);
  assert.match(stderr, /it has first:1, second:1/);
  assert.equal(environment(), ["IS=first"]);
  onBase('fromImage: "two.tar", fromImageName: "second", fromImageTag: "1"');
  assert.not.match(build().stderr, /is taken/);
  assert.equal(environment(), ["IS=second"]);
});

test("a name that is not there is told with those that are, by each command, and in words of the command line", () => {
  writeProject(folder, { "empty/oci-layout": '{"imageLayoutVersion":"1.0.0"}' });
  writeFileSync(join(folder, "empty/index.json"), '{"schemaVersion":2,"manifests":[]}');
  for (const command of [["inspect"], ["copy"], ["diff", "two.tar"]]) {
    const last = command[0] === "copy" ? ["oci:copied"] : [];
    const { status, stderr } = runCli([...command, "oci:twice:nope", ...last], inFolder);
    assert.is(status, 1);
    assert.match(stderr, /"twice" holds no image with the tag "nope"\n(?:\s+at .*\n)?\s+→ It has v1, v2/);
    const empty = runCli([...command, "oci:empty", ...last], inFolder);
    assert.is(empty.status, 1);
    assert.match(empty.stderr, /"empty" holds no image at all/);
    for (const text of [stderr, empty.stderr]) assert.not.match(text, /fromImage/);
  }
});

test("of several images, diff and copy take none without being told which", () => {
  for (const args of [
    ["diff", "two.tar", "two.tar"],
    ["copy", "oci:two", "docker-archive:x.tar"],
  ]) {
    const { status, stderr } = runCli(args, inFolder);
    assert.is(status, 2);
    assert.match(stderr, /holds 2 images, where one is wanted\n\s+→ Name one: .*first:1, .*second:1/);
  }
});

test.run();
