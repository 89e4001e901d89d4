// @runtimes node
/** Layouts under those who write them: at once, killed on the way, and with more than fits into memory. */
import { spawn, type ChildProcess } from "node:child_process";
import { cpSync, mkdirSync, openSync, closeSync, writeSync, ftruncateSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import * as assert from "uvu/assert";
import { watchPeak } from "../../scripts/bench/peak-memory.ts";
import { seededRandom } from "../../core/testing/index.ts";
import { suite, tmp } from "../harness.ts";
import { IS_THOROUGH, sampled } from "../sampled.ts";
import { filesIn, namesIn as imagesIn, readBlob, soleManifest } from "./layouts.ts";
import { CLI, PROJECT, cli, namesIn, writeProject } from "./support.ts";

const test = suite("e2e/layout-writers", { timeout: 180_000 });

/** Builds `count` images one after the other into one layout, each with a layer of its own and one that all share. */
const WRITER = `import { build } from ${JSON.stringify(join(PROJECT, "dist/index.js"))};
import { buildLayeredImage, text } from ${JSON.stringify(join(PROJECT, "dist/index.js"))};
const [who, count, layout] = process.argv.slice(2);
for (let number = 0; number < Number(count); number++) {
  const contents = [text("/own", who + number), text("/shared", "shared")];
  const image = buildLayeredImage({ name: who, tag: String(number), contents });
  await build(image, { outputs: ["oci:" + layout], jobs: 1, directory: process.cwd() });
}
`;

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.on("close", resolve));
}

test("two processes that write into one layout again and again, at once, lose nothing", async () => {
  const times = IS_THOROUGH ? 20 : 8;
  const folder = writeProject(tmp(), { "writer.mjs": WRITER });
  const layout = join(folder, "layout");
  const write = (who: string) =>
    ended(
      spawn(process.execPath, ["writer.mjs", who, String(times), layout], {
        cwd: folder,
        env: { ...process.env, IMAGE_DSL_CACHE: join(folder, who) },
        stdio: ["ignore", "ignore", "inherit"],
      }),
    );
  assert.equal(await Promise.all([write("one"), write("two")]), [0, 0]);
  const expected = ["one", "two"].flatMap((who) => Array.from({ length: times }, (_, number) => `${who}:${number}`));
  assert.equal([...imagesIn(layout)].sort(), expected.sort());
  for (const name of expected) {
    const { config, layers } = soleManifest(layout, name);
    for (const each of [config, ...layers]) readBlob(layout, each);
  }
  assert.equal(namesIn(join(layout, "blobs")), ["sha256"]);
  assert.equal(namesIn(layout), ["blobs", "index.json", "oci-layout"]);
});

const BIG = `import { buildLayeredImage, files, text } from "image-dsl";
export default {
  small: buildLayeredImage({ name: "small", tag: "1", contents: text("/small", "small") }),
  big: buildLayeredImage({ name: "big", tag: "1", contents: files("data", { dest: "/data" }) }),
};
`;

test("a build that is killed leaves the layout as it was, and the next one finishes it", async () => {
  const folder = writeProject(tmp(), { "image.config.mjs": BIG });
  mkdirSync(join(folder, "data"));
  const random = seededRandom(3);
  for (let file = 0; file < 40; file++) {
    const words = Array.from({ length: 60_000 }, () => random(1 << 30).toString(36));
    writeProject(folder, { [`data/${file}`]: words.join("") });
  }
  const options = () => ({ cwd: folder, env: { IMAGE_DSL_CACHE: tmp() } });
  const args = (layout: string) => ["build", "--jobs", "1", "-o", `oci:${layout}`, "--quiet"];
  const whole = join(folder, "whole");
  cli(["build", "small", "-o", `oci:${whole}`], options());
  const small = join(folder, "small");
  cpSync(whole, small, { recursive: true });
  const started = performance.now();
  cli(args(whole), options());
  const duration = performance.now() - started;

  const left = new Set<string>();
  for (const part of sampled([0.3, 0.5, 0.65, 0.8, 0.9, 1], 4)) {
    const layout = join(folder, `killed-${part}`);
    cpSync(small, layout, { recursive: true });
    const before = readFileSync(join(layout, "index.json"), "utf8");
    const { cwd, env } = options();
    const child = spawn(process.execPath, [CLI, ...args(layout)], {
      cwd,
      env: { ...process.env, ...env },
      stdio: "ignore",
    });
    const over = ended(child);
    await delay(duration * part);
    child.kill("SIGKILL");
    const isLate = (await over) === 0;
    // Killed between its last step and its end it has finished the layout: there is nothing in between.
    const index = readFileSync(join(layout, "index.json"), "utf8");
    const finished = readFileSync(join(whole, "index.json"), "utf8");
    if (!isLate) assert.ok(index === before || index === finished, `killed after ${part}: ${index}`);
    for (const name of namesIn(join(layout, "blobs"))) left.add(name.split(".")[0]!);
    cli(args(layout), options());
    assert.equal(filesIn(layout), filesIn(whole), `killed after ${part}`);
    assert.equal(readdirSync(join(layout, "blobs")), ["sha256"]);
  }
  // Otherwise none was killed while it wrote, and this shows nothing.
  assert.ok(left.has("file"), `left behind: ${[...left].join()}`);
});

/** Of the large layer. */
const BYTES = IS_THOROUGH ? 1e9 : 5e8;

test("a layer of half a GB goes into a layout in less than 200 MB of memory, compressed or not", async () => {
  const folder = writeProject(tmp(), { "image.config.mjs": BIG });
  mkdirSync(join(folder, "data"));
  // Mostly a hole, and no two pieces of it are the same: kept pieces would spare the work.
  const file = openSync(join(folder, "data/file"), "w");
  ftruncateSync(file, BYTES);
  for (let at = 0; at < BYTES; at += 1 << 20) writeSync(file, `${at}`, at);
  closeSync(file);
  // Each job more that compresses takes some 60 MB.
  for (const [compression, jobs] of [
    ["gzip", "1"],
    ["none", "2"],
  ] as const) {
    const layout = join(folder, compression);
    const args = ["build", "big", "--jobs", jobs, "--compression", compression, "-o", `oci:${layout}`];
    const child = spawn(process.execPath, [CLI, ...args], {
      cwd: folder,
      env: { ...process.env, IMAGE_DSL_CACHE: join(folder, "cache") },
      stdio: ["ignore", "ignore", "inherit"],
    });
    const peak = watchPeak(child.pid!);
    assert.is(await ended(child), 0);
    const megabytes = peak();
    assert.ok(megabytes < 200, `${compression}: ${megabytes} MB`);
    const [layer] = soleManifest(layout, "big:1").layers;
    assert.ok(compression === "none" ? layer!.size > BYTES : layer!.size < BYTES / 10);
  }
});

test.run();
