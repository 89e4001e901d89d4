// @runtimes node
/** Annotations of manifests, indexes and their descriptors, in layouts and registries, as skopeo and umoci read them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { requireTool, suite, tmp } from "../harness.ts";
import { dockerRegistry } from "../plugins/registry/support/docker-registry.ts";
import { cli, must, runCli, writeProject } from "./support.ts";

const test = suite("e2e/annotations", { timeout: 240_000 });

const folder = tmp();
const inFolder = { cwd: folder, env: { IMAGE_DSL_CACHE: join(folder, ".cache") } };

interface Annotated {
  readonly annotations?: Readonly<Record<string, string>>;
}
interface Listed extends Annotated {
  readonly digest: string;
}
interface Index extends Annotated {
  readonly manifests: readonly Listed[];
}

const own = ({ annotations = {} }: Annotated) =>
  Object.fromEntries(Object.entries(annotations).filter(([name]) => /^(m|md|i|id)$/.test(name)));

function layout(name: string) {
  const [top] = (JSON.parse(readFileSync(join(folder, name, "index.json"), "utf8")) as Index).manifests;
  const read = (digest: string) =>
    JSON.parse(readFileSync(join(folder, name, "blobs", digest.replace(":", "/")), "utf8")) as Index;
  return { top: top!, read };
}

const ALL = `{ manifest: { m: "1" }, manifestDescriptor: { md: "2" }, index: { i: "3" }, indexDescriptor: { id: "4" } }`;

function project(host: string, more = ""): void {
  writeProject(folder, {
    "image.config.mjs": `import { buildLayeredImage, imageIndex, text } from "image-dsl";
const of = (architecture, more) => buildLayeredImage({ name: "small", architecture, contents: text("/for", architecture), ...more });
export default { images: {
  many: buildLayeredImage({ name: "${host}/team/many", tag: "1", platforms: ["linux/amd64", "linux/arm64"], contents: text("/a", "a"), annotations: ${ALL} }),
  list: imageIndex({ name: "${host}/team/list", tag: "1", annotations: { index: { i: "3" }, indexDescriptor: { id: "4" } },
    images: ["amd64", "arm64"].map((each) => of(each, { annotations: { manifest: { m: each }, manifestDescriptor: { md: each } } })) }),
  ${more}
} };
`,
  });
}

test("each stands where it belongs, of an image for several platforms", async () => {
  await using registry = await dockerRegistry();
  project(registry.host);
  cli(["build", "many", "--push", "-o", "oci:many", "--insecure", registry.host], inFolder);
  const { top, read } = layout("many");
  assert.equal(own(top), { id: "4" });
  const index = read(top.digest);
  assert.equal(own(index), { i: "3" });
  for (const each of index.manifests) {
    assert.equal(own(each), { md: "2" });
    assert.equal(own(read(each.digest)), { m: "1" });
  }
  const place = `docker://${registry.host}/team/many:1`;
  const pushed = must([requireTool("skopeo"), "inspect", "--raw", "--tls-verify=false", place], inFolder);
  assert.equal(JSON.parse(pushed.toString()), index);
  must(
    ["skopeo", "copy", "-q", "--override-arch", "arm64", `oci:many:${registry.host}/team/many:1`, "oci:half:1"],
    inFolder,
  );
});

test("an imageIndex has its own, and its images theirs", () => {
  project("registry.example");
  cli(["build", "list", "-o", "oci:list"], inFolder);
  const { top, read } = layout("list");
  assert.equal(own(top), { id: "4" });
  const index = read(top.digest);
  assert.equal(own(index), { i: "3" });
  assert.equal(index.manifests.map(own), [{ md: "amd64" }, { md: "arm64" }]);
  assert.equal(
    index.manifests.map(({ digest }) => own(read(digest))),
    [{ m: "amd64" }, { m: "arm64" }],
  );
});

test("for one platform there is no index: its manifest's stand in index.json, the index's are left out and told", () => {
  project("registry.example");
  const { status, stderr } = runCli(["build", "many", "--platform", "linux/amd64", "-o", "oci:one:1"], inFolder);
  assert.is(status, 0, stderr);
  assert.match(stderr, /many has annotations of an index, and is written as one image/);
  const { top, read } = layout("one");
  assert.equal(own(top), { md: "2" });
  assert.is(top.annotations?.["org.opencontainers.image.ref.name"], "1");
  assert.equal(own(read(top.digest)), { m: "1" });
  must([requireTool("umoci"), "unpack", "--rootless", "--image", "one:1", "bundle"], inFolder);
});

test("an image of an index has no annotations of an index; any annotation is too much for schema 2", () => {
  project("registry.example", `misplaced: imageIndex([of("amd64", { annotations: { index: { i: "3" } } })])`);
  const misplaced = runCli(["build", "misplaced", "-o", "oci:never"], inFolder);
  assert.is(misplaced.status, 2);
  assert.match(misplaced.stderr, /small has annotations of an index.*give them to imageIndex/);
  project("registry.example");
  const docker = runCli(["build", "list", "--push", "--format", "docker"], inFolder);
  assert.is(docker.status, 2);
  assert.match(docker.stderr, /has annotations, which Docker's schema 2 has no place for/);
});

test.run();
