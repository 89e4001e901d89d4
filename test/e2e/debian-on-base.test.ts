// @runtimes node
/** Debian packages over a base image that has users and files of its own. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { suite } from "../harness.ts";
import { SUITE, openArchive } from "./debian-archive.ts";
import { unpack } from "./containers.ts";
import { cli, openFolder } from "./support.ts";
import { listTree, type ListedEntry } from "./tree-listing.ts";

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

test("what packages take away from the base is gone for every runtime: dpkg's own files, and what a script deletes", () => {
  const script = `#!/bin/sh
set -e
rm /usr/share/first/version /usr/share/first/also
rm -r /opt/first
rm /usr/share/first/one
`;
  const shared = { "usr/share/first/also": "x", "usr/share/first/kept": "x", "opt/first/in/x": "x" };
  const archive = openArchive([
    { name: "first", files: shared },
    { name: "second", fields: { Depends: "dpkg" }, postinst: script },
    { name: "dpkg", files: { "usr/bin/dpkg": "x" } },
  ]);
  const folder = openFolder("debian-on-base");
  try {
    const source = (name: string) =>
      `debian(${JSON.stringify({ suite: SUITE, mirror: archive.uri, keyring: archive.keyring, packages: [name] })})`;
    writeFileSync(
      join(folder.path, "image.config.mjs"),
      `import { buildImage, buildLayeredImage, debian } from "image-dsl";
const base = buildLayeredImage({ name: "base", contents: ${source("first")},
  extraCommands: "echo 1 > usr/share/first/one; ln usr/share/first/one usr/share/first/two" });
const second = ${source("second")};
const layered = buildLayeredImage({ name: "layered", fromImage: base, contents: second });
const scripted = buildLayeredImage({ name: "scripted", fromImage: layered,
  extraCommands: "rm -r usr/share/second; rm etc/passwd; ln -s /nowhere etc/passwd" });
const single = buildImage({ name: "single", fromImage: base, copyToRoot: second });
export default { images: { base, layered, scripted, single } };
`,
    );
    const options = { cwd: folder.path, env: { IMAGE_DSL_CACHE: join(folder.path, "cache") } };
    cli(["build", "-o", "rootfs:{target}.root.tar", "-o", "docker-archive:{target}.tar"], options);
    const listed = (target: string) => listTree(join(folder.path, `${target}.root.tar`));
    assert.ok(listed("base").has("var/lib/dpkg/status.d"));
    const paths = (tree: ReadonlyMap<string, ListedEntry>) =>
      [...tree.values()].map(({ path, type, sha256 }) => `${path} ${type} ${sha256 ?? ""}`);
    for (const target of ["layered", "scripted", "single"]) {
      const tree = listed(target);
      for (const gone of ["usr/share/first/version", "usr/share/first/also", "usr/share/first/one", "opt/first"])
        assert.not.ok(tree.has(gone), `${target}: ${gone}`);
      for (const kept of ["usr/share/first/kept", "usr/share/first/two"]) assert.ok(tree.has(kept), kept);
      const theirs = listTree(unpack(join(folder.path, `${target}.tar`), join(folder.path, target)));
      assert.equal(paths(theirs), paths(tree), target);
    }
  } finally {
    archive.dispose();
    folder.dispose();
  }
});

test.run();
