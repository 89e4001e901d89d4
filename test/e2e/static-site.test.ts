// @runtimes node
// @timeout 300
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { requireTool, suite } from "../harness.ts";
import { packProject } from "../smoke/packed-package.ts";
import { ENGINES, eventually, load, removeImage, start, terminate, unpack } from "./containers.ts";
import { must } from "./support.ts";
import { differences, listTree } from "./tree-listing.ts";
import { openVisitor, type Visitor } from "./visitor.ts";

const test = suite("e2e/static-site", { timeout: 200_000 });

let visitor: Visitor;
let app = "";
let archive = "";

test.before(() => {
  visitor = openVisitor("static-site", { withNpm: true });
  const packed = join(visitor.home, "image-dsl.tgz");
  copyFileSync(packProject().file, packed);
  const work = visitor.folder("work");
  const npx = ["npx", "--yes", `--package=${packed}`, "image-dsl"];
  visitor.run([...npx, "init", "static-site", "app"], work);
  app = join(work, "app");
  archive = join(app, "static-site.docker.tar");
  visitor.run([...npx, "build", "-o", "docker-archive:static-site.docker.tar", "-o", "rootfs:T.tar"], app);
});
test.after(() => visitor.dispose());

for (const engine of ENGINES) {
  test(`a container of ${engine} serves the site as www-data, and SIGTERM ends it with status 0`, async () => {
    const reference = load(engine, archive);
    const container = start(engine, reference);
    try {
      const get = (path: string) => fetchInside(container.pid(), path);
      await eventually(() => assert.is(get("/").status, 200, container.logs()));
      const page = get("/");
      assert.is(page.contentType, "text/html; charset=utf-8");
      assert.is(page.body, readFileSync(join(app, "site/index.html"), "utf8"));
      const style = get("/style.css");
      assert.match(style.contentType, /^text\/css/);
      assert.is(style.body, readFileSync(join(app, "site/style.css"), "utf8"));
      assert.is(get("/absent").status, 404);
      assert.match(readFileSync(`/proc/${container.pid()}/status`, "utf8"), /^Uid:\t33\t33\t33\t33$/m);
      assert.match(readFileSync(`/proc/${container.pid()}/status`, "utf8"), /^Gid:\t33\t33\t33\t33$/m);
      assert.is((await terminate(container)).status, 0);
    } finally {
      container.remove();
      removeImage(engine, reference);
    }
  });
}

test("umoci unpacks the tree that -o rootfs:T.tar holds, entry for entry", () => {
  const unpacked = listTree(unpack(archive, join(visitor.home, "umoci")));
  assert.equal(differences(unpacked, listTree(join(app, "T.tar"))), []);
});

test.run();

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** A request from within the container's network, which nothing else reaches; by the host's program, as it has none. */
function fetchInside(pid: string, path: string): Answer {
  requireTool("nsenter");
  const script = `
    const response = await fetch("http://127.0.0.1:8080" + process.argv[1]);
    const { status, headers } = response;
    console.log(JSON.stringify({ status, contentType: headers.get("content-type"), body: await response.text() }));`;
  const node = [process.execPath, "--input-type=module", "-e", script, path];
  return JSON.parse(must(["nsenter", "--target", pid, "--net", "--", ...node], { cwd: "/" }).toString()) as Answer;
}
