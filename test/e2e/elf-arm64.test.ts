// @runtimes node
// @timeout 300
/** A program for arm64 with the C library that Debian has for it, made on another machine: QEMU runs it from nothing else. */
import { join } from "node:path";
import * as assert from "uvu/assert";
import { requireTool, suite, tmp } from "../harness.ts";
import { sharedCache } from "../shared-cache.ts";
import { cli, must, runCli, writeProject } from "./support.ts";

const test = suite("e2e/elf-arm64", { timeout: 290_000 });

const CONFIG = `import { debian, defineConfig, elf, image } from "image-dsl";
const of = (...packages: string[]) => debian({ suite: "trixie", packages });
const program = elf({ files: "debian/usr/bin/hello", dest: "/opt/hello" });
export default defineConfig({
  debian: image({ name: "debian", contents: of("hello"), cmd: ["hello"] }),
  alone: image({ name: "alone", contents: program, cmd: ["/opt/hello"] }),
  whole: image({ name: "whole", contents: [program, of("libc6")], cmd: ["/opt/hello"] }),
});
`;

test("runs with the libraries of the image's own sources, and is refused without them", () => {
  const qemu = requireTool("qemu-aarch64-static");
  const cwd = writeProject(tmp(), { "image.config.ts": CONFIG });
  const options = { cwd, env: { IMAGE_DSL_CACHE: sharedCache() } };
  cli(["build", "debian", "--platform", "linux/arm64", "-o", "rootfs:debian"], options);
  cli(["build", "whole", "--platform", "linux/arm64", "-o", "rootfs:whole"], options);
  const root = join(cwd, "whole");
  assert.is(
    must([qemu, "-L", root, join(root, "opt/hello")], { cwd, env: { LC_ALL: "C" } }).toString(),
    "Hello, world!\n",
  );
  const refused = runCli(["build", "alone", "--platform", "linux/arm64", "-o", "rootfs:alone"], options);
  assert.is(refused.status, 1);
  assert.match(
    refused.stderr,
    /usr\/bin\/hello needs ld-linux-aarch64\.so\.1, libc\.so\.6 for arm64, and nothing in the image brings them/,
  );
  assert.match(refused.stderr, /debian\(\{ suite, packages: \["libc6", …\] \}\)/);
});

test.run();
