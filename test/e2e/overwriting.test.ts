// @runtimes node
/** Outputs take the place of earlier outputs, and of nothing that somebody wrote. */
import { execFileSync } from "node:child_process";
import { existsSync, linkSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { suite, tmp } from "../harness.ts";
import { cli, runCli, writeProject } from "./support.ts";

const test = suite("e2e/overwriting", { timeout: 120_000 });

const CONFIG = `import { archive, buildLayeredImage, files, image, text } from "image-dsl";
export default { images: {
  app: image({ name: "app", contents: [files("src", { dest: "/app" }), files("one.txt"), archive("vendor.tar")] }),
  on: image({ name: "on", from: "./base.tar", contents: text("/t", "t") }),
  none: buildLayeredImage({ name: "none", contents: [] }),
} };
`;

function project(): string {
  const folder = writeProject(tmp(), {
    "image.config.mjs": CONFIG,
    "src/a.js": "a",
    "src/a.txt": "a",
    "one.txt": "1",
    "shared.mjs": "export {}",
    "tsconfig.json": "{}",
  });
  execFileSync("tar", ["-cf", "vendor.tar", "one.txt"], { cwd: folder });
  cli(["build", "none", "-o", "docker-archive:base.tar:none:1"], { cwd: folder });
  return folder;
}

test("an output that would take the place of the config, the lock, an input or anything else of somebody's is refused, before the work", () => {
  const cwd = project();
  for (const name of ["image.config.mjs", "base.tar", "vendor.tar"]) {
    symlinkSync(name, join(cwd, `link-to-${name}`));
    linkSync(join(cwd, name), join(cwd, `hard-${name}`));
  }
  for (const [output, said] of [
    ["docker-archive:image.config.mjs", "overwrite the config"],
    ["docker-archive:link-to-image.config.mjs", "overwrite the config"],
    ["docker-archive:hard-image.config.mjs:a:1", "overwrite the config"],
    ["oci:image.config.mjs", "overwrite the config"],
    ["docker-archive:image.lock.json", "overwrite the config's lock"],
    ["docker-archive:base.tar", "overwrite ./base.tar, which on is made of"],
    ["oci-archive:link-to-base.tar", "overwrite ./base.tar, which on is made of"],
    ["rootfs:hard-base.tar", "overwrite ./base.tar, which on is made of"],
    ["docker-archive:vendor.tar", "overwrite vendor.tar, which app is made of"],
    ["docker-archive:hard-vendor.tar", "overwrite vendor.tar, which app is made of"],
    ["docker-archive:one.txt", "overwrite one.txt, which app is made of"],
    ["docker-archive:src/a.txt", '/src/a.txt, which files("src") takes'],
    ["docker-archive:src/a.js", "overwrite src/a.js, which no build has written"],
    ["docker-archive:shared.mjs", "overwrite shared.mjs, which no build has written"],
    ["docker-archive:tsconfig.json", "overwrite tsconfig.json, which no build has written"],
    ["stream:src/a.txt", '/src/a.txt, which files("src") takes'],
    ["oci-archive:src/../src/a.txt:1", '/src/a.txt, which files("src") takes'],
  ] as const) {
    const { status, stderr } = runCli(["build", "app", "-o", output], { cwd });
    assert.is(status, 2, output);
    assert.match(stderr, "E_OUTPUT_INVALID");
    assert.match(stderr, said, output);
  }
  assert.match(
    runCli(["build", "app", "-o", "rootfs:tsconfig.json"], { cwd }).stderr,
    "tsconfig.json is there and is no",
  );
  assert.is(readFileSync(join(cwd, "image.config.mjs"), "utf8"), CONFIG);
  assert.is(readFileSync(join(cwd, "src/a.js"), "utf8"), "a");
  assert.not.ok(existsSync(join(cwd, "image.lock.json")));
});

test("what an earlier build wrote is replaced, and so is an empty file", () => {
  const cwd = project();
  writeFileSync(join(cwd, "empty.tar"), "");
  const outputs = [
    "docker-archive:a.tar",
    "docker-archive:empty.tar",
    "stream:a.stream",
    "oci-archive:o.tar",
    "rootfs:r.tar",
  ];
  for (let round = 0; round < 2; round++) cli(["build", "app", ...outputs.flatMap((each) => ["-o", each])], { cwd });
  assert.ok(readFileSync(join(cwd, "empty.tar")).length > 0);
});

test.run();
