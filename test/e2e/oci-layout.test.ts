// @runtimes node
/** OCI layouts and archives: by the specification's schemas, by the tools that read them, and as bases again. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { RUNTIMES } from "../../scripts/runtimes.ts";
import * as makers from "../fixtures/base-images/index.ts";
import { ociLayout, layerTars } from "../fixtures/base-images/archives.ts";
import { file } from "../fixtures/base-images/root.ts";
import { requireTool, suite, tmp } from "../harness.ts";
import { podmanOptions } from "./podman-options.ts";
import {
  blobFile,
  checkSchemas,
  filesIn,
  listed,
  manifestsOf,
  namesIn,
  readBlob,
  soleManifest,
  unpacked,
  type Descriptor,
  type Manifest,
} from "./layouts.ts";
import { cli, digestOf, must, runCli, sha256, writeProject } from "./support.ts";

const test = suite("e2e/oci-layout", { timeout: 240_000 });

const GZIP = "application/vnd.oci.image.layer.v1.tar+gzip";

/** One image with a shell, and two small ones for any platform. */
const CONFIG = `import { buildImage, buildLayeredImage, text } from "image-dsl";
export default ({ platform }) => ({
  shell: buildImage({ name: "team/shell", tag: "1", fromImage: "base.tar", copyToRoot: text("/own", "own\\n"),
    config: { Cmd: ["/bin/sh", "-c", "read a < /etc/base; read b < /own; echo $a $b"], Labels: { a: "1" },
      ExposedPorts: { 80: {} }, Volumes: { "/srv": {} }, StopSignal: "SIGTERM" } }),
  small: buildLayeredImage({ name: "small", contents: [text("/for", platform.architecture), text("/b", "b".repeat(9999))],
    annotations: { "org.opencontainers.image.title": "Größe", "org.opencontainers.image.vendor": "" } }),
  other: buildLayeredImage({ name: "other", tag: "2", layerCompression: "zstd", contents: text("/other", "o".repeat(9999)) }),
});
`;

const folder = tmp();
const inFolder = { cwd: folder, env: { IMAGE_DSL_CACHE: join(folder, ".cache") } };
const layout = join(folder, "layout");
const archive = join(folder, "layout.tar");

test.before(() => {
  writeProject(folder, { "image.config.mjs": CONFIG });
  mkdirSync(join(folder, "base"));
  copyFileSync(makers.plain(join(folder, "base")), join(folder, "base.tar"));
  cli(["build", "-o", `oci:${layout}`, "-o", `oci-archive:${archive}`], inFolder);
  cli(["build", "small", "--platform", "linux/amd64,linux/arm64,linux/arm/v7", "-o", `oci:${layout}:many`], inFolder);
});

test("OCI's schemas find nothing wrong with any document, and everything that is listed is there and whole", () => {
  const { documents, wrong } = checkSchemas(layout);
  assert.is(wrong, "");
  // oci-layout, index.json, three images, an index of three more of which one is the first's.
  assert.ok(documents > 12, String(documents));
  assert.is(checkSchemas(unpacked(archive, join(tmp(), "unpacked"))).wrong, "");
  assert.equal(namesIn(layout).slice(0, 1), ["team/shell:1"]);
  assert.equal(namesIn(layout).slice(2), ["other:2", "many"]);
});

test("the schemas would find a fault", () => {
  const broken = unpacked(archive, join(tmp(), "unpacked"));
  const index = JSON.parse(readFileSync(join(broken, "index.json"), "utf8")) as { manifests: { size?: number }[] };
  writeFileSync(
    join(broken, "index.json"),
    JSON.stringify({ ...index, manifests: [{ ...index.manifests[0], mediaType: 1 }] }),
  );
  assert.match(checkSchemas(broken).wrong, /index\.json.*mediaType/);
});

test("an archive holds what the folder holds of the same images", () => {
  const own = filesIn(unpacked(archive, join(tmp(), "unpacked")));
  const all = filesIn(layout);
  for (const [name, digest] of own) if (name !== "/index.json") assert.is(all.get(name), digest, name);
});

test("annotations stand in the manifest, platforms in the index, and compression is each image's own", () => {
  const [amd64, arm64, armv7] = manifestsOf(layout, "many");
  assert.equal(amd64!.annotations, {
    "org.opencontainers.image.title": "Größe",
    "org.opencontainers.image.vendor": "",
  });
  assert.is(new Set([amd64, arm64, armv7].map((each) => each!.config.digest)).size, 3);
  const top = listed(layout).at(-1)!;
  const index = JSON.parse(readBlob(layout, top).toString()) as { manifests: Descriptor[] };
  assert.equal(
    index.manifests.map(({ platform }) => platform),
    [
      { os: "linux", architecture: "amd64" },
      { os: "linux", architecture: "arm64" },
      { os: "linux", architecture: "arm", variant: "v7" },
    ],
  );
  assert.equal(new Set(amd64!.layers.map(({ mediaType }) => mediaType)), new Set([GZIP]));
  const types = soleManifest(layout, "other:2").layers.map(({ mediaType }) => mediaType);
  assert.equal(types, ["application/vnd.oci.image.layer.v1.tar+zstd"]);
});

test("the config is that of the docker archive, as skopeo, podman and buildah tell it", () => {
  requireTool("skopeo", "podman", "buildah");
  const expected = digestOf(["shell"], inFolder);
  assert.is(soleManifest(layout, "team/shell:1").config.digest, expected);
  cli(["build", "shell", "-o", "oci-archive:single.tar", "-o", "docker-archive:shell.tar"], inFolder);
  const config = (place: string) => sha256(must(["skopeo", "inspect", "--config", "--raw", place], inFolder));
  assert.is(`sha256:${config("docker-archive:shell.tar")}`, expected);
  // podman calls an image of a layout by the path that is given, which has to be in small letters for that.
  for (const place of ["oci:layout:team/shell:1", "oci-archive:single.tar", "oci-archive:single.tar:team/shell:1"]) {
    assert.is(`sha256:${config(place)}`, expected, place);
    for (const tool of ["podman", "buildah"]) {
      const id = must([tool, "pull", "-q", place], inFolder).toString().trim();
      assert.is(`sha256:${id}`, expected, `${tool} ${place}`);
    }
    const { global, run } = podmanOptions();
    const said = must(["podman", ...global, "run", "--rm", "--network", "none", ...run, place], inFolder);
    assert.is(said.toString(), "base own\n", place);
  }
  must(["podman", "rmi", "-f", expected.slice("sha256:".length)], { cwd: "/" });
});

test("umoci unpacks an image that is for one platform", () => {
  requireTool("umoci");
  const bundle = join(tmp(), "bundle");
  must(["umoci", "unpack", "--image", `${layout}:team/shell:1`, bundle], { cwd: "/" });
  assert.is(readFileSync(join(bundle, "rootfs/own"), "utf8"), "own\n");
  assert.is(must(["umoci", "ls", "--layout", layout], { cwd: "/" }).toString(), `${namesIn(layout).join("\n")}\n`);
});

test("each platform of an index is found by it: by skopeo, and as a base", () => {
  requireTool("skopeo");
  for (const [architecture, ...variant] of [["amd64"], ["arm64"], ["arm", "--override-variant", "v7"]] as const) {
    const copied = join(tmp(), "copied");
    const from = `oci:${layout}:many`;
    must(["skopeo", "--override-arch", architecture!, ...variant, "copy", "-q", from, `dir:${copied}`], { cwd: "/" });
    const { config } = JSON.parse(readFileSync(join(copied, "manifest.json"), "utf8")) as Manifest;
    const json = JSON.parse(readFileSync(join(copied, config.digest.slice(7)), "utf8")) as { architecture: string };
    assert.is(json.architecture, architecture);
  }
  const on = writeProject(tmp(), {
    "image.config.mjs": `import { exportImage } from "image-dsl";
export default exportImage({ fromImage: ${JSON.stringify(layout)}, fromImageName: "small", fromImageTag: "many" });\n`,
  });
  for (const architecture of ["amd64", "arm64"]) {
    cli(["build", "--platform", `linux/${architecture}`, "-o", "rootfs:{platform}"], { ...inFolder, cwd: on });
    assert.is(readFileSync(join(on, `linux-${architecture}`, "for"), "utf8"), architecture);
  }
});

test("an image's own platforms make it an index, others beside it are as ever; the command line outranks them", () => {
  const cwd = writeProject(tmp(), {
    "image.config.mjs": `import { buildLayeredImage, text } from "image-dsl";
export default ({ platform }) => {
  const contents = text("/for", platform.architecture);
  return {
    many: buildLayeredImage({ name: "many", tag: "1", platforms: ["linux/arm64", "linux/s390x"], contents }),
    one: buildLayeredImage({ name: "one", tag: "1", contents }),
    on: buildLayeredImage({ name: "on", tag: "1", architecture: "amd64",
      fromImage: buildLayeredImage({ name: "below", platforms: ["linux/arm64"], contents }) }),
  };
};\n`,
  });
  const architectures = (out: string, name: string) =>
    manifestsOf(out, name).map(({ config }) => {
      const json = JSON.parse(readBlob(out, config).toString()) as { architecture: string };
      return json.architecture;
    });
  const out = join(cwd, "out");
  cli(["build", "-o", `oci:${out}`], { ...inFolder, cwd });
  assert.equal(architectures(out, "many:1"), ["arm64", "s390x"]);
  assert.equal(architectures(out, "one:1"), architectures(layout, "other:2"));
  assert.equal(architectures(out, "on:1"), ["amd64"]);
  cli(["build", "many", "-o", "rootfs:{platform}"], { ...inFolder, cwd });
  for (const each of ["arm64", "s390x"]) assert.is(readFileSync(join(cwd, `linux-${each}`, "for"), "utf8"), each);
  cli(["build", "many", "--platform", "linux/amd64", "-o", `oci:${out}`], { ...inFolder, cwd });
  assert.equal(architectures(out, "many:1"), ["amd64"]);
  const { status, stderr } = runCli(["build", "many"], { ...inFolder, cwd });
  assert.is(status, 2);
  assert.match(stderr, /would hold images of several platforms \(linux\/arm64, linux\/s390x\)/);
});

/** Layouts by their makers, and the media types of their layers. */
const BASES: readonly (readonly [string, (folder: string) => string, readonly string[]])[] = [
  ["skopeo's", makers.skopeoOciLayout, ["+gzip", "+gzip"]],
  ["umoci's", makers.umociLayout, ["+gzip", "+gzip"]],
  ["one with gzip and zstd", makers.zstdLayout, ["+gzip", "+zstd"]],
  ["one of plain tars", plainLayout, ["", ""]],
  ["one in Docker's words", dockerLayout, ["+gzip", "+gzip"]],
  ["our own with zstd", (at) => ownLayout(at, "zstd"), ["", "+gzip", "+zstd"]],
];

test("a layout's layers are handed on byte for byte, whatever the image on them is compressed with", () => {
  for (const [what, make, types] of BASES) {
    const on = tmp();
    const base = make(on);
    const before = allLayers(base);
    writeProject(on, {
      "image.config.mjs": `import { buildImage, text } from "image-dsl";
export default buildImage({ name: "on", tag: "1", fromImage: ${JSON.stringify(base)}, copyToRoot: text("/on", "on") });\n`,
    });
    for (const compression of ["gzip", "zstd", "none"]) {
      const out = join(on, `out-${compression}`);
      cli(["build", "--compression", compression, "-o", `oci:${out}`], { ...inFolder, cwd: on });
      const { layers } = soleManifest(out, "on:1");
      assert.equal(
        layers.map(({ mediaType }) => mediaType),
        [...types, compression === "none" ? "" : `+${compression}`].map(
          (suffix) => `application/vnd.oci.image.layer.v1.tar${suffix}`,
        ),
        what,
      );
      assert.equal(
        layers.slice(0, -1).map(({ digest }) => digest),
        before.map(({ digest }) => digest),
        what,
      );
      for (const layer of layers) readBlob(out, layer);
      assert.is(checkSchemas(out).wrong, "", what);
    }
  }
});

test("a docker archive of an image on a layout is the same image", async () => {
  const on = tmp();
  const base = makers.skopeoOciLayout(on);
  writeProject(on, {
    "image.config.mjs": `import { buildImage, text } from "image-dsl";
export default buildImage({ name: "on", tag: "1", fromImage: ${JSON.stringify(base)}, copyToRoot: text("/on", "on") });\n`,
  });
  cli(["build", "-o", "oci:out", "-o", "docker-archive:on.tar"], { ...inFolder, cwd: on });
  const config = must(["skopeo", "inspect", "--config", "--raw", "docker-archive:on.tar"], { cwd: on });
  assert.is(`sha256:${sha256(config)}`, soleManifest(join(on, "out"), "on:1").config.digest);
});

test("the same bytes for any jobs, umask and cache, and on any runtime, in folder and archive", () => {
  const build = (name: string, options: Parameters<typeof cli>[1], ...more: string[]) => {
    const out = join(tmp(), name);
    mkdirSync(out);
    const outputs = ["-o", `oci:${out}/layout`, "-o", `oci-archive:${out}/layout.tar`];
    cli(["build", "small", "--platform", "linux/amd64,linux/arm64", ...outputs, ...more], options);
    return [...filesIn(out)];
  };
  const expected = build("usual", inFolder);
  assert.ok(expected.length > 8);
  const cold = () => ({ ...inFolder, env: { IMAGE_DSL_CACHE: tmp() } });
  assert.equal(build("jobs", cold(), "--jobs", "1"), expected);
  assert.equal(build("umask", { ...cold(), umask: "077" }, "--jobs", "4"), expected);
  for (const runtime of RUNTIMES) assert.equal(build(runtime, { ...cold(), runtime }), expected, runtime);
});

test("places and names that cannot be are told before anything is built", () => {
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [["-o", "oci-archive:-"], /stdout gets no OCI layout/],
    [["-o", "oci:x:1"], /gives one name to 3 images/],
    [["small", "-o", "oci:x:a b"], /no tag behind its path/],
    [["-o", "oci:x", "-o", "docker-archive:x"], /lie in each other|is the same place as/],
    [["-o", "oci:x", "--compression", "gz"], /compression.*gz/],
    [["-o", "docker-archive:x", "--platform", "linux/amd64,linux/arm64"], /take one of .*oci-archive:.*oci:DIR/],
  ];
  for (const [args, message] of wrong) {
    const { status, stderr } = runCli(["build", ...args], inFolder);
    assert.is(status, 2, stderr);
    assert.match(stderr, message);
    assert.not.ok(existsSync(join(folder, "x")));
  }
});

test("a folder that holds other things is refused, and stays as it is", () => {
  const { status, stderr } = runCli(["build", "small", "-o", `oci:${folder}`], inFolder);
  assert.is(status, 1);
  assert.match(stderr, /neither empty nor an OCI layout[^]*E_OUTPUT/);
  assert.not.ok(existsSync(join(folder, "blobs")));
});

function plainLayout(at: string): string {
  return ociLayout(join(at, "plain"), {
    layers: layerTars(join(at, "tars"), [[file("a", "a")], [file("b", "b")]]),
  });
}

/** As buildx writes one with `oci-mediatypes=false`. */
function dockerLayout(at: string): string {
  const made = makers.skopeoOciLayout(at);
  const [top] = listed(made);
  const inDocker = (each: Descriptor, mediaType: string) => ({
    ...each,
    mediaType: `application/vnd.docker.${mediaType}`,
  });
  const { config, layers } = JSON.parse(readBlob(made, top!).toString()) as Manifest;
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: "application/vnd.docker.distribution.manifest.v2+json",
    config: inDocker(config, "container.image.v1+json"),
    layers: layers.map((each) => inDocker(each, "image.rootfs.diff.tar.gzip")),
  });
  const digest = `sha256:${sha256(Buffer.from(manifest))}`;
  writeFileSync(blobFile(made, digest), manifest);
  const descriptor = inDocker({ ...top!, digest, size: manifest.length }, "distribution.manifest.v2+json");
  writeFileSync(join(made, "index.json"), JSON.stringify({ schemaVersion: 2, manifests: [descriptor] }));
  return made;
}

/** An image of ours on a layout, of which one layer is plain. */
function ownLayout(at: string, compression: string): string {
  const below = join(at, "below");
  writeProject(below, {
    "image.config.mjs": `import { buildImage, text } from "image-dsl";
export default buildImage({ name: "own", tag: "1", fromImage: "first", copyToRoot: text("/c", "c") });\n`,
  });
  const first = writeProject(join(at, "first"), {
    "image.config.mjs": `import { buildImage, text } from "image-dsl";
const plain = buildImage({ name: "plain", tag: "1", layerCompression: "none", copyToRoot: text("/a", "a") });
export default { first: plain };\n`,
  });
  cli(["build", "-o", `oci:${join(at, "a")}`], { ...inFolder, cwd: first });
  writeProject(first, {
    "image.config.mjs": `import { buildImage, text } from "image-dsl";
export default buildImage({ name: "second", tag: "1", fromImage: ${JSON.stringify(join(at, "a"))}, copyToRoot: text("/b", "b") });\n`,
  });
  cli(["build", "-o", `oci:${join(at, "b")}`], { ...inFolder, cwd: first });
  renameSync(join(at, "b"), join(below, "first"));
  cli(["build", "--compression", compression, "-o", `oci:${join(at, "own")}`], { ...inFolder, cwd: below });
  return join(at, "own");
}

function allLayers(base: string): readonly Descriptor[] {
  const { layers } = JSON.parse(readBlob(base, listed(base)[0]!).toString()) as Manifest;
  return layers;
}

test.run();
