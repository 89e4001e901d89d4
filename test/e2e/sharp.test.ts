// @runtimes node
// @timeout 400
/** A project with sharp, for two platforms from one host: each image has its own platform's programs alone, and this machine's resizes a picture. */
import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { requireTool, suite, tmp } from "../harness.ts";
import { sharedCache } from "../shared-cache.ts";
import { removeImage } from "./containers.ts";
import { makeProject } from "./npm-ci.ts";
import type { Question } from "./servers/questions.ts";
import { cli } from "./support.ts";
import { answerOfContainer } from "./templates/answer.ts";
import { listTree } from "./tree-listing.ts";

const test = suite("e2e/sharp", { timeout: 390_000 });

const SERVER = `import { createServer } from "node:http";
import sharp from "sharp";
const server = createServer(async (_, response) => {
  const picture = await sharp("picture.svg").resize({ width: 20 }).png().toBuffer();
  response.setHeader("x-user", process.getuid()).end(picture);
});
server.listen(8080);
process.on("SIGTERM", () => server.close());
`;

/** `e_machine` of ELF, as the System V gABI numbers them. */
const [X86_64, AARCH64] = [62, 183];

/** A PNG says its width and height first (its specification, 11.2.1). */
const RESIZED: Question = {
  kind: "tcp",
  at: 8080,
  send: "GET / HTTP/1.0\r\n\r\n",
  isRight: (answer) =>
    answer.startsWith("HTTP/1.1 200 OK") && answer.includes(`\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x14\0\0\0\x0a`),
};

const project = tmp();

test.before(() => {
  requireTool("docker");
  makeProject(project, {
    "image.config.ts": `import { defineConfig, image, nodeApp } from "image-dsl";
export default defineConfig(image({ ...nodeApp({ port: 8080 }), strict: true, platforms: ["linux/amd64", "linux/arm64"] }));
`,
    "package.json": { name: "resize", version: "1.0.0", type: "module", dependencies: { sharp: "0.33.5" } },
    "server.js": SERVER,
    "picture.svg":
      '<svg xmlns="http://www.w3.org/2000/svg" width="100" height="50"><rect width="100" height="50" fill="red"/></svg>',
  });
  cli(["build", "-o", "rootfs:{platform}", "--load"], { cwd: project, env: { IMAGE_DSL_CACHE: sharedCache() } });
});
test.after(() => removeImage("docker", "resize:latest"));

test("each image holds its own platform's programs and libraries, and nothing for another", () => {
  for (const [platform, cpu, machine] of [
    ["linux-amd64", "x64", X86_64],
    ["linux-arm64", "arm64", AARCH64],
  ] as const) {
    const root = join(project, platform);
    const files = [...listTree(root).values()].filter(({ type }) => type === "file").map(({ path }) => path);
    const native = new Set(files.flatMap((path) => /^app\/node_modules\/@img\/([^/]+)/.exec(path)?.[1] ?? []));
    assert.equal([...native].sort(), [`sharp-libvips-linux-${cpu}`, `sharp-linux-${cpu}`]);
    const machines = files.flatMap((path) => machineOf(join(root, path)) ?? []);
    assert.ok(machines.length > 10, `${machines.length} ELF files`);
    assert.equal([...new Set(machines)], [machine], platform);
  }
});

test("this machine's serves a resized picture as user 1000, on a read-only root and without capabilities", async () => {
  const { said, status } = await answerOfContainer("resize:latest", RESIZED);
  assert.match(said, /^x-user: 1000\r$/m);
  assert.is(status, 0);
});

test.run();

/** Of an ELF file. */
function machineOf(file: string): number | undefined {
  const header = Buffer.alloc(20);
  const opened = openSync(file, "r");
  try {
    readSync(opened, header, 0, header.length, 0);
  } finally {
    closeSync(opened);
  }
  return header.toString("latin1", 0, 4) === "\x7fELF" ? header.readUInt16LE(18) : undefined;
}
