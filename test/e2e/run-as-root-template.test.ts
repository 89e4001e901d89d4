// @runtimes node
// @timeout 300
/** `init run-as-root`: from the packed package to an answer, as an unprivileged user and without KVM. */
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { requireTool, suite } from "../harness.ts";
import { packProject } from "../smoke/packed-package.ts";
import { eventually, load, removeImage, start, terminate } from "./containers.ts";
import { openVisitor, type Visitor } from "./visitor.ts";

const test = suite("e2e/run-as-root-template", { timeout: 200_000 });
requireTool("qemu-system-x86_64");

let visitor: Visitor;
let app = "";
let built = "";
test.before(() => {
  visitor = openVisitor("run-as-root-template", { withNpm: true });
  const packed = join(visitor.home, "image-dsl.tgz");
  copyFileSync(packProject().file, packed);
  const work = visitor.folder("work");
  const npx = ["npx", "--yes", `--package=${packed}`, "image-dsl"];
  visitor.run([...npx, "init", "run-as-root", "app"], work);
  app = join(work, "app");
  built = visitor.run([...npx, "build"], app);
});
test.after(() => visitor.dispose());

test("the image has the user and the folder that the script made, answers as that user, and SIGTERM ends it with status 0", async () => {
  assert.match(built, /wrote run-as-root\.docker\.tar/);
  const reference = load("docker", join(app, "run-as-root.docker.tar"));
  assert.match(reference, /^run-as-root:[0-9a-f]{32}$/);
  const container = start("docker", reference);
  try {
    await eventually(() => assert.is(container.exec(["redis-cli", "ping"]).trim(), "PONG", container.logs()));
    assert.is(container.exec(["stat", "-c", "%U:%G %a", "/data"]).trim(), "kv:kv 755");
    assert.is(container.exec(["id", "-un"]).trim(), "kv");
    assert.is((await terminate(container)).status, 0);
  } finally {
    container.remove();
    removeImage("docker", reference);
  }
});

test.run();
