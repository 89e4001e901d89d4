// @runtimes node
// @timeout 300
/** `--vm-kernel`: another Linux in virtual machines, one that has almost nothing built in. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { requireTool, suite } from "../harness.ts";
import { CLI, must, run, writeProject } from "./support.ts";
import { openVisitor, type Visitor } from "./visitor.ts";

const test = suite("e2e/vm-kernel", { timeout: 200_000 });
requireTool("qemu-system-x86_64");

let visitor: Visitor;
let folder = "";
let kernel = "";
let modules = "";
test.before(() => {
  visitor = openVisitor("vm-kernel");
  folder = visitor.folder("project");
  writeProject(folder, {
    "image.config.ts": `import { buildImage, buildLayeredImage, debian, text } from "image-dsl";
const packages = ["linux-image-cloud-amd64", "tiny-initramfs"];
export default { images: {
  packages: buildLayeredImage({ name: "packages", contents: debian({ suite: "bookworm", essential: false, packages }) }),
  image: buildImage({ name: "image", copyToRoot: text("/a", "a"), runAsRoot: "uname -r > /release; echo b > /a" }),
} };
`,
  });
  visitor.run(["node", CLI, "build", "packages", "-o", "rootfs:packages.tar"], folder);
  must(["tar", "-xf", join(folder, "packages.tar"), "-C", visitor.folder("packages")], { cwd: "/" });
  const root = join(visitor.home, "packages");
  const release = readdirSync(join(root, "usr/lib/modules"))[0]!;
  modules = join(root, "usr/lib/modules", release);
  kernel = join(root, `boot/vmlinuz-${release}`);
});
test.after(() => visitor.dispose());

test("scripts run under the kernel that is named, by modules of its own", () => {
  const args = ["--vm-kernel", kernel, "--vm-modules", modules];
  const { status, stderr } = build("-o", "rootfs:image.tar", ...args);
  assert.is(status, 0, stderr);
  const release = must(["tar", "-xOf", "image.tar", "release"], { cwd: folder }).toString().trim();
  assert.match(release, /^6\.1\./);
  assert.ok(modules.endsWith(`/${release}`));
});

test("what a kernel lacks is told by its name; so is a kernel that is none", () => {
  const failure = (...args: readonly string[]): string => {
    const { status, stderr } = build("-o", "digest", ...args);
    assert.is(status, 1);
    return stderr;
  };
  assert.match(failure("--vm-kernel", kernel), /its kernel has no \w+[^]*--vm-modules/);
  assert.match(failure("--vm-kernel", kernel, "--platform", "linux/arm64"), /for amd64, and not one for arm64/);
  assert.match(
    failure("--vm-kernel", "nothing"),
    /Cannot read the kernel of virtual machines, "\/.*\/nothing": ENOENT/,
  );
  assert.match(failure("--vm-kernel", "image.config.ts"), /image\.config\.ts" is no Linux kernel for amd64/);
  assert.match(failure("--vm-modules", modules), /modules of no kernel/);
  assert.match(failure("--vm-kernel", kernel, "--vm-modules", folder), /holds no modules of a Linux kernel/);
});

test.run();

function build(...args: readonly string[]) {
  const options = { cwd: folder, env: visitor.env, unprivileged: true };
  return run(["node", CLI, "build", "image", ...args], options);
}
