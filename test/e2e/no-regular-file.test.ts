// @runtimes node
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { requireTool, suite } from "../harness.ts";
import { openFolder, runCli } from "./support.ts";

const test = suite("e2e/no-regular-file", { timeout: 60_000 });

const CASES: readonly (readonly [what: string, image: string, code: string])[] = [
  ["an archive", `contents: archive("./fifo")`, "E_FILES"],
  ["the index of an OCI layout", `contents: [], fromImage: "./layout"`, "E_BASE_IMAGE"],
  ["a layering pipeline", `contents: [], layeringPipeline: "./fifo"`, "E_CONFIG_LOAD"],
  ["certificates", `contents: caCertificates({ bundle: "./fifo" })`, "E_FILES"],
  ["a program", `contents: elf({ files: ["./fifo"] })`, "E_ELF_NOT_FOUND"],
  ["the lock", `contents: []`, "E_LOCK_INVALID"],
];

for (const [what, image, code] of CASES) {
  test(`a FIFO in the place of ${what} ends the build at once`, () => {
    const folder = openFolder("fifo");
    try {
      mkdirSync(join(folder.path, "layout"));
      writeFileSync(join(folder.path, "layout/oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
      const fifos = ["fifo", "layout/index.json", ...(what === "the lock" ? ["image.lock.json"] : [])];
      execFileSync(requireTool("mkfifo"), fifos, { cwd: folder.path });
      writeFileSync(
        join(folder.path, "image.config.mjs"),
        `import { archive, buildLayeredImage, caCertificates, elf } from "image-dsl";
export default { images: buildLayeredImage({ name: "t", ${image} }) };\n`,
      );
      const env = { IMAGE_DSL_CACHE: join(folder.path, "cache") };
      assert.match(String(runCli(["build", "-o", "digest"], { cwd: folder.path, env }).stderr), code);
    } finally {
      folder.dispose();
    }
  });
}

test.run();
