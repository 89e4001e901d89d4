// @runtimes node
// @timeout 240
import { copyFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as assert from "uvu/assert";
import { suite } from "../harness.ts";
import { load, removeImage, runOnce, skopeoConfig } from "./containers.ts";
import { PROJECT, must } from "./support.ts";
import { openVisitor, type Visitor } from "./visitor.ts";

const test = suite("e2e/root-image", { timeout: 200_000 });
const readme = readFileSync(join(PROJECT, "README.md"), "utf8");
const { version } = JSON.parse(readFileSync(join(PROJECT, "package.json"), "utf8")) as { version: string };

let visitor: Visitor;
test.before(() => {
  visitor = openVisitor("root-image", { withNpm: true });
});
test.after(() => visitor.dispose());

test("README's first command on a fresh clone, unprivileged, ends with an image that prints the version", () => {
  const [, command = ""] = /^```sh\n(.+)\n```$/m.exec(readme) ?? [];
  assert.match(command, /image-dsl build/, "README's first block is the command that builds the root image");
  const [, archive = "", rest = ""] = /`docker load -i (\S+) && (docker run [^`]+)`/.exec(readme) ?? [];

  const clone = freshClone(join(visitor.folder("work"), "clone"));
  const said = visitor.run(["sh", "-euc", command], clone);
  assert.ok(existsSync(join(clone, archive)), `${archive} was not made:\n${said}`);

  const file = join(clone, archive);
  const reference = load("docker", file);
  try {
    assert.is(rest, `docker run --rm ${reference}`, "README names the image by the reference that was loaded");
    assert.is(runOnce("docker", reference).trim(), version);
    assert.match(runOnce("docker", reference, ["--help"]), /image-dsl <command>/);
  } finally {
    removeImage("docker", reference);
  }
  assert.equal(skopeoConfig(file).config["Cmd"], ["--version"]);
});

test.run();

/** What a clone of the working tree would have: tracked files as they are now, and new ones that are not ignored. */
function freshClone(to: string): string {
  const listed = must(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: PROJECT });
  for (const path of listed.toString().split("\0")) {
    if (path === "" || !existsSync(join(PROJECT, path))) continue;
    mkdirSync(dirname(join(to, path)), { recursive: true });
    copyFileSync(join(PROJECT, path), join(to, path));
  }
  must(["chown", "-R", "65534:65534", to], { cwd: "/" });
  return to;
}
