/** Never run: tsc compiles it. A config that is wrong must be red in the editor, and a right one must not be. */
import {
  binSh,
  buildImage,
  buildLayeredImage,
  caCertificates,
  defineConfig,
  fakeNss,
  files,
  imageIndex,
  shadowFiles,
  shadowSetup,
  streamLayeredImage,
  text,
  tmp,
  usrBinEnv,
} from "image-dsl";
import type { Plugin } from "image-dsl/plugin";

const image = buildLayeredImage({ name: "a" });

// The short forms, and the long one.
defineConfig(image);
defineConfig({ a: image, b: streamLayeredImage({ name: "b" }) });
defineConfig(() => image);
defineConfig(async ({ $, args, platform }) => {
  const { stdout } = await $`git describe ${args["rev"]}`;
  return { a: buildLayeredImage({ name: "a", tag: stdout.trim(), architecture: platform.architecture }) };
});
declare const plugin: Plugin;
defineConfig({ plugins: [plugin], outputs: ["digest"], platforms: ["linux/arm64"], images: { a: image } });
defineConfig({ images: () => ({ a: image }) });
defineConfig(({ args }) => ({ outputs: [`rootfs:${args["to"]}`], images: { a: image } }));
defineConfig(async () => ({ images: () => image }));
defineConfig(Promise.resolve({ images: { a: image } }));

// Everything an image takes.
buildLayeredImage({
  name: "a",
  tag: null,
  contents: [files("dist", { dest: "/srv" }), text("/etc/motd", "Hello\n", { mode: 0o600 })],
  config: { Cmd: ["/x"], Env: ["A=1"], ExposedPorts: { "80/tcp": {} }, Healthcheck: { Test: ["NONE"] } },
  architecture: "arm64",
  created: "now",
  mtime: "1980-01-01T00:00:00Z",
  maxLayers: 20,
  extraCommands: "mkdir data",
  fakeRootCommands: ({ $, root, id, env }) => $`chown ${id("www-data")} ${root}/data ${env["X"]}`,
  enableFakechroot: true,
  layering: "popularity",
  layerCompression: "zstd",
  manifestFormat: "oci",
  annotations: { "org.opencontainers.image.source": "https://example.org/a" },
  collisions: "first",
});
const port = 8000 + Math.floor(1.5);
buildLayeredImage({
  name: "a",
  strict: true,
  config: {
    ExposedPorts: { 80: {}, "53": {}, "53/udp": {}, [`${port}/tcp`]: {} },
    Volumes: { "/data": {}, [`/var/${port}`]: {} },
    WorkingDir: `/srv/${port}`,
    StopSignal: "SIGRTMIN+3",
  },
});
for (const StopSignal of ["", "SIGTERM", "TERM", "sigterm", "15", "SIGRTMAX-1", "rtmin"] as const)
  buildLayeredImage({ name: "a", config: { StopSignal, WorkingDir: "" } });
buildLayeredImage({ name: "a", contents: text("/x", "y"), config: Math.random() > 2 ? null : {} });

// What programs take for granted; shadowSetup is bash text.
buildLayeredImage({
  name: "a",
  contents: [
    fakeNss({ extraGroupLines: ["app:x:5:"] }),
    binSh({ from: files("x") }),
    usrBinEnv(),
    caCertificates(),
    tmp(),
  ],
  fakeRootCommands: `${shadowSetup}\nuseradd redis`,
});
buildLayeredImage({ name: "a", contents: shadowFiles({ passwordHash: "sha512" }), fakeRootCommands: shadowSetup });
// @ts-expect-error what brings the shell is a source
binSh({ from: "bash" });
// @ts-expect-error there are no other lines
fakeNss({ extraShadowLines: [] });

// @ts-expect-error a config has images
defineConfig({ outputs: ["digest"] });
// @ts-expect-error a source is no image
defineConfig({ images: { a: text("/x", "y") } });
// @ts-expect-error outputs is a list
defineConfig({ outputs: "digest", images: image });
// @ts-expect-error the function gives images
defineConfig({ images: () => 1 });
// @ts-expect-error every image has a name
buildLayeredImage({ contents: [] });
// @ts-expect-error a Cmd in one text is split by nobody
buildLayeredImage({ name: "a", config: { Cmd: "/usr/bin/redis-server" } });
// @ts-expect-error a field of the configuration is misspelt
buildLayeredImage({ name: "a", config: { Comand: ["/x"] } });
// @ts-expect-error ports are keys of empty objects
buildLayeredImage({ name: "a", config: { ExposedPorts: ["80/tcp"] } });
// @ts-expect-error there is no such protocol
buildLayeredImage({ name: "a", config: { ExposedPorts: { "80/http": {} } } });
// @ts-expect-error the working directory is absolute
buildLayeredImage({ name: "a", config: { WorkingDir: "srv" } });
// @ts-expect-error so is a volume
buildLayeredImage({ name: "a", config: { Volumes: { data: {} } } });
// @ts-expect-error there is no such signal
buildLayeredImage({ name: "a", config: { StopSignal: "SIGFOO" } });
// @ts-expect-error strict is no word
buildLayeredImage({ name: "a", strict: "yes" });
// @ts-expect-error an argument is misspelt
buildLayeredImage({ name: "a", content: [] });
// @ts-expect-error a path is no source
buildLayeredImage({ name: "a", contents: ["dist"] });
// @ts-expect-error there are three ways to deal with a collision
buildLayeredImage({ name: "a", collisions: "ignore" });
buildImage({ name: "a", platforms: ["linux/amd64", "linux/arm/v7"] });
// @ts-expect-error platforms are a list
buildLayeredImage({ name: "a", platforms: "linux/amd64" });
// @ts-expect-error gz is dockerTools' word for whole archives
buildLayeredImage({ name: "a", layerCompression: "gz" });
// @ts-expect-error v2s2 is skopeo's word
buildLayeredImage({ name: "a", manifestFormat: "v2s2" });
buildLayeredImage({ name: "a", annotations: { manifest: { a: "b" }, indexDescriptor: { a: "b" } } });
// @ts-expect-error no level is called so
buildLayeredImage({ name: "a", annotations: { manifests: { a: "b" } } });
// @ts-expect-error nor so, beside one that is
buildLayeredImage({ name: "a", annotations: { index: { a: "b" }, indexDescriptors: { a: "b" } } });
imageIndex({ images: [], annotations: { index: { a: "b" }, indexDescriptor: { a: "b" } } });
// @ts-expect-error its images have their own
imageIndex({ images: [], annotations: { manifest: { a: "b" } } });
// @ts-expect-error an annotation's value is a text
buildLayeredImage({ name: "a", annotations: { port: 80 } });
// @ts-expect-error a script is text or a function
buildLayeredImage({ name: "a", extraCommands: ["mkdir", "data"] });
// @ts-expect-error layers are counted
buildLayeredImage({ name: "a", maxLayers: "20" });
