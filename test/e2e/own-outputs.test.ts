// @runtimes node
/** An image of the folder that it is built into: what builds write there is no part of it. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { suite, tmp } from "../harness.ts";
import { cli, digestOf, runCli, writeProject } from "./support.ts";
import { listTree } from "./tree-listing.ts";

const test = suite("e2e/own-outputs", { timeout: 120_000 });

const LOCK = `{ "lockVersion": 1, "formatVersion": 1, "entries": {} }\n`;

const CONFIG = `import { buildLayeredImage, files, streamLayeredImage } from "image-dsl";
const contents = [files(FROM, { dest: "/app" })];
export default { images: {
  app: buildLayeredImage({ name: "app", tag: "1", contents }),
  other: streamLayeredImage({ name: "other", tag: "1", contents }),
} };
`;

for (const from of [`"."`, `["**"]`]) {
  test(`built again and again into its own folder, files(${from}) gives one digest, and says what it leaves out`, () => {
    const folder = writeProject(tmp(), { "image.config.mjs": CONFIG.replace("FROM", from), "src/a.js": "a" });
    mkdirSync(join(folder, "empty"));
    const options = { cwd: folder, env: { IMAGE_DSL_CACHE: join(folder, ".cache/store") } };
    const outputs = ["-o", "docker-archive:out/deep/app.tar:app:1", "-o", "rootfs:root.tar"];
    const first = digestOf(["app"], options);
    writeFileSync(join(folder, "image.lock.json"), LOCK);
    cli(["build"], options);
    for (const more of [[], [], outputs, outputs]) assert.is(digestOf(["app", ...more], options), first);
    const { stderr } = runCli(["build", "app", "-o", "digest", ...outputs], options);
    const told = /leaves out what builds of this config write: (.*)/.exec(stderr)?.[1]?.split(", ");
    const all = [".cache/store", "app.docker.tar", "image.lock.json", "other.stream", "out/deep/app.tar", "root.tar"];
    assert.equal(told, all);
    const app = [...listTree(join(folder, "root.tar")).keys()].filter((path) => path.startsWith("app/"));
    assert.equal(app, ["app/empty", "app/image.config.mjs", "app/src", "app/src/a.js"]);
  });
}

test.run();
