import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import type { ImageDslError } from "../../../../core/index.ts";
import { md5sumsPath, statusPath, statusStanza } from "../../../../plugins/debian/resolve/status.ts";
import { requireTool, suite, tmp } from "../../../harness.ts";

const test = suite("debian/status");

const CONTROL = `Version: 5:7.0.15-1
Source: redis
Package: redis-server
Architecture: amd64
Maintainer: Zoë <z@example.org>
Depends: redis-tools (= 5:7.0.15-1)
Conffiles:
 /etc/redis/redis.conf
Description: key-value database
 A longer text.
 .
 Its end.
`;
const WANTED = { name: "redis-server", version: "5:7.0.15-1", architecture: "amd64" };

test("the entry is the control file, said to be installed", () => {
  assert.is(
    statusStanza(CONTROL, WANTED),
    `Package: redis-server
Status: install ok installed
Version: 5:7.0.15-1
Source: redis
Architecture: amd64
Maintainer: Zoë <z@example.org>
Depends: redis-tools (= 5:7.0.15-1)
Conffiles:
 /etc/redis/redis.conf
Description: key-value database
 A longer text.
 .
 Its end.
`,
  );
});

test("dpkg takes the entry for an installed package", () => {
  const query = requireTool("dpkg-query");
  const directory = join(tmp(), "dpkg");
  mkdirSync(join(directory, "info"), { recursive: true });
  mkdirSync(join(directory, "updates"));
  writeFileSync(join(directory, "status"), statusStanza(CONTROL.replace(/Conffiles:\n.*\n/, ""), WANTED));
  const { stdout, stderr } = spawnSync(
    query,
    ["--admindir", directory, "-W", "-f", "${Package} ${Version} ${Status} ${source:Package}"],
    { encoding: "utf8" },
  );
  assert.is(stdout, "redis-server 5:7.0.15-1 install ok installed redis", stderr);
});

test("the paths are those that scanners look at", () => {
  assert.is(statusPath("libstdc++6"), "var/lib/dpkg/status.d/libstdc++6");
  assert.is(md5sumsPath("libstdc++6"), "var/lib/dpkg/status.d/libstdc++6.md5sums");
});

test("a package file that is another package is refused", () => {
  for (const wanted of [
    { ...WANTED, name: "redis" },
    { ...WANTED, version: "6" },
    { ...WANTED, architecture: "arm64" },
  ]) {
    try {
      statusStanza(CONTROL, wanted);
    } catch (error) {
      assert.is((error as ImageDslError).code, "E_DEBIAN_PACKAGE");
      continue;
    }
    assert.unreachable();
  }
  assert.throws(() => statusStanza(`${CONTROL}\n${CONTROL}`, WANTED), /says that it is/);
  assert.throws(() => statusStanza("", WANTED), /says that it is/);
});

test.run();
