// @runtimes node
/** ARCHITECTURE.md's plugin is built and used as it stands. */
import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { cli, writeProject } from "../e2e/support.ts";
import { suite, tmp } from "../harness.ts";
import { PROJECT, modulesOf } from "./blocks.ts";

const test = suite("docs/architecture", { timeout: 60_000 });

test("the plugin of the page brings its file into the image of the page's config, without a warning", () => {
  const files = modulesOf("ARCHITECTURE.md").map(({ file, text }) => [file, text] as const);
  const cwd = writeProject(tmp(), Object.fromEntries(files));
  // What a plugin's author would install.
  mkdirSync(join(cwd, "node_modules"));
  symlinkSync(join(PROJECT, "node_modules/valibot"), join(cwd, "node_modules/valibot"));
  const env = { IMAGE_DSL_CACHE: tmp() };
  cli(["build", "-o", "rootfs:root"], { cwd, env });
  assert.is(readFileSync(join(cwd, "root/etc/greeting"), "utf8"), "Hello, world\n");
});

test.run();
