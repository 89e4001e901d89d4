// @runtimes node
// @timeout 300
import { lstatSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { requireTool, suite } from "../harness.ts";
import { cli, must, openFolder, writeProject } from "./support.ts";

const test = suite("e2e/environment", { timeout: 200_000 });

/** The helpers together with Debian's packages, which have links, users and certificates of their own. */
const CONFIG = `
import {
  binSh, buildLayeredImage, caCertificates, debian, defineConfig, fakeNss, shadowFiles, shadowSetup, text, tmp, usrBinEnv,
} from "image-dsl";

const packages = (...packages: string[]) => debian({ suite: "bookworm", packages });
export default defineConfig({
  images: {
    tools: buildLayeredImage({
      name: "tools",
      contents: [
        fakeNss({ extraPasswdLines: ["app:x:999:999:app:/srv:/bin/sh"], extraGroupLines: ["app:x:999:"] }),
        binSh({ from: packages("bash") }),
        usrBinEnv({ from: packages("coreutils") }),
        caCertificates({ from: packages("ca-certificates") }),
        tmp(),
        text("/srv/hello", "#!/usr/bin/env sh\\necho hello from $(id -un)\\n", { mode: 0o755 }),
      ],
    }),
    redis: buildLayeredImage({
      name: "redis",
      contents: [
        fakeNss({ extraPasswdLines: ["first:x:100:998::/:/bin/sh"], extraGroupLines: ["first:x:998:"] }),
        packages("redis-server"),
      ],
    }),
    users: buildLayeredImage({
      name: "users",
      contents: [packages("passwd", "coreutils", "bash"), shadowFiles()],
      fakeRootCommands: shadowSetup + "groupadd -r redis\\nuseradd -r -g redis -d /data redis\\n",
      enableFakechroot: true,
    }),
    busybox: buildLayeredImage({
      name: "busybox",
      contents: [
        binSh({ from: packages("busybox-static"), path: "/bin/busybox" }),
        usrBinEnv({ path: "/bin/busybox" }),
      ],
    }),
  },
});
`;

const folder = openFolder("environment");
const root = (target: string) => join(folder.path, target);
const inside = (target: string, command: readonly string[], uid = 0) =>
  must([requireTool("chroot"), `--userspec=${uid}:${uid}`, "--groups=", root(target), ...command], {
    cwd: "/",
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
  }).toString();

test.before(() => {
  writeProject(folder.path, { "image.config.ts": CONFIG });
  cli(["build", "-o", "rootfs:{target}"], { cwd: folder.path });
});
test.after(() => folder.dispose());

test("a merged /usr stays whole, and a script starts by /usr/bin/env and /bin/sh as a user of fakeNss", () => {
  for (const target of ["tools", "busybox"]) assert.is(readlinkSync(join(root(target), "bin")), "usr/bin");
  assert.is(lstatSync(join(root("tools"), "usr/bin/env")).isFile(), true, "coreutils' own");
  assert.is(inside("tools", ["/srv/hello"], 999), "hello from app\n");
  assert.is(
    inside("tools", ["/bin/sh", "-c", "for each in /tmp /var/tmp; do echo ok > $each/x; cat $each/x; done"], 999),
    "ok\nok\n",
  );
});

test("busybox is /bin/sh and /usr/bin/env", () => {
  assert.is(inside("busybox", ["/usr/bin/env", "A=1", "/bin/sh", "-c", "echo $A"]), "1\n");
});

test("Debian's openssl verifies one of Debian's certificates by the bundle at each of the three places", () => {
  const certificate = "/usr/share/ca-certificates/mozilla/ISRG_Root_X1.crt";
  for (const bundle of ["ssl/certs/ca-bundle.crt", "ssl/certs/ca-certificates.crt", "pki/tls/certs/ca-bundle.crt"]) {
    const verify = [
      "/usr/bin/openssl",
      "verify",
      "-no-CApath",
      "-no-CAstore",
      "-CAfile",
      `/etc/${bundle}`,
      certificate,
    ];
    assert.is(inside("tools", verify), `${certificate}: OK\n`);
  }
});

test("fakeNss adds to Debian's users, and Debian's scripts count them in", () => {
  const passwd = readFileSync(join(root("redis"), "etc/passwd"), "utf8");
  assert.match(passwd, /^root:x:0:0:root:\/root:\/bin\/bash$/m);
  assert.match(passwd, /^nobody:x:65534:65534:nobody:\/nonexistent:\/usr\/sbin\/nologin$/m);
  assert.match(passwd, /^first:x:100:998::\/:\/bin\/sh$/m);
  assert.match(passwd, /^redis:x:101:/m);
  assert.match(readFileSync(join(root("redis"), "etc/nsswitch.conf"), "utf8"), /^passwd:/m);
});

test("Debian's passwd reads what shadowSetup, useradd and groupadd left", () => {
  assert.match(inside("users", ["/usr/bin/passwd", "-S", "redis"]), /^redis L /);
  assert.match(inside("users", ["/usr/bin/id", "redis"]), /^uid=\d+\(redis\) gid=\d+\(redis\)/);
});

test.run();
