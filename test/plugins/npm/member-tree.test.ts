/** A workspace's member is what npm would publish of it: npm itself is asked, where there is one. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as assert from "uvu/assert";
import { memberTree } from "../../../plugins/npm/layout/member-tree.ts";
import { requireTool, suite, tmp } from "../../harness.ts";

const test = suite("npm/member-tree");

function folderOf(manifest: object): string {
  const folder = tmp();
  for (const path of ["cli.js", "bin/a.js", "bin/b/c.js", "lib/d.js", "other.js"]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), "");
  }
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "m", version: "1.0.0", ...manifest }));
  return folder;
}

test("programs are published whatever `files` says, in each form in which a package.json names them", async () => {
  const rows: readonly [manifest: object, published: readonly string[]][] = [
    [{ bin: "./cli.js" }, ["cli.js", "lib/d.js"]],
    [{ bin: { m: "./bin/a.js" } }, ["bin/a.js", "lib/d.js"]],
    [{ directories: { bin: "./bin" } }, ["bin/a.js", "bin/b/c.js", "lib/d.js"]],
    [{ bin: "cli.js", directories: { bin: "bin" } }, ["cli.js", "lib/d.js"]],
    [{ bin: 5 }, ["lib/d.js"]],
  ];
  for (const [manifest, published] of rows) {
    const whole = { files: ["lib"], ...manifest };
    const folder = folderOf(whole);
    const tree = await memberTree(folder, whole);
    const paths = tree.entries().flatMap(({ type, path }) => (type === "file" ? [path] : []));
    assert.equal(paths, [...published, "package.json"], JSON.stringify(manifest));
    const said = execFileSync(requireTool("npm"), ["pack", "--dry-run", "--json"], { cwd: folder, stdio: "pipe" });
    const [{ files }] = JSON.parse(said.toString()) as [{ files: readonly { readonly path: string }[] }];
    assert.equal(files.map(({ path }) => path).sort(), [...paths].sort(), JSON.stringify(manifest));
  }
});

test.run();
