// @runtimes node
/** copy of an index of which nothing is selected: whatever is in it arrives, byte for byte. */
import { createHash } from "node:crypto";
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { requireTool, suite, tmp } from "../harness.ts";
import { dockerRegistry, type DockerRegistry } from "../plugins/registry/support/docker-registry.ts";
import { cli, must, runCli, writeProject } from "./support.ts";

const test = suite("e2e/copy-index", { timeout: 240_000 });

const folder = tmp();
const inFolder = { cwd: folder, env: { IMAGE_DSL_CACHE: join(folder, ".cache") } };
const OCI = "application/vnd.oci.image";
const CONFIG = `import { buildLayeredImage, text } from "image-dsl";
export default ({ platform }) => ({ one: buildLayeredImage({ name: "team/one", tag: "1", contents: text("/for", platform.architecture) }) });
`;
let registry: DockerRegistry;
let insecure: string[];

interface Listed {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly [field: string]: unknown;
}

test.before(async () => {
  registry = await dockerRegistry();
  insecure = ["--insecure", registry.host];
  writeProject(folder, { "image.config.mjs": CONFIG });
  cli(["build", "--platform", "linux/amd64,linux/arm64", "-o", "oci:both"], inFolder);
});
test.after(() => registry.close());

const read = (layout: string, digest: string) => readFileSync(join(folder, layout, "blobs", digest.replace(":", "/")));
const sha256 = (bytes: string | Buffer) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

function put(layout: string, mediaType: string, content: object | string): Listed {
  const bytes = typeof content === "string" ? content : JSON.stringify(content, undefined, 2);
  writeFileSync(join(folder, layout, "blobs", sha256(bytes).replace(":", "/")), bytes);
  return { mediaType, digest: sha256(bytes), size: Buffer.byteLength(bytes) };
}

function artifact(layout: string, configType: string, config: string, text: string): Listed {
  return put(layout, `${OCI}.manifest.v1+json`, {
    schemaVersion: 2,
    mediaType: `${OCI}.manifest.v1+json`,
    config: put(layout, configType, config),
    layers: [put(layout, "application/vnd.in-toto+json", text)],
  });
}

const indexOf = (layout: string, manifests: readonly Listed[], annotations = {}) =>
  put(layout, `${OCI}.index.v1+json`, {
    schemaVersion: 2,
    mediaType: `${OCI}.index.v1+json`,
    manifests,
    annotations,
  });

/** A layout with one index: what `make` makes of the two images. */
function layoutOf(name: string, make: (images: readonly Listed[]) => Listed): string {
  cpSync(join(folder, "both"), join(folder, name), { recursive: true });
  const before = JSON.parse(readFileSync(join(folder, name, "index.json"), "utf8")) as { manifests: [Listed] };
  const inner = JSON.parse(read(name, before.manifests[0].digest).toString()) as { manifests: Listed[] };
  const top = make(inner.manifests);
  const named = { ...top, annotations: { "org.opencontainers.image.ref.name": "v1" } };
  writeFileSync(join(folder, name, "index.json"), JSON.stringify({ schemaVersion: 2, manifests: [named] }));
  return top.digest;
}

const attested = (name: string) =>
  layoutOf(name, ([amd64, arm64]) =>
    indexOf(
      name,
      [
        amd64!,
        { ...arm64!, platform: { os: "linux", architecture: "arm64", variant: "v8" } },
        {
          ...artifact(name, `${OCI}.config.v1+json`, '{"rootfs":{"type":"layers","diff_ids":[]}}', `{"of":"${name}"}`),
          platform: { os: "unknown", architecture: "unknown" },
          annotations: { "vnd.docker.reference.type": "attestation-manifest" },
        },
      ],
      { "org.example.index": "kept" },
    ),
  );

const nested = (name: string) =>
  layoutOf(name, ([amd64, arm64]) =>
    indexOf(name, [
      indexOf(name, [arm64!], { inner: "yes" }),
      amd64!,
      { ...artifact(name, "application/vnd.example+json", "{}", "bill"), artifactType: "application/vnd.example+json" },
    ]),
  );

function topOf(layout: string): string {
  const index = JSON.parse(readFileSync(join(folder, layout, "index.json"), "utf8")) as { manifests: Listed[] };
  return index.manifests[0]!.digest;
}

/** All that a layout's index speaks of, however deep. */
function reached(layout: string, digest = topOf(layout)): readonly string[] {
  const { manifests = [], config, layers = [] } = JSON.parse(read(layout, digest).toString()) as Record<string, never>;
  const inside = (manifests as Listed[]).flatMap((each) => reached(layout, each.digest));
  const parts = [...(config === undefined ? [] : [config as Listed]), ...(layers as Listed[])];
  for (const part of parts) assert.is(sha256(read(layout, part.digest)), part.digest);
  assert.is(sha256(read(layout, digest)), digest);
  return [digest, ...inside, ...parts.map((part) => part.digest)];
}

for (const [name, make] of [
  ["attested", attested],
  ["nested", nested],
] as const) {
  test(`what is ${name} keeps its digest through a layout, a registry, an archive and back`, () => {
    const digest = make(name);
    const all = reached(name);
    cli(["copy", `oci:${name}:v1`, `oci:${name}-2:v1`], inFolder);
    cli(["copy", `oci:${name}-2:v1`, `docker://${registry.host}/${name}:1`, ...insecure], inFolder);
    cli(["copy", `docker://${registry.host}/${name}:1`, `oci-archive:${name}.tar:v1`, ...insecure], inFolder);
    cli(["copy", `oci-archive:${name}.tar:v1`, `docker://${registry.host}/${name}-back:1`, ...insecure], inFolder);
    cli(["copy", `docker://${registry.host}/${name}-back:1`, `oci:${name}-3:v1`, ...insecure], inFolder);
    assert.is(topOf(`${name}-3`), digest);
    assert.equal(reached(`${name}-3`), all);
  });
}

test("skopeo copy --all of the same gives the same digest", () => {
  const digest = attested("same");
  const skopeo = [requireTool("skopeo"), "copy", "--all", "-q", "--dest-tls-verify=false", "--src-tls-verify=false"];
  must([...skopeo, "oci:same:v1", `docker://${registry.host}/same:skopeo`], inFolder);
  cli(["copy", `docker://${registry.host}/same:skopeo`, `docker://${registry.host}/other:1`, ...insecure], inFolder);
  must([...skopeo, `docker://${registry.host}/other:1`, "oci:other:v1"], inFolder);
  assert.is(topOf("other"), digest);
});

test("a Docker list keeps its bytes, variants among them, between registries", () => {
  attested("list");
  const place = (name: string) => `docker://${registry.host}/${name}:1`;
  const skopeo = [requireTool("skopeo"), "copy", "--all", "-q", "--format", "v2s2", "--dest-tls-verify=false"];
  cli(["copy", "--format", "docker", "oci:both", place("list"), ...insecure], inFolder);
  must([...skopeo, "--src-tls-verify=false", place("list"), place("list-skopeo")], inFolder);
  cli(["copy", place("list"), place("list-2"), ...insecure], inFolder);
  const raw = (name: string) =>
    must([requireTool("skopeo"), "inspect", "--raw", "--tls-verify=false", place(name)], inFolder).toString();
  assert.is(raw("list-2"), raw("list"));
  assert.is(raw("list-2"), raw("list-skopeo"));
});

test("copied onto itself, nothing is lost", () => {
  const digest = attested("itself");
  cli(["copy", "oci:itself:v1", "oci:itself:v1"], inFolder);
  assert.is(topOf("itself"), digest);
});

test("an index of one image and its attestation stays an index", () => {
  const digest = layoutOf("single", ([amd64]) =>
    indexOf("single", [
      amd64!,
      { ...artifact("single", "application/x", "{}", "x"), platform: { os: "unknown", architecture: "unknown" } },
    ]),
  );
  cli(["copy", "oci:single:v1", `docker://${registry.host}/single:1`, ...insecure], inFolder);
  cli(["copy", `docker://${registry.host}/single:1`, "oci:single-2:v1", ...insecure], inFolder);
  assert.is(topOf("single-2"), digest);
});

test("diff of two indexes names the attestations that only one of them has, and takes arm64 for arm64/v8", () => {
  attested("left");
  attested("right");
  cli(["copy", "oci:both", "oci:plain"], inFolder);
  const diff = (before: string, after: string) => cli(["diff", before, after], inFolder).toString();
  const attestation = "sha256:[0-9a-f]{64} \\(application/vnd\\.oci\\.image\\.manifest\\.v1\\+json\\)";
  const both = diff("oci:left:v1", "oci:right:v1");
  assert.match(both, /linux\/amd64:\n0 added.*\nlinux\/arm64\/v8:\n0 added/);
  assert.match(
    both,
    new RegExp(`^- ${attestation}, which the first index has alone\n\\+ ${attestation}, which the second`, "m"),
  );
  const plain = diff("oci:plain", "oci:right:v1");
  assert.match(plain, /linux\/amd64:\n0 added.*\nlinux\/arm64 → linux\/arm64\/v8:\n0 added.*\n\+ sha256:/);
  assert.is(diff("oci:left:v1", "oci:left:v1").split("\n").length, 5);
});

test("what is left out is named: by --platform, in a docker archive, in another format", () => {
  attested("told");
  const said = (...args: string[]) => {
    const { status, stdout, stderr } = runCli(["copy", "oci:told:v1", ...args, ...insecure], inFolder);
    assert.is(status, 0, stderr.toString());
    return `${stdout.toString()}${stderr.toString()}`;
  };
  assert.match(said("oci:told-2", "--platform", "linux/amd64"), /linux\/arm64.*sha256:[0-9a-f]{64} .*left out/s);
  assert.match(said("docker-archive:told.tar"), /linux\/arm64.*sha256:[0-9a-f]{64} .*left out/s);
  assert.match(said(`docker://${registry.host}/told:1`, "--format", "docker"), /left out.*sha256:[0-9a-f]{64}/s);
});

test("what an index speaks of and is not there, or is not what its digest says, is refused", () => {
  attested("torn");
  const index = JSON.parse(read("torn", topOf("torn")).toString()) as { manifests: Listed[] };
  const manifest = JSON.parse(read("torn", index.manifests[2]!.digest).toString()) as { layers: Listed[] };
  const { digest, size } = manifest.layers[0]!;
  writeFileSync(join(folder, "torn/blobs", digest.replace(":", "/")), "x".repeat(size));
  const { status, stderr } = runCli(["copy", "oci:torn:v1", "oci:torn-2:v1"], inFolder);
  assert.is(status, 1);
  assert.match(stderr.toString(), /E_HASH_MISMATCH|digest/);
  assert.not.ok(existsSync(join(folder, "torn-2/index.json")));
});

test.run();
