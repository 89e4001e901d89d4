import * as assert from "uvu/assert";
import * as v from "valibot";
import { checkConfig, type CheckOptions } from "../../../core/config/check.ts";
import type { ConfigContext } from "../../../core/config/config-types.ts";
import {
  defineSource,
  ImageDslError,
  imageConfigSchema,
  parsePlatform,
  platformText,
  type ImageSpec,
  type Plugin,
} from "../../../core/index.ts";
import { definePreset } from "../../../core/graph/preset.ts";
import { imagesFor } from "../../../core/graph/build-graph.ts";
import { imagesOf } from "../../../core/model/image-spec.ts";
import { suite } from "../../harness.ts";

const test = suite("config/check");

interface Options {
  readonly name: string;
  readonly contents?: readonly unknown[];
  readonly config?: unknown;
  readonly layers?: number;
}

const image = definePreset<"testImage", Options, Options>(
  "testImage",
  v.strictObject({
    name: v.pipe(v.string(), v.nonEmpty()),
    contents: v.optional(v.array(v.unknown())),
    config: v.optional(imageConfigSchema),
    layers: v.optional(v.pipe(v.number(), v.integer(), v.minValue(2))),
  }),
  ({ name }) =>
    ({
      kind: "image",
      name,
      tag: null,
      contents: [],
      config: {},
      mtime: 1,
      maxLayers: 2,
      layering: "auto",
      collisions: "error",
      runs: [],
    }) satisfies ImageSpec,
);
const note = defineSource<"note", { readonly path: string; readonly mode?: number }>(
  "note",
  v.strictObject({ path: v.string(), mode: v.optional(v.union([v.number(), v.literal("keep")])) }),
);
const plugin: Plugin = { name: "test", sources: [note], presets: [image.preset], apply() {} };
const options: CheckOptions = { plugins: [plugin], directory: "/project", configFile: "/project/image.config.ts" };

async function problemsOf(value: unknown): Promise<readonly string[]> {
  try {
    await checkConfig(value, options);
  } catch (error) {
    if (!(error instanceof ImageDslError)) throw error;
    assert.is(error.code, "E_CONFIG_INVALID");
    assert.is(error.exitStatus, 2);
    assert.ok(["/project/image.config.ts", import.meta.filename].includes(error.place?.file ?? ""));
    const [heading, ...lines] = error.message.split("\n");
    if (lines.length === 0) return [heading!.replace("The config is wrong: ", "")];
    assert.is(heading, `The config has ${lines.length} problems`);
    return lines.map((line) => line.trim().replace(/ \(check\.test\.ts:\d+\)$/, ""));
  }
  return [];
}

test("an image, a record or a function is short for images", async () => {
  const one = image({ name: "registry.example:5000/team/redis" });
  for (const value of [one, { images: one }, () => one, async () => one, { images: () => one }]) {
    assert.equal([...(await checkConfig(value, options)).graph.images.keys()], ["redis"]);
  }
  for (const value of [{ b: one, a: one }, { images: { b: one, a: one } }, () => ({ b: one, a: one })]) {
    assert.equal([...(await checkConfig(value, options)).graph.images.keys()], ["b", "a"], "in config order");
  }
});

test("the same config in JSON gives the same graph", async () => {
  const written = { outputs: ["digest"], images: { a: image({ name: "a", contents: [note({ path: "/x" })] }) } };
  const json: unknown = JSON.parse(JSON.stringify(written));
  const [fromCode, fromJson] = [await checkConfig(written, options), await checkConfig(json, options)];
  assert.equal(fromJson.graph, fromCode.graph);
  assert.equal(fromJson.graph.outputs, ["digest"]);
});

test("all problems are told at once, each with its path", async () => {
  const source = note({ path: 1, moed: 2 } as never);
  const value = {
    imges: 1,
    outputs: ["digest", 5, ""],
    platforms: ["linux/amd64", "amd64"],
    limits: { "unpack.ratio": 0, "tar.entrees": 1, "lock.bytes": 2 ** 30, "tar.paths": NaN },
    virtualMachine: { acceleration: "fast", kernel: 6, kernels: 1 },
    remote: {
      at: "workers.example",
      headers: { Authorization: { env: "TOKEN" }, "x-key": "s3cret" },
      tls: { cert: "cert.pem" },
      jobs: 0,
      job: 1,
    },
    plugins: [{ name: "x" }, () => plugin],
    images: {
      redis: image({
        contents: [source, { kind: "noet", options: {} }],
        config: { Cmd: "/usr/bin/redis -v", Volume: {}, Envv: [] },
        layers: 1,
        laers: 3,
        x: 1,
      } as never),
      "a b": 1,
      note: note({ path: "/x" }),
      other: { kind: "image", preset: "testImag", options: {} },
    },
  };
  assert.equal(await problemsOf(value), [
    `imges: is not known; did you mean "images"?`,
    `plugins[0]: expected a plugin, { name, apply(builder) }, found an object`,
    `plugins[1]: expected a plugin, { name, apply(builder) }, found a function; is a call missing, as in plugins: [plugin()]?`,
    `outputs[1]: expected a destination, such as "docker-archive:{target}.docker.tar", found 5`,
    `outputs[2]: expected a destination, such as "docker-archive:{target}.docker.tar", found the text ""`,
    `platforms[1]: "amd64" is not a platform`,
    `limits["unpack.ratio"]: expected a whole number from 1 to 9007199254740991, found 0`,
    `limits["tar.entrees"]: is not known; did you mean "tar.entries"?`,
    `limits["lock.bytes"]: expected a whole number from 1 to 536870888, found 1073741824`,
    `limits["tar.paths"]: expected a whole number from 1 to 9007199254740991, found NaN`,
    `remote.at: expected a place, such as "grpcs://workers.example:443", found the text "workers.example"`,
    `remote.headers.Authorization: expected a header's name in small letters, such as authorization, found the text "Authorization"`,
    `remote.tls: expected cert and key, or none of both, found an object`,
    `remote.jobs: expected a whole number from 1 to 10000, found 0`,
    `remote.job: is not known; did you mean "jobs"?`,
    `remote.headers.x-key: expected { env: "VARIABLE" } or { file: "PATH" }: the value itself stands in no config`,
    `virtualMachine.kernels: is not known; did you mean "kernel"?`,
    `virtualMachine.kernel: expected a path, found 6`,
    `virtualMachine.acceleration: expected "auto", "kvm", "tcg", found the text "fast"`,
    `images.redis.name: is missing; expected a text`,
    `images.redis.config.Cmd: expected a list of texts, such as ["/usr/bin/redis","-v"], found the text "/usr/bin/redis -v"`,
    `images.redis.config.Volume: is not known; did you mean "Volumes"?`,
    `images.redis.config.Envv: is not known; did you mean "Env"?`,
    `images.redis.layers: expected at least 2, found 1`,
    `images.redis.laers: is not known; did you mean "layers"?`,
    `images.redis.x: is not known; known are name, contents, config, layers`,
    `images.redis.contents[0].path: expected a text, found 1`,
    `images.redis.contents[0].moed: is not known; did you mean "mode"?`,
    `images.redis.contents[1]: "noet" is no known kind of source; did you mean "note"?`,
    `images["a b"]: is no name of a target; expected letters, digits, and . _ - after the first`,
    `images["a b"]: expected an image, such as image({ … }), found 1`,
    `images.note: expected an image, such as image({ … }), found a source of the kind "note"; put it into the contents of an image`,
    `images.other: "testImag" is no known image function; did you mean "testImage"?`,
  ]);
});

test("what is no config at all is told as such", async () => {
  assert.equal(await problemsOf(5), ["config: expected { images }, an image, named images or a function, found 5"]);
  assert.equal(await problemsOf(null), [
    "config: expected { images }, an image, named images or a function, found null",
  ]);
  assert.equal(await problemsOf({}), ["images: is missing; expected an image or named images"]);
  assert.equal(await problemsOf({ name: "app", contents: [], cmd: ["node"] }), [
    "config: expected an image, found what one is made of, such as nodeApp() gives it: write image(…) around it",
  ]);
  assert.equal(await problemsOf({ images: {} }), ["images: expected at least one image, found none"]);
  assert.equal(await problemsOf({ images: [] }), ["images: expected an image or named images, found an empty list"]);
  assert.equal(await problemsOf({ images: () => 3 }), ["images: expected an image or named images, found 3"]);
  for (const value of [() => 3, Promise.resolve(3), async () => Promise.resolve(3)]) {
    assert.equal(await problemsOf(value), [
      "config: expected { images }, an image, named images or a function, found 3",
    ]);
  }
  assert.equal(await problemsOf(() => ({ images: image({ name: "a" }), outputs: "digest" })), [
    'outputs: expected a list, found the text "digest"',
  ]);
});

test("of a union, the nearest alternative is explained", async () => {
  const withMode = (mode: unknown) => image({ name: "a", contents: [note({ path: "/x", mode } as never)] });
  assert.equal(await problemsOf(withMode("kep")), [
    `images.contents[0].mode: expected a number or "keep", found the text "kep"`,
  ]);
});

test("a circle in the options ends", async () => {
  const circle: unknown[] = [];
  circle.push(circle);
  assert.match((await problemsOf(image({ name: "a", contents: circle })))[0] ?? "", /is nested too deeply/);
});

test("an images function gets args and platform, once for each platform", async () => {
  const seen: string[] = [];
  const platforms = ["linux/amd64", "linux/arm64"].map(parsePlatform);
  const { graph } = await checkConfig(
    ({ args, platform }: { args: Record<string, string>; platform: { architecture: string } }) => {
      seen.push(`${args["version"]} ${platform.architecture}`);
      return { app: image({ name: `app-${platform.architecture}` }) };
    },
    { ...options, platforms, args: { version: "7" } },
  );
  assert.equal(seen, ["7 amd64", "7 arm64"]);
  assert.equal(
    platforms.flatMap((platform) => imagesOf(imagesFor(graph, platform).get("app")!)).map(({ name }) => name),
    ["app-amd64", "app-arm64"],
  );
});

test("targets must not depend on the platform", async () => {
  const value = ({ platform }: { platform: { architecture: string } }) => ({
    [platform.architecture]: image({ name: "a" }),
  });
  const platforms = ["linux/amd64", "linux/arm64"].map(parsePlatform);
  try {
    await checkConfig(value, { ...options, platforms });
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, /one gets amd64, another arm64/);
  }
});

test("a function or a promise may give a whole config, for each platform its images", async () => {
  const whole = { outputs: ["digest"], platforms: ["linux/arm64", "linux/amd64"] };
  const asked: string[] = [];
  const config = async ({ platform }: ConfigContext) => {
    asked.push(platform.architecture);
    return { ...whole, images: { a: image({ name: `a-${platform.architecture}` }) } };
  };
  const { graph } = await checkConfig(config, options);
  assert.equal(graph.outputs, ["digest"]);
  assert.equal(graph.platforms.map(platformText), whole.platforms);
  const names = [...graph.byPlatform].map(([platform, images]) => [platform, imagesOf(images.get("a")!)[0]?.name]);
  assert.equal(names, [
    ["linux/arm64", "a-arm64"],
    ["linux/amd64", "a-amd64"],
  ]);
  assert.equal(asked.toSorted(), ["amd64", "arm64"], "once for each");

  const promised = await checkConfig(Promise.resolve({ ...whole, images: image({ name: "b" }) }), options);
  assert.equal([...promised.graph.images.keys()], ["b"]);
});

test("what is no image must not depend on the platform", async () => {
  const config = ({ platform }: ConfigContext) => ({
    platforms: ["linux/amd64", "linux/arm64"],
    outputs: [`docker-archive:${platform.architecture}.tar`],
    images: image({ name: "a" }),
  });
  try {
    await checkConfig(config, options);
    assert.unreachable();
  } catch (error) {
    assert.is((error as Error).message, "The config's outputs depend on the platform it is asked for");
  }
});

test("a function of the config that throws is told with its message and hint", async () => {
  const fail = () => Promise.reject(new ImageDslError("E_PLUGIN_X", "No token", { hint: "Log in" }));
  const told = {
    "The config's function failed: No token": fail,
    "The config's images function failed: No token": { images: fail },
    "The promise that is the config was not kept: No token": fail(),
  };
  for (const [message, value] of Object.entries(told)) {
    try {
      await checkConfig(value, options);
      assert.unreachable();
    } catch (error) {
      assert.instance(error, ImageDslError);
      assert.is((error as ImageDslError).code, "E_CONFIG_LOAD");
      assert.is((error as ImageDslError).message, message);
      assert.is((error as ImageDslError).hint, "Log in");
    }
  }
});

test("the $ of an images function runs bash in the config's folder", async () => {
  const { graph } = await checkConfig(
    async ({ $ }: { $: (pieces: TemplateStringsArray, ...values: unknown[]) => PromiseLike<{ stdout: string }> }) => {
      const { stdout } = await $`pwd; echo ${"a b"}; cat`;
      return image({ name: stdout.replaceAll("\n", "|") });
    },
    { ...options, directory: "/usr" },
  );
  assert.is([...graph.images.values()].flatMap(imagesOf)[0]?.name, "/usr|a b|");
});

test.run();
