// @runtimes node
/** Debian packages over a base image that has users of its own. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { suite } from "../harness.ts";
import { SUITE, openArchive } from "./debian-archive.ts";
import { cli, openFolder } from "./support.ts";

const test = suite("e2e/debian-on-base", { timeout: 120_000 });

/** By their names, from an image's folder. */
function users(root: string): Map<string, string> {
  const lines = readFileSync(join(root, "etc/passwd"), "utf8").trim().split("\n");
  return new Map(lines.map((line) => line.split(":")).map(([name, , uid]) => [name!, uid!]));
}

test("users of the base and of the packages are all there, and no two share an id", () => {
  const daemon = (name: string) => ({ name, postinst: `#!/bin/sh\nset -e\nuseradd --system ${name}\n` });
  const archive = openArchive([daemon("first"), daemon("second")]);
  const folder = openFolder("debian-on-base");
  try {
    const source = (name: string) =>
      `debian(${JSON.stringify({ suite: SUITE, mirror: archive.uri, keyring: archive.keyring, packages: [name] })})`;
    writeFileSync(
      join(folder.path, "image.config.mjs"),
      `import { buildLayeredImage, debian } from "image-dsl";
const base = buildLayeredImage({ name: "base", contents: ${source("first")},
  extraCommands: "echo app:x:1234:1234::/:/bin/sh >> etc/passwd" });
export default { images: { base, on: buildLayeredImage({ name: "on", fromImage: base, contents: ${source("second")} }) } };
`,
    );
    const options = { cwd: folder.path, env: { IMAGE_DSL_CACHE: join(folder.path, "cache") } };
    cli(["build", "-o", "rootfs:{target}"], options);
    const below = users(join(folder.path, "base"));
    const all = users(join(folder.path, "on"));
    for (const name of ["first", "app"]) assert.is(all.get(name), below.get(name), `the base's ${name}`);
    assert.ok(all.has("second"));
    assert.is(new Set(all.values()).size, all.size, JSON.stringify([...all]));
  } finally {
    archive.dispose();
    folder.dispose();
  }
});

test.run();
