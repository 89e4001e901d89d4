// @runtimes node
// @timeout 300
/** `runAsRoot` of images for another architecture than the host's, as an unprivileged user. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { requireTool, suite } from "../harness.ts";
import { CLI, must, run, writeProject } from "./support.ts";
import { listTree } from "./tree-listing.ts";
import { openVisitor, type Visitor } from "./visitor.ts";

const test = suite("e2e/run-as-root-arm64", { timeout: 200_000 });
requireTool("qemu-system-aarch64");

let visitor: Visitor;
let folder = "";
test.before(() => {
  visitor = openVisitor("run-as-root-arm64");
  folder = visitor.folder("project");
  writeProject(folder, {
    "image.config.ts": `import { buildImage, debian, defineConfig, text } from "image-dsl";
const packages = ["bash", "coreutils", "adduser", "perl-base"];
const random = "od -An -tx1 -N16 /dev/urandom > /random";
export default defineConfig({
  images: {
    user: buildImage({
      name: "user",
      copyToRoot: debian({ suite: "bookworm", packages }),
      runAsRoot: "uname -m > /machine; adduser --system --group --home /data kv; touch /data/mine; chown kv: /data/mine; " + random,
    }),
    other: buildImage({ name: "other", copyToRoot: text("/a", "a"), runAsRoot: random }),
  },
});
`,
  });
});
test.after(() => visitor.dispose());

test("an arm64 image whose script ran uname and adduser: its programs are arm64's; no two guests draw the same random numbers", () => {
  visitor.run(["node", CLI, "build", "--platform", "linux/arm64", "-o", "rootfs:{target}.tar"], folder);
  const entries = listTree(join(folder, "user.tar"));
  const root = join(folder, "root");
  mkdirSync(root);
  must(["tar", "-xf", join(folder, "user.tar"), "-C", root], { cwd: "/" });
  const text = (file: string) => must(["cat", file], { cwd: root }).toString();
  assert.is(text("machine"), "aarch64\n");
  assert.match(must(["file", "-b", "usr/bin/bash"], { cwd: root }).toString(), /ARM aarch64/);
  const [, uid, gid] = /^kv:x:(\d+):(\d+):/m.exec(text("etc/passwd"))!.map(Number);
  const made = ["data", "data/mine"].map((path) => entries.get(path)!);
  assert.equal(
    made.map((entry) => [entry.uid, entry.gid]),
    [
      [uid, gid],
      [uid, gid],
    ],
  );
  const other = must(["tar", "-xOf", join(folder, "other.tar"), "random"], { cwd: "/" }).toString();
  assert.is(text("random").length, other.length);
  assert.is.not(text("random"), other);
});

for (const platform of ["linux/386", "linux/arm/v7", "linux/amd64/v4"]) {
  test(`${platform}, for which there is no virtual machine, is refused`, () => {
    const options = { cwd: folder, env: visitor.env, unprivileged: true };
    const { status, stderr } = run(["node", CLI, "build", "other", "--platform", platform, "-o", "digest"], options);
    assert.is(status, 1);
    assert.match(stderr, new RegExp(`There is no virtual machine for ${platform}\\n.*linux/arm64`));
  });
}

test.run();
