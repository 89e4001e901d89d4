// @runtimes node
/** Directories of the base that a layer repeats as parents stay the base's, whatever the image's rules for its own entries. */
import { join } from "node:path";
import { writeFileSync } from "node:fs";
import * as assert from "uvu/assert";
import { suite, tmp } from "../harness.ts";
import { build, project } from "./dockertools/project.ts";
import { cli } from "./support.ts";
import { listTree } from "./tree-listing.ts";

const test = suite("e2e/owner-on-base", { timeout: 120_000 });

const BASE = `const base = buildImage({ name: "base", copyToRoot: [sh, text("/etc/base", "b")],
  extraCommands: "mkdir -p etc srv; chmod 750 etc; echo 1 > srv/gone" });`;
const OWNER = `uid: 7, gid: 8, fromImage: base`;

const IMAGES: Readonly<Record<string, string>> = {
  "a file below a directory of the base": `buildLayeredImage({ name: "t", ${OWNER}, contents: text("/etc/own", "o") })`,
  "the same in one layer": `buildImage({ name: "t", ${OWNER}, copyToRoot: text("/etc/own", "o") })`,
  "a script that writes and deletes there": `buildLayeredImage({ name: "t", ${OWNER}, contents: text("/own", "o"),
    extraCommands: "echo 1 > etc/own; rm srv/gone" })`,
};

for (const [what, image] of Object.entries(IMAGES)) {
  test(`uid and gid are for the image's own files: ${what}`, async () => {
    const folder = project(`${BASE}\nexport default { images: { t: ${image} } };`);
    const { layers } = await build(folder, "t");
    assert.match(layers.at(-1)!.join("\n"), /^drwxr-x--- 0\/0 etc\/$/m);
    cli(["build", "t", "-o", "rootfs:root.tar"], { cwd: folder });
    const { mode, uid, gid } = listTree(join(folder, "root.tar")).get("etc")!;
    assert.equal([mode, uid, gid], [0o750, 0, 0]);
  });
}

test("a directory that no part of the base listed has one owner in the layers and in the tree", async () => {
  const folder = project(`const base = buildLayeredImage({ name: "base", contents: text("/etc/base", "b") });
export default { images: { t: buildLayeredImage({ name: "t", ${OWNER}, contents: text("/etc/own", "o") }) } };`);
  const { layers } = await build(folder, "t");
  cli(["build", "t", "-o", "rootfs:root.tar"], { cwd: folder });
  const { uid, gid } = listTree(join(folder, "root.tar")).get("etc")!;
  const top = layers.findLast((lines) => lines.some((line) => line.endsWith(" etc/")))!;
  assert.match(
    top.find((line) => line.endsWith(" etc/"))!,
    ` ${uid}/${gid} `,
  );
});

test("a plugin's rule for entries does not break a base's directories", () => {
  const folder = tmp();
  writeFileSync(
    join(folder, "image.config.mjs"),
    `import { buildLayeredImage, defineConfig, text } from "image-dsl";
const base = { base: buildLayeredImage({ name: "base", contents: text("/etc/base", "b"), extraCommands: "mkdir -p etc" }) };
export default defineConfig({ images: base });
`,
  );
  cli(["build", "-o", "docker-archive:base.tar"], { cwd: folder });
  writeFileSync(
    join(folder, "image.config.mjs"),
    `import { buildLayeredImage, defineConfig, text } from "image-dsl";
const rules = { name: "rules", apply(builder) { builder.hooks.build.tap("rules", ({ hooks }) =>
  hooks.entry.tap("rules", (entry) => (entry.type === "directory" ? { ...entry, mode: 0o700 } : entry))); } };
export default defineConfig({ plugins: [rules], images: {
  t: buildLayeredImage({ name: "t", fromImage: "base.tar", contents: text("/etc/own", "o") }) } });
`,
  );
  cli(["build", "-o", "digest"], { cwd: folder });
});

test.run();
