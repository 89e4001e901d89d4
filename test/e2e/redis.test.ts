// @runtimes node
// @timeout 300
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { suite } from "../harness.ts";
import { sharedCache } from "../shared-cache.ts";
import { packProject } from "../smoke/packed-package.ts";
import {
  ENGINES,
  eventually,
  imageId,
  load,
  removeImage,
  skopeoConfig,
  start,
  terminate,
  unpack,
} from "./containers.ts";
import { cli, must, namesIn } from "./support.ts";
import { differences, listTree } from "./tree-listing.ts";
import { openVisitor, type Visitor } from "./visitor.ts";

const test = suite("e2e/redis", { timeout: 200_000 });

/** Redis' user, as redis-server's own postinst makes it with adduser on an otherwise empty system. */
const REDIS = { uid: 100, gid: 101 };

let visitor: Visitor;
let app = "";
let archive = "";
let built = "";
let digest = "";

test.before(() => {
  visitor = openVisitor("redis", { withNpm: true });
  const packed = join(visitor.home, "image-dsl.tgz");
  copyFileSync(packProject().file, packed);
  const work = visitor.folder("work");
  const npx = ["npx", "--yes", `--package=${packed}`, "image-dsl"];
  visitor.run([...npx, "init", "redis", "app"], work);
  app = join(work, "app");
  archive = join(app, "redis.tar");
  built = visitor.run([...npx, "build", "-o", "docker-archive:redis.tar", "-o", "rootfs:T.tar", "-o", "digest"], app);
  digest = /^sha256:[0-9a-f]{64}$/m.exec(built)?.[0] ?? "";
});
test.after(() => visitor.dispose());

test("the build says what it made, pins the packages, and leaves nothing else behind", () => {
  assert.match(
    built,
    /redis:latest: wrote redis\.tar; load it with: docker load -i redis\.tar; run it with: docker run --rm -p 6379:6379 redis:latest/,
  );
  assert.equal(
    namesIn(app).filter(
      (name) => !/^(image\.config\.ts|package\.json|tsconfig\.json|README\.md|\.gitignore)$/.test(name),
    ),
    ["T.tar", "image.lock.json", "redis.tar"],
  );
  const lock = readFileSync(join(app, "image.lock.json"), "utf8");
  assert.match(lock, /"redis-server"/);
});

for (const engine of ENGINES) {
  test(`a container of ${engine} answers PING, SET and GET, /data is redis', and SIGTERM ends it with status 0`, async () => {
    const reference = load(engine, archive);
    assert.is(imageId(engine, reference), digest, "what the engine calls the image is what image-dsl printed");
    assert.is(reference.split("/").at(-1), "redis:latest");
    const container = start(engine, reference);
    try {
      const redis = (...words: string[]) => container.exec(["redis-cli", ...words]).trim();
      await eventually(() => assert.is(redis("PING"), "PONG", container.logs()));
      assert.is(redis("SET", "name", "käse"), "OK");
      assert.is(redis("GET", "name"), "käse");
      // Saving writes to /data, as the redis user.
      assert.is(redis("SAVE"), "OK");
      const status = readFileSync(`/proc/${container.pid()}/status`, "utf8");
      assert.match(status, /^Uid:\t100\t100\t100\t100$/m);
      assert.match(status, /^Gid:\t101\t101\t101\t101$/m);
      const data = must(["stat", "-c", "%u:%g %n", "."], { cwd: `/proc/${container.pid()}/root/data` });
      assert.is(data.toString().trim(), `${REDIS.uid}:${REDIS.gid} .`);
      assert.is((await terminate(container)).status, 0);
    } finally {
      container.remove();
      removeImage(engine, reference);
    }
  });
}

test("skopeo and umoci see the tree that -o rootfs:T.tar holds, entry for entry", () => {
  const { config } = skopeoConfig(archive);
  assert.equal(config["Cmd"], ["/usr/bin/redis-server", "--protected-mode", "no"]);
  assert.equal(config["Volumes"], { "/data": {} });
  assert.is(config["WorkingDir"], "/data");

  const unpacked = listTree(unpack(archive, join(visitor.home, "umoci")));
  const flat = listTree(join(app, "T.tar"));
  assert.ok(flat.size > 1000, `${flat.size} entries`);
  assert.equal(differences(unpacked, flat), []);
});

test("-o rootfs:DIR, written by root, is the same tree on the disk", () => {
  const directory = join(visitor.home, "rootfs");
  cli(["build", "-o", `rootfs:${directory}`], { cwd: app, env: { IMAGE_DSL_CACHE: sharedCache() } });
  assert.equal(differences(listTree(directory), listTree(join(app, "T.tar"))), []);
});

test("users are those of Debian's own script", () => {
  const flat = listTree(join(app, "T.tar"));
  const of = (path: string) => ({ uid: flat.get(path)?.uid, gid: flat.get(path)?.gid });
  assert.equal(of("data"), REDIS);
  assert.equal(of("var/lib/redis"), REDIS);
  assert.is(flat.get("var/lib/redis")?.mode, 0o750);
  const file = (path: string) => must(["tar", "-xOf", join(app, "T.tar"), path], { cwd: "/" }).toString();
  assert.match(file("etc/passwd"), /^redis:x:100:101:.*:\/var\/lib\/redis:\/usr\/sbin\/nologin$/m);
  assert.match(file("etc/group"), /^redis:x:101:$/m);
});

test.run();
