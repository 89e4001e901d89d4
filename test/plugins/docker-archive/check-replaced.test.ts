// @runtimes node
/** An archive of another platform that is there already, and an image for this machine's, which nobody asked for. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import * as assert from "uvu/assert";
import { ImageDslError, parsePlatform, type BuildEvent } from "../../../core/index.ts";
import { archivedPlatform } from "../../../plugins/docker-archive/archived-platform.ts";
import { buildLayeredImage, type LayeredImageOptions } from "../../../plugins/dockertools/index.ts";
import { text } from "../../../plugins/files/index.ts";
import { build, type ProgramOptions } from "../../../plugins/program.ts";
import { requireTool, suite, tmp } from "../../harness.ts";

const test = suite("docker-archive/check-replaced");
const foreign = process.arch === "arm64" ? "amd64" : "arm64";
const OTHER = [parsePlatform(`linux/${foreign}`)];

async function told(
  output: string,
  more: ProgramOptions = {},
  options: Partial<LayeredImageOptions> = {},
): Promise<readonly string[]> {
  const codes: string[] = [];
  const onEvent = (event: BuildEvent) =>
    void (event.type === "warning" && codes.push(`${event.code} ${event.message}`));
  const image = buildLayeredImage({ name: "a", tag: "1", contents: text("/x", "y"), ...options });
  await build({ images: { a: image } }, { outputs: [output], store: tmp(), onEvent, ...more });
  return codes;
}

test("it is told, unless the platform was asked for or the archive is for the same", async () => {
  const path = join(tmp(), "a.tar");
  const output = `docker-archive:${path}`;
  assert.equal(await told(output, { platforms: OTHER }), []);
  assert.is(archivedPlatform(path)?.architecture, foreign);
  const [said = "", ...others] = await told(`${output}:b:2`);
  assert.equal(others, []);
  assert.match(said, `W_OUTPUT_PLATFORM a: it is for linux/`);
  assert.match(said, `takes the place of ${path}, which is for linux/${foreign}`);
  // Now it is this machine's.
  assert.equal(await told(output), []);
  assert.equal(await told(output, { platforms: OTHER }), [], "asked for");
  assert.equal(await told("digest"), []);
  assert.equal(await told(`rootfs:${join(tmp(), "r.tar")}`), []);
  const own = process.arch === "arm64" ? "arm64" : "amd64";
  assert.equal(await told(output, {}, { architecture: own }), [], "asked for by the image");
});

test("in a strict image it is an error, and the archive stays", async () => {
  const path = join(tmp(), "a.tar");
  const output = `docker-archive:${path}`;
  await told(output, { platforms: OTHER });
  const before = readFileSync(path);
  const error = await told(output, {}, { strict: true }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ImageDslError && error.code === "E_IMAGE_CHECK");
  assert.match(error.hint!, `--platform linux/${foreign}`);
  assert.ok(readFileSync(path).equals(before));
});

test("what is no docker archive of one platform says nothing", async () => {
  requireTool("tar", "gzip");
  const folder = tmp();
  const write = (name: string, text: string | Uint8Array) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  mkdirSync(join(folder, "in"));
  writeFileSync(join(folder, "in/manifest.json"), `[{"Config":"nothing.json"}]`);
  const tar = join(folder, "odd.tar");
  execFileSync("tar", ["-cf", tar, "-C", join(folder, "in"), "manifest.json"]);
  const whole = join(folder, "whole.tar");
  await told(`docker-archive:${whole}`, { platforms: OTHER });
  for (const file of [
    write("empty", ""),
    write("text", "hello"),
    write("zeros", Buffer.alloc(2048)),
    write("cut", readFileSync(whole).subarray(0, 700)),
    write("gz", execFileSync("gzip", ["-c", whole])),
    tar,
  ]) {
    assert.is(archivedPlatform(file), undefined, file);
    assert.equal(await told(`docker-archive:${file}`), [], file);
  }
});

test("whatever the bytes are, it answers", async () => {
  const whole = join(tmp(), "whole.tar");
  await told(`docker-archive:${whole}`, { platforms: OTHER });
  const bytes = readFileSync(whole);
  const file = join(tmp(), "odd.tar");
  const change = fc.tuple(fc.nat(bytes.length - 1), fc.uint8Array({ maxLength: 40 }));
  fc.assert(
    fc.property(fc.array(change, { maxLength: 8 }), fc.nat(bytes.length), (changes, length) => {
      const odd = Buffer.from(bytes);
      for (const [at, by] of changes) odd.set(by.subarray(0, odd.length - at), at);
      writeFileSync(file, odd.subarray(0, length));
      const found = archivedPlatform(file);
      assert.ok(found === undefined || (typeof found.os === "string" && typeof found.architecture === "string"));
    }),
    { numRuns: 300 },
  );
  for (const size of ["-0000000001", "77777777777", "00000000009", "           "]) {
    const odd = Buffer.from(bytes);
    odd.write(size, 124, "latin1");
    writeFileSync(file, odd);
    assert.is(archivedPlatform(file), undefined, size);
  }
});

test.run();
