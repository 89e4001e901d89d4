// @runtimes node
// @timeout 600
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { RUNTIMES, type RuntimeName, javaScriptCommand } from "../../scripts/runtimes.ts";
import { suite, tmp } from "../harness.ts";
import { installPackage, packProject } from "./packed-package.ts";

const test = suite("smoke/runtimes", { timeout: 180_000 });
const packed = packProject();
let app = "";

const config = `
  import { buildLayeredImage, files, text } from "image-dsl";
  export default buildLayeredImage({
    name: "smoke",
    tag: "1",
    contents: [files("site", { dest: "/srv" }), text("/etc/motd", "hello\\n", { mode: 0o600 })],
    config: { Cmd: ["/srv/a.txt"] },
  });`;

test.before(() => {
  app = installPackage(packed);
  writeProject(app);
});

for (const runtime of RUNTIMES) {
  test(`${runtime}: the installed bin tells the package's version`, () => {
    assert.is(run(runtime, app, ["--version"]).toString().trim(), packed.version);
  });

  test(`${runtime}: build, stream and build() in a program give the same bytes, the same as every runtime's`, () => {
    const folder = tmp();
    run(runtime, app, ["build", "-o", `docker-archive:${join(folder, "image.tar")}`]);
    const archive = sha256(readFileSync(join(folder, "image.tar")));
    assert.is(sha256(run(runtime, app, ["stream"])), archive, "stream against the archive");
    reference ??= archive;
    assert.is(archive, reference, `against ${RUNTIMES[0]}`);

    writeFileSync(join(app, "program.js"), program(join(folder, "program.tar")));
    const command = javaScriptCommand(runtime);
    execFileSync(command.program, [...command.args, "program.js"], { cwd: app });
    assert.is(sha256(readFileSync(join(folder, "program.tar"))), archive, "a program against the archive");
  });

  test(`${runtime}: a config needs no image-dsl beside it`, () => {
    const alone = join(tmp(), "alone");
    mkdirSync(alone);
    writeProject(alone);
    const digest = run(runtime, alone, ["build", "-o", "digest"]).toString();
    assert.match(digest, /^sha256:[0-9a-f]{64}\n$/);
    assert.is(digest, run(runtime, app, ["build", "-o", "digest"]).toString());
  });
}

test.run();

let reference: string | undefined;

function run(runtime: RuntimeName, folder: string, args: readonly string[]): Buffer {
  const { program: binary, args: before } = javaScriptCommand(runtime);
  const bin = join(app, "node_modules/image-dsl/dist/cli.js");
  return execFileSync(binary, [...before, bin, ...args], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 64 * 1024 * 1024,
  });
}

function writeProject(folder: string): void {
  writeFileSync(join(folder, "image.config.ts"), config);
  mkdirSync(join(folder, "site/süß 名前"), { recursive: true });
  writeFileSync(join(folder, "site/a.txt"), "a\n");
  writeFileSync(join(folder, "site/süß 名前/🦉\n-.html"), "<p>owl</p>\n");
}

/** The same config in a program: no runtime needs TypeScript for it. */
function program(output: string): string {
  const options = `{ from: import.meta.url, outputs: [${JSON.stringify(`docker-archive:${output}`)}] }`;
  return `${config.replace("export default", "const config =")}
    import { build } from "image-dsl";
    await build(config, ${options});`;
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
