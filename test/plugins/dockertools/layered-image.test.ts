import * as assert from "uvu/assert";
import { checkConfig } from "../../../core/config/check.ts";
import { ImageDslError, type ImageCall, type ImageSpec } from "../../../core/index.ts";
import {
  buildLayeredImage,
  dockertoolsPlugin,
  streamLayeredImage,
  type LayeredImageOptions,
} from "../../../plugins/dockertools/index.ts";
import { filesPlugin, text } from "../../../plugins/files/index.ts";
import { imageArchivePlugin } from "../../../plugins/image-archive/index.ts";
import { registryPlugin } from "../../../plugins/registry/index.ts";
import { suite } from "../../harness.ts";

const test = suite("dockertools/layered-image");

const motd = text("/etc/motd", "Hello\n");

async function specOf(
  options: LayeredImageOptions,
  make: (options: LayeredImageOptions) => ImageCall = buildLayeredImage,
): Promise<ImageSpec> {
  const { graph } = await checkConfig(make(options), {
    plugins: [dockertoolsPlugin, imageArchivePlugin, registryPlugin, filesPlugin],
    directory: "/",
  });
  const [spec] = graph.images.values();
  if (spec?.kind !== "image") throw new Error("No image");
  return spec;
}

async function problemOf(options: object): Promise<string> {
  try {
    await specOf({ name: "a", ...options });
  } catch (error) {
    if (error instanceof ImageDslError && error.code === "E_CONFIG_INVALID") return error.message;
    throw error;
  }
  throw new Error(`${JSON.stringify(options)} was taken`);
}

test("sandbox holds for both scripts, and not together with enableFakechroot", async () => {
  const scripts = { extraCommands: "true", fakeRootCommands: "true", sandbox: true };
  const { runs } = await specOf({ name: "a", ...scripts });
  assert.equal(
    runs.map(({ name, runner, sandbox }) => [name, runner, sandbox]),
    [
      ["extraCommands", "host", true],
      ["fakeRootCommands", "fakeroot", true],
    ],
  );
  assert.match(await problemOf({ ...scripts, enableFakechroot: true }), "has both sandbox and enableFakechroot");
});

test("defaults are dockerTools'", async () => {
  assert.equal(await specOf({ name: "Redis" }), {
    kind: "image",
    name: "redis",
    tag: null,
    contents: [],
    placement: "link",
    config: {},
    mtime: 1,
    maxLayers: 100,
    layering: "auto",
    collisions: "error",
    runs: [],
  });
});

test("streamLayeredImage is the same image", async () => {
  const options: LayeredImageOptions = { name: "a", tag: "1", contents: motd, config: { Cmd: ["/x"] }, maxLayers: 5 };
  assert.equal(await specOf(options, streamLayeredImage), {
    ...(await specOf(options)),
    output: "stream:{target}.stream",
  });
});

test("layerCompression is one of the three of layouts, and annotations are texts with names", async () => {
  for (const layerCompression of ["gzip", "zstd", "none"] as const) {
    assert.is((await specOf({ name: "a", layerCompression })).layerCompression, layerCompression);
  }
  assert.match(await problemOf({ layerCompression: "gz" }), /layerCompression.*expected "gzip", "zstd" or "none"/);
  const annotations = { "org.opencontainers.image.title": "", "org.example/größe": "L" };
  assert.equal((await specOf({ name: "a", annotations }, streamLayeredImage)).annotations, { manifest: annotations });
  const byLevel = {
    manifest: { a: "1" },
    manifestDescriptor: { b: "2" },
    index: { c: "3" },
    indexDescriptor: { d: "4" },
  };
  assert.equal((await specOf({ name: "a", annotations: byLevel })).annotations, byLevel);
  assert.match(await problemOf({ annotations: { manifest: { a: "1" }, b: "2" } }), /annotations/);
  assert.match(await problemOf({ annotations: { manifests: { a: "1" } } }), /annotations.*manifests/);
  const named = { "org.opencontainers.image.ref.name": "x" };
  assert.match(await problemOf({ annotations: { manifestDescriptor: named } }), /the image's name in a layout/);
  for (const wrong of [
    { index: { "": "x" } },
    { index: { port: 80 } },
    { "": "x" },
    { "a b": "x" },
    { "a\nb": "x" },
    { port: 80 },
    ["x"],
    "a=b",
  ]) {
    assert.match(await problemOf({ annotations: wrong }), /annotations/);
  }
});

test("platforms are platforms, each once, and not beside an architecture", async () => {
  const { platforms } = await specOf({ name: "a", platforms: ["linux/arm/v7", "linux/amd64", "linux/arm/v7"] });
  assert.equal(platforms, [
    { os: "linux", architecture: "arm", variant: "v7" },
    { os: "linux", architecture: "amd64" },
  ]);
  assert.match(await problemOf({ platforms: [] }), /platforms.*at least one platform/);
  assert.match(await problemOf({ platforms: ["arm64"] }), /platforms\[0\].*such as "linux\/amd64"/);
  assert.match(await problemOf({ platforms: "linux/amd64" }), /platforms/);
  assert.match(
    await problemOf({ platforms: ["linux/amd64"], architecture: "amd64" }),
    /both architecture and platforms/,
  );
});

test("compressor is one of dockerTools' three, and no argument of streamLayeredImage", async () => {
  for (const compressor of ["none", "gz", "zstd"] as const) {
    assert.is((await specOf({ name: "a", compressor })).compressor, compressor);
  }
  assert.match(await problemOf({ compressor: "gzip" }), /compressor.*expected "none", "gz" or "zstd"/);
  let message = "";
  try {
    await specOf({ name: "a", compressor: "gz" }, streamLayeredImage);
  } catch (error) {
    message = String(error);
  }
  assert.match(message, /compressor/);
});

test("arguments arrive", async () => {
  const spec = await specOf({
    name: "registry.example:5000/team/App_x",
    tag: "v1.2",
    contents: [motd],
    config: { Cmd: ["/x"], User: undefined } as never,
    architecture: "arm64",
    created: "2026-01-31T12:00:00+01:00",
    mtime: "1980-01-01T00:00:00Z",
    extraCommands: "mkdir data",
    fakeRootCommands: "chown 1:1 data",
    enableFakechroot: true,
    collisions: "first",
    layering: "popularity",
  });
  assert.is(spec.name, "registry.example:5000/team/app_x");
  assert.equal(spec.contents, [motd]);
  assert.equal(Object.keys(spec.config), ["Cmd"]);
  assert.equal(spec.platform, { os: "linux", architecture: "arm64" });
  assert.is(spec.created, Date.UTC(2026, 0, 31, 11) / 1000);
  assert.is(spec.mtime, 315532800);
  assert.equal(
    spec.runs.map(({ name, runner, stage, script }) => [name, runner, stage, script]),
    [
      ["extraCommands", "host", "command", "mkdir data"],
      ["fakeRootCommands", "fakechroot", "command", "chown 1:1 data"],
    ],
  );
  assert.is((await specOf({ name: "a", created: "now" })).created, "now");
});

test("a script of blanks is none", async () => {
  assert.equal((await specOf({ name: "a", extraCommands: "\n  " })).runs, []);
});

test("what cannot be meant is refused", async () => {
  const cases: readonly (readonly [object, RegExp])[] = [
    [{ name: "" }, /images\.name: expected an image's name/],
    [{ name: "a//b" }, /images\.name/],
    [{ name: "a:1" }, /images\.name/],
    [{ name: "../a" }, /images\.name/],
    [{ tag: "a b" }, /images\.tag: expected a tag/],
    [{ tag: "x".repeat(129) }, /images\.tag/],
    [{ contents: ["/etc"] }, /images\.contents\[0\]: expected a source, such as/],
    [{ contents: [text("/x", 1 as never)] }, /images\.contents\[0\]\.contents: expected a text, found 1/],
    [{ config: { Cmd: "/x -y" } }, /images\.config\.Cmd: expected a list of texts, such as \["\/x","-y"\]/],
    [{ config: { ExposedPorts: { 80: {}, "80/tpc": {} } } }, /ExposedPorts\["80\/tpc"\]: expected a port/],
    [{ config: { Env: ["PATH"] } }, /images\.config\.Env\[0\]: expected NAME=value, found the text "PATH"/],
    [{ config: { Volumes: ["/data"] } }, /images\.config\.Volumes/],
    [{ config: { Healthcheck: { Test: ["curl"] } } }, /Healthcheck\.Test: expected a list that starts with "NONE"/],
    [{ created: "yesterday" }, /images\.created: expected a time with its zone/],
    [{ created: "2026-01-31T12:00:00" }, /images\.created/],
    [{ created: "2026-02-31T12:00:00Z" }, /images\.created/],
    [{ mtime: "now" }, /images\.mtime/],
    [{ maxLayers: 1 }, /images\.maxLayers: expected at least 2, found 1/],
    [{ fromImageName: "a" }, /images: fromImageName and fromImageTag choose among the images of an archive/],
    [{ fromImage: 7 }, /images\.fromImage: expected the path of an archive, or another image of the config/],
    [{ fromImage: "a.tar", inherit: ["Path"] }, /images\.inherit/],
    [{ variant: "v7" }, /images: variant says "v7", but there is no architecture/],
    [{ uid: -1 }, /images\.uid: expected at least 0/],
    [{ extraCommands: ["mkdir"] }, /images\.extraCommands: expected bash text or a function/],
    [{ collisions: "fist" }, /images\.collisions: expected "error", "first" or "last", found the text "fist"/],
    [{ fakerootCommands: "x" }, /images\.fakerootCommands: is not known; did you mean "fakeRootCommands"\?/],
  ];
  for (const [options, message] of cases) assert.match(await problemOf(options), message, JSON.stringify(options));
});

test.run();
