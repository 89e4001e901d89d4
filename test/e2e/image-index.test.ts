// @runtimes node
/** imageIndex: images that are different on each platform, as one name. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { requireTool, suite, tmp } from "../harness.ts";
import { dockerRegistry } from "../plugins/registry/support/docker-registry.ts";
import { cli, must, runCli, writeProject } from "./support.ts";

const test = suite("e2e/image-index", { timeout: 240_000 });

const folder = tmp();
const inFolder = { cwd: folder, env: { IMAGE_DSL_CACHE: join(folder, ".cache") } };

const project = (index: string) =>
  writeProject(folder, {
    "image.config.mjs": `import { buildLayeredImage, imageIndex, text } from "image-dsl";
const of = (architecture) => buildLayeredImage({ name: "app-" + architecture, architecture, contents: text("/for", architecture) });
export default { images: { app: ${index}, other: of("amd64") } };
`,
  });

interface Index {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly manifests: readonly { readonly digest: string; readonly platform?: { readonly architecture: string } }[];
}

test("an index has one name, its annotations, and each platform's image, in a layout and in a registry", async () => {
  await using registry = await dockerRegistry();
  project(
    `imageIndex({ name: "${registry.host}/team/app", tag: "1", images: [of("amd64"), of("arm64")], annotations: { "a.b": "c" } })`,
  );
  const said = cli(["build", "app", "--push", "-o", "oci:out", "--insecure", registry.host], inFolder).toString();
  assert.is(said.match(/pushed/g)?.length, 1, said);
  const skopeo = [requireTool("skopeo"), "--override-arch", "arm64", "inspect", "--tls-verify=false"];
  const place = `docker://${registry.host}/team/app:1`;
  assert.match(must([...skopeo, place], inFolder).toString(), /"Architecture": "arm64"/);
  const pushed = JSON.parse(must([...skopeo, "--raw", place], inFolder).toString()) as Index;
  assert.equal(pushed.annotations, { "a.b": "c" });
  assert.equal(
    pushed.manifests.map(({ platform }) => platform?.architecture),
    ["amd64", "arm64"],
  );
  const { manifests } = JSON.parse(readFileSync(join(folder, "out/index.json"), "utf8")) as Index;
  const laid = readFileSync(join(folder, "out/blobs", manifests[0]!.digest.replace(":", "/")), "utf8");
  assert.equal(JSON.parse(laid), pushed);
});

test("what else is built, and for which platforms, does not matter to it", () => {
  project(`imageIndex([of("amd64"), of("s390x")])`);
  cli(["build", "--platform", "linux/arm64,linux/amd64", "-o", "oci:{target}-{platform}"], inFolder);
  cli(["build", "app", "-o", "oci:list"], inFolder);
  const inspected = JSON.parse(cli(["inspect", "oci:list", "--json"], inFolder).toString()) as {
    images: { platform: { architecture: string } }[];
  };
  assert.equal(
    inspected.images.map(({ platform }) => platform.architecture),
    ["amd64", "s390x"],
  );
});

test("an image that does not say what it is for, and two for one platform, are refused with the mend", () => {
  for (const [index, reason] of [
    [`imageIndex([of("amd64"), buildLayeredImage({ name: "any" })])`, /any does not say what it is for/],
    [`imageIndex([of("amd64"), of("amd64")])`, /two of its images are for linux\/amd64/],
    [`imageIndex([])`, /at least one image/],
  ] as const) {
    project(index);
    const { status, stderr } = runCli(["build", "app", "-o", "oci:never"], inFolder);
    assert.is(status, 2, stderr);
    assert.match(stderr, reason);
  }
});

test("where one platform is taken an index is refused before anything is built", () => {
  project(`imageIndex([of("amd64"), of("arm64")])`);
  const { status, stderr } = runCli(["build", "app", "-o", "docker-archive:x.tar"], inFolder);
  assert.is(status, 2);
  assert.match(stderr, /several platforms/);
});

test.run();
