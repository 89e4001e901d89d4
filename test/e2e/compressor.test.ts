// @runtimes node
// @timeout 300
/** Archives that are compressed as a whole, and layers as a registry would have them: who takes them. */
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { taskPool } from "../../core/tasks/task-pool.ts";
import { GZIP, ZSTD, compressStream, readTarFiles, treePath, type Codec } from "../../core/index.ts";
import { openStore } from "../../core/store/disk-store.ts";
import { seededRandom } from "../../core/testing/index.ts";
import { RUNTIMES } from "../../scripts/runtimes.ts";
import { requireTool, suite, tmp } from "../harness.ts";
import { imageId, load, removeImage, skopeoConfig, unpack, type Engine } from "./containers.ts";
import { PROJECT, cli, digestOf, must, runCli, sha256, writeProject } from "./support.ts";
import { withLimits } from "../with-limits.ts";

const test = suite("e2e/compressor", { timeout: 150_000 });

const CONFIG = `import { buildLayeredImage, files } from "image-dsl";
const image = (name, compressor) => buildLayeredImage({
  name, tag: "1", compressor, contents: [files("data", { dest: "/data" })], config: { Cmd: ["/data/tool"] },
});
export default { images: { plain: image("plain"), gz: image("gz", "gz"), zstd: image("zstd", "zstd") } };\n`;

const folder = writeProject(tmp(), { "image.config.ts": CONFIG, "data/tool": "no program" });
const archiveOf = (name: string): string => join(folder, `${name}.tar`);
const inFolder = (): { cwd: string; env: Record<string, string> } => ({ cwd: folder, env: { IMAGE_DSL_CACHE: tmp() } });

test.before(() => {
  const random = seededRandom(11);
  writeFileSync(join(folder, "data/words"), Array.from({ length: 1_500_000 }, () => `${random(5000)} `).join(""));
  cli(["build", "-o", "docker-archive:{target}.tar"], inFolder());
});

test("decompressed, each is what stream writes, which is never compressed", () => {
  requireTool("gzip", "zstd");
  assert.is(sha256(readFileSync(archiveOf("plain"))), sha256(cli(["stream", "plain"], inFolder())));
  for (const [name, command] of [
    ["gz", "gzip -dc <"],
    ["zstd", "zstd -dcq <"],
  ] as const) {
    const archive = archiveOf(name);
    assert.ok(statSync(archive).size < statSync(archiveOf("plain")).size / 2, `${name} is not compressed`);
    const plain = must(["sh", "-c", `${command} "$1"`, "sh", archive], { cwd: "/" });
    assert.is(sha256(plain), sha256(cli(["stream", name], inFolder())));
  }
});

for (const runtime of RUNTIMES) {
  test(`${runtime} writes the same bytes`, () => {
    for (const name of ["gz", "zstd"]) {
      cli(["build", name, "-o", "docker-archive:again.tar"], { ...inFolder(), runtime });
      assert.is(sha256(readFileSync(archiveOf("again"))), sha256(readFileSync(archiveOf(name))), name);
    }
  });
}

/**
 * What Debian 12 has cannot read all: dockerd 20.10 knows no zstd, and skopeo 1.9 and podman 4.3 no gzip around a whole
 * archive (`docker save | gzip` gives them the same "invalid tar header").
 */
const TAKERS: readonly (readonly [Engine, "gz" | "zstd"])[] = [
  ["docker", "gz"],
  ["podman", "zstd"],
];

for (const [engine, name] of TAKERS) {
  test(`${engine} loads the ${name} archive`, () => {
    const reference = load(engine, archiveOf(name));
    try {
      assert.is(imageId(engine, reference), digestOf([name], inFolder()));
    } finally {
      removeImage(engine, reference);
    }
  });
}

test("skopeo and umoci read the zstd archive", () => {
  assert.equal(skopeoConfig(archiveOf("zstd")).config["Cmd"], ["/data/tool"]);
  const root = unpack(archiveOf("zstd"), join(tmp(), "unpacked"));
  assert.is(readFileSync(join(root, "data/tool"), "utf8"), "no program");
});

for (const codec of [GZIP, ZSTD]) {
  test(`a layer in ${codec.name} is taken by skopeo and podman`, async () => {
    requireTool("skopeo", "podman");
    const layout = tmp();
    const diffID = await writeLayout(layout, codec);
    const copied = join(tmp(), "copied");
    must(["skopeo", "copy", "--quiet", `oci:${layout}:image`, `dir:${copied}`, "--dest-decompress"], { cwd: "/" });
    const { layers } = JSON.parse(readFileSync(join(copied, "manifest.json"), "utf8")) as {
      layers: { digest: string }[];
    };
    assert.is(layers[0]!.digest, diffID);
    const archive = join(tmp(), "layout.tar");
    must(["tar", "-C", layout, "-cf", archive, "."], { cwd: "/" });
    const reference = load("podman", archive);
    try {
      assert.is(imageId("podman", reference), digestOf(["plain"], inFolder()));
    } finally {
      removeImage("podman", reference);
    }
  });
}

test("a layer in gzip is unpacked by umoci", async () => {
  requireTool("umoci");
  const layout = tmp();
  await writeLayout(layout, GZIP);
  const bundle = join(tmp(), "bundle");
  must(["umoci", "unpack", "--image", `${layout}:image`, bundle], { cwd: "/" });
  const words = readFileSync(join(bundle, "rootfs/data/words"));
  assert.is(sha256(words), sha256(readFileSync(join(folder, "data/words"))));
});

test("images of one bundle have to agree", () => {
  const { status, stderr } = runCli(["build", "-o", "docker-archive:all.tar"], inFolder());
  assert.is(status, 2, stderr);
  assert.match(stderr, /plain has the compressor "none", gz has "gz"/);
});

/** The plain archive's image as an OCI layout with its one layer compressed; gives the layer's diffID. */
async function writeLayout(layout: string, codec: Codec): Promise<string> {
  const members = await withLimits({ "tar.whole": 1 << 30 }, () => readTarFiles([readFileSync(archiveOf("plain"))]));
  const member = (name: string): Buffer => Buffer.from(members.get(treePath(name))!);
  const [{ Config, Layers }] = JSON.parse(member("manifest.json").toString()) as [{ Config: string; Layers: string[] }];
  assert.is(Layers.length, 1);
  const layer = member(Layers[0]!);
  mkdirSync(join(layout, "blobs/sha256"), { recursive: true });
  const put = (mediaType: string, bytes: Uint8Array): object => {
    const hex = sha256(bytes);
    writeFileSync(join(layout, "blobs/sha256", hex), bytes);
    return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
  };
  const type = (what: string): string => `application/vnd.oci.image.${what}`;
  const manifest = {
    schemaVersion: 2,
    mediaType: type("manifest.v1+json"),
    config: put(type("config.v1+json"), member(Config)),
    layers: [put(type(`layer.v1.tar+${codec.name}`), await compressed(layer, codec))],
  };
  const named = put(manifest.mediaType, Buffer.from(JSON.stringify(manifest)));
  const annotations = { "org.opencontainers.image.ref.name": "image" };
  const index = { schemaVersion: 2, manifests: [{ ...named, annotations }] };
  writeFileSync(join(layout, "index.json"), JSON.stringify(index));
  writeFileSync(join(layout, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  return `sha256:${sha256(layer)}`;
}

async function compressed(layer: Uint8Array, codec: Codec): Promise<Buffer> {
  const { signal } = new AbortController();
  const worker = new URL(`file://${join(PROJECT, "dist/worker.js")}`);
  const tasks = taskPool({ jobs: 2, signal, worker });
  try {
    const parts: Buffer[] = [];
    const chunks = (async function* () {
      yield layer;
    })();
    for await (const part of compressStream(chunks, codec, { tasks, store: await openStore(tmp()), signal })) {
      parts.push(Buffer.from(part));
    }
    return Buffer.concat(parts);
  } finally {
    await tasks.close();
  }
}

test.run();
