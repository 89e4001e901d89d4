// @runtimes node
/** Docker's schema 2 and OCI's format: asked for by config and command line, and read by those who pull. */
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import * as makers from "../fixtures/base-images/index.ts";
import { requireTool, suite, tmp } from "../harness.ts";
import { dockerRegistry, type DockerRegistry } from "../plugins/registry/support/docker-registry.ts";
import { imageId, removeImage, runOnce } from "./containers.ts";
import { podmanOptions } from "./podman-options.ts";
import { cli, digestOf, must, runCli, sha256, writeProject } from "./support.ts";

const test = suite("e2e/manifest-format", { timeout: 240_000 });

const folder = tmp();
const inFolder = { cwd: folder, env: { IMAGE_DSL_CACHE: join(folder, ".cache") } };
let registry: DockerRegistry;
let insecure: readonly string[];

test.before(async () => {
  registry = await dockerRegistry();
  insecure = ["--insecure", registry.host];
  mkdirSync(join(folder, "base"));
  copyFileSync(makers.plain(join(folder, "base")), join(folder, "base.tar"));
  writeProject(folder, {
    "image.config.mjs": `import { buildImage, buildLayeredImage, imageIndex, text } from "image-dsl";
const of = (architecture, more = {}) => buildLayeredImage({ name: "small", architecture, contents: text("/for", architecture), ...more });
const named = (name) => ({ name: "${registry.host}/team/" + name, tag: "1" });
export default { images: {
  shell: buildImage({ ...named("shell"), fromImage: "base.tar", copyToRoot: text("/own", "own\\n"), manifestFormat: "docker",
    config: { Cmd: ["/bin/sh", "-c", "read b < /own; echo $b"] } }),
  list: imageIndex({ ...named("list"), images: [of("amd64"), of("arm64")], manifestFormat: "docker" }),
  listed: imageIndex({ ...named("listed"), images: [of("amd64", { manifestFormat: "docker" }), of("arm64", { manifestFormat: "docker" })] }),
  zstd: buildLayeredImage({ ...named("zstd"), contents: text("/a", "a"), layerCompression: "zstd" }),
  annotated: buildLayeredImage({ ...named("annotated"), contents: text("/a", "a"), annotations: { a: "b" } }),
} };
`,
  });
});
test.after(() => registry.close());

interface Document {
  readonly mediaType: string;
  readonly config: { readonly mediaType: string };
  readonly layers: readonly { readonly mediaType: string; readonly digest: string }[];
  readonly manifests: readonly { readonly mediaType: string }[];
}

const DOCKER = "application/vnd.docker";
const OCI = "application/vnd.oci.image";

function raw(reference: string): Buffer {
  const place = `docker://${registry.host}/${reference}`;
  return must([requireTool("skopeo"), "inspect", "--raw", "--tls-verify=false", place], inFolder);
}

const read = (reference: string): Document => JSON.parse(raw(reference).toString()) as Document;
const typesOf = ({ mediaType, config, layers }: Document) => [
  ...new Set([mediaType, config.mediaType, ...layers.map((layer) => layer.mediaType)]),
];

test("manifestFormat of a target: schema 2 goes up, and dockerd, podman and skopeo take it", () => {
  cli(["build", "shell", "--push", ...insecure], inFolder);
  assert.equal(typesOf(read("team/shell:1")), [
    `${DOCKER}.distribution.manifest.v2+json`,
    `${DOCKER}.container.image.v1+json`,
    `${DOCKER}.image.rootfs.diff.tar.gzip`,
  ]);
  const reference = `${registry.host}/team/shell:1`;
  const expected = digestOf(["shell"], inFolder);
  const { global, run } = podmanOptions();
  must([requireTool("docker"), "pull", "-q", reference], inFolder);
  assert.is(imageId("docker", reference), expected);
  assert.is(runOnce("docker", reference), "own\n");
  removeImage("docker", reference);
  must([requireTool("podman"), ...global, "pull", "-q", "--tls-verify=false", reference], inFolder);
  assert.is(imageId("podman", reference), expected);
  assert.is(
    must(["podman", ...global, "run", "--rm", "--network", "none", ...run, reference], inFolder).toString(),
    "own\n",
  );
  removeImage("podman", reference);
  must(["skopeo", "copy", "-q", "--src-tls-verify=false", `docker://${reference}`, "dir:skopeo"], inFolder);
});

test("an index in it is a manifest list, of the index's word or its images'", () => {
  for (const target of ["list", "listed"]) {
    cli(["build", target, "--push", ...insecure], inFolder);
    const list = read(`team/${target}:1`);
    assert.is(list.mediaType, `${DOCKER}.distribution.manifest.list.v2+json`);
    assert.equal(
      list.manifests.map(({ mediaType }) => mediaType),
      Array(2).fill(`${DOCKER}.distribution.manifest.v2+json`),
    );
    const arm = [
      "inspect",
      "--tls-verify=false",
      "--override-arch",
      "arm64",
      `docker://${registry.host}/team/${target}:1`,
    ];
    assert.match(must([requireTool("skopeo"), ...arm], inFolder).toString(), /"Architecture": "arm64"/);
  }
});

test("--format outranks the target's word; the layers' digests are the same", () => {
  const tag = `${registry.host}/team/shell:oci`;
  cli(["build", "shell", "--push", "--format", "oci", "--tag", tag, ...insecure], inFolder);
  const [oci, docker] = [read("team/shell:oci"), read("team/shell:1")];
  assert.is(oci.mediaType, `${OCI}.manifest.v1+json`);
  const digests = ({ layers }: Document) => layers.map(({ digest }) => digest);
  assert.equal(digests(oci), digests(docker));
});

test("copy --format writes the manifest anew and says so; back again it is what it was", () => {
  const at = (tag: string) => `docker://${registry.host}/team/shell:${tag}`;
  const digest = `sha256:${sha256(raw("team/shell:1"))}`;
  const copy = (from: string, to: string, ...more: string[]): string => {
    const { status, stderr, stdout } = runCli(["copy", at(from), at(to), ...more, ...insecure], inFolder);
    assert.is(status, 0, stderr);
    return stdout.toString() + stderr;
  };
  assert.not.match(copy("1", "kept"), /anew/);
  assert.equal(raw("team/shell:kept"), raw("team/shell:1"));
  assert.match(copy("1", "converted", "--format", "oci"), new RegExp(`${digest} is written anew in OCI's format`));
  assert.equal(raw("team/shell:converted"), raw("team/shell:oci"));
  assert.match(copy("converted", "back", "--format", "docker"), /anew in Docker's schema 2/);
  assert.equal(raw("team/shell:back"), raw("team/shell:1"));
});

test("what schema 2 has no place for, and outputs without it, are refused before anything is asked", () => {
  const before = registry.requests().length;
  for (const [args, reason] of [
    [["zstd", "--push", "--format", "docker"], /zstd has layers in zstd, which Docker's schema 2/],
    [["shell", "--push", "--compression", "zstd"], /shell has layers in zstd/],
    [["annotated", "--push", "--format", "docker"], /annotated has annotations/],
    [["shell", "-o", "oci:out"], /"oci:out" takes no manifest in the format "docker", which shell is wanted in/],
    [["list", "-o", "oci-archive:out.tar"], /takes no manifest in the format "docker"/],
    [["zstd", "-o", "docker-archive:z.tar", "--format", "docker"], /says nothing to any of the outputs/],
  ] as const) {
    const { status, stderr } = runCli(["build", ...args, ...insecure], inFolder);
    assert.is(status, 2, stderr);
    assert.match(stderr, reason);
  }
  assert.is(registry.requests().length, before);
  cli(["build", "shell", "-o", "oci:out", "--format", "oci"], inFolder);
});

test("zstd layers of an image that is copied are refused by name before any blob moves", () => {
  cli(["build", "zstd", "--push", ...insecure], inFolder);
  const before = registry.requests().length;
  const [from, to] = ["1", "2"].map((tag) => `docker://${registry.host}/team/zstd:${tag}`);
  const { status, stderr } = runCli(["copy", from!, to!, "--format", "docker", ...insecure], inFolder);
  assert.is(status, 2, stderr);
  assert.match(stderr, /layers in zstd, which Docker's schema 2 has no type for/);
  const asked = registry.requests().slice(before);
  assert.equal(
    asked.filter((line) => !/^(HEAD|GET) /.test(line)),
    [],
  );
});

test("zstd layers: a push tells who cannot pull them, and a Docker daemon gets them as it takes them", () => {
  const from = `docker://${registry.host}/team/zstd:1`;
  const tag = `${registry.host}/team/zstd:told`;
  const pushed = runCli(["build", "zstd", "--push", "--tag", tag, ...insecure], inFolder);
  assert.is(pushed.status, 0, pushed.stderr);
  assert.match(pushed.stderr, /zstd has zstd layers, which Docker before 23 cannot pull/);
  const name = "image-dsl-tests/zstd:1";
  cli(["copy", from, `docker-daemon:${name}`, ...insecure], inFolder);
  assert.is(imageId("docker", name), digestOf(["zstd"], inFolder));
  removeImage("docker", name);
});

test.run();
