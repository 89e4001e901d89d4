// @runtimes node
/** What a base's config says counts as far as it is inherited: then it may not be what stops every container. */
import { join } from "node:path";
import * as assert from "uvu/assert";
import { ImageDslError, type ImageConfig, type Inherit } from "../../../core/index.ts";
import { buildLayeredImage, exportImage } from "../../../plugins/dockertools/index.ts";
import { build } from "../../../plugins/program.ts";
import { dockerArchive, layerTars } from "../../fixtures/base-images/archives.ts";
import { file } from "../../fixtures/base-images/root.ts";
import { suite, tmp } from "../../harness.ts";

const test = suite("image-archive/inherited-config");

function baseWith(config: Readonly<Record<string, unknown>>): string {
  const folder = tmp();
  const layers = layerTars(join(folder, "tars"), [[file("bin/x", "x")]]);
  return dockerArchive(join(folder, "base.tar"), { layers, config });
}

async function builtOn(fromImage: string, inherit: Inherit, config: ImageConfig = {}): Promise<ImageConfig> {
  const image = buildLayeredImage({ name: "a", fromImage, inherit, config });
  const [result] = await build(image, { outputs: ["digest"], store: tmp() });
  return result!.image.config;
}

async function refusal(fromImage: string, inherit: Inherit, config: ImageConfig = {}): Promise<string> {
  try {
    await builtOn(fromImage, inherit, config);
  } catch (error) {
    if (error instanceof ImageDslError && error.code === "E_BASE_IMAGE") return `${error.message} → ${error.hint}`;
    throw error;
  }
  throw new Error("It was built");
}

const IMPOSSIBLE: Readonly<Record<string, unknown>> = {
  WorkingDir: "srv",
  Volumes: { "/": {} },
  Env: ["A=1", "=x"],
  Cmd: [""],
  Entrypoint: ["/x", "a\0b"],
  User: "4294967296",
};

test("a field that no runtime takes stops the build where it is inherited, and is named with the mend", async () => {
  for (const [field, value] of Object.entries(IMPOSSIBLE)) {
    const base = baseWith({ [field]: value });
    const said = await refusal(base, "all");
    assert.match(said, `inherits of its base: ${field}: expected`, field);
    assert.match(said, `Give ${field} in config`, field);
    assert.equal(await builtOn(base, []), {}, `${field} that is not inherited`);
  }
  assert.match(await refusal(baseWith({ WorkingDir: 5 }), "all"), "WorkingDir: expected a text");
});

test("the image's own value takes the place of a wrong one", async () => {
  assert.is((await builtOn(baseWith({ WorkingDir: "srv" }), "all", { WorkingDir: "/bin" })).WorkingDir, "/bin");
});

test("what some runtime takes is inherited, though nobody may write it", async () => {
  const odd = {
    Env: ["A", "B=1", "B=2"],
    ExposedPorts: { "0/tcp": {}, "80-90/tcp": {} },
    Volumes: { data: {} },
    StopSignal: "SIGFOO",
    Healthcheck: { Interval: 1 },
    Labels: { a: "\0" },
    Entrypoint: [""],
    Cmd: ["/bin/x"],
    WorkingDir: "/data",
    User: "0:0",
  };
  assert.equal(await builtOn(baseWith(odd), "all"), odd);
});

test("an image that is handed on as it is is not judged", async () => {
  const image = exportImage({ fromImage: baseWith({ WorkingDir: "srv" }) });
  await build(image, { outputs: [`rootfs:${join(tmp(), "out.tar")}`], store: tmp() });
});

test.run();
