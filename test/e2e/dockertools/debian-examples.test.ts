// @runtimes node
// @timeout 600
/** dockerTools' own examples of services and programs, with Debian's packages, by their numbers in docs/parity.md. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { requireTool, suite, tmp } from "../../harness.ts";
import { eventually, inEngines, load, removeImage, runOnce, skopeoConfig, start } from "../containers.ts";
import { cli, must, runCli } from "../support.ts";
import { project, read, type Built } from "./project.ts";

const test = suite("e2e/dockertools/debian-examples", { timeout: 480_000 });

const NGINX_CONF = `daemon off;
user nobody nogroup;
pid /dev/null;
error_log /dev/stderr;
events {}
http {
  access_log /dev/stdout;
  server { listen 80; root /srv; }
}
`;

/** All of the examples; they are built at once. */
const IMAGES = `const packages = (...packages) => dsl.debian({ suite: "bookworm", packages });

const runBash = { Cmd: ["/bin/bash", "-c", "echo $BASH_VERSION"] };
const bash = buildImage({ name: "bash", copyToRoot: packages("bash", "coreutils"), config: { Env: ["FROM=bash"] } });
const redis = buildLayeredImage({
  name: "redis", tag: "1", fromImage: bash, contents: packages("redis-server"),
  fakeRootCommands: ({ $, id }) => $\`mkdir -p data && chown \${id("redis")} data\`,
  config: {
    Cmd: ["/usr/bin/redis-server", "--protected-mode", "no"],
    User: "redis",
    WorkingDir: "/data",
    Volumes: { "/data": {} },
    Healthcheck: { Test: ["CMD", "redis-cli", "ping"], Interval: 1_000_000_000, Timeout: 10_000_000_000,
      StartPeriod: 30_000_000_000, Retries: 3 },
  },
});

const nginx = {
  name: "nginx", tag: "1",
  contents: [packages("nginx"), dsl.fakeNss(), text("/etc/nginx-container.conf", ${JSON.stringify(NGINX_CONF)}),
    text("/srv/index.html", "<html><body>NGINX</body></html>\\n")],
  extraCommands: "mkdir -p tmp/nginx_client_body var/log/nginx",
  config: { Cmd: ["/usr/sbin/nginx", "-e", "stderr", "-c", "/etc/nginx-container.conf"], ExposedPorts: { "80/tcp": {} } },
};

const emulator = dsl.debian({ suite: "bookworm", architecture: "amd64", packages: ["qemu-user-static"] });
const emulated = {
  architecture: "arm64",
  extraCommands: async ({ $, path }) => { await $\`cp \${await path(emulator)}/usr/bin/qemu-aarch64-static emulator\`; },
  config: { Cmd: ["/emulator", "/bin/bash", "-c", "echo $MACHTYPE"] },
};

const activate = \`#!/bin/sh
set -eu
ln -sfn generations/1 /etc/static.tmp && mv -T /etc/static.tmp /etc/static
mkdir -p /etc/generations/1 && cp /usr/share/generation/* /etc/generations/1
for file in /etc/static/*; do ln -sfn "static/\\$(basename "$file")" "/etc/\\$(basename "$file")"; done
chown 1000:1000 /etc/generations/1/owned && chmod 0640 /etc/generations/1/owned
\`;

export default { images: {
  single: buildImage({ name: "bash", tag: "1", copyToRoot: packages("bash"), config: runBash }),
  layered: buildLayeredImage({ name: "bash", tag: "2", contents: packages("bash"), config: runBash }),
  bash,
  redis,
  nginx: buildLayeredImage(nginx),
  nginxStream: streamLayeredImage(nginx),
  together: buildImage({ name: "editors", tag: "1", copyToRoot: packages("bash", "coreutils", "nano", "vim"), collisions: "error" }),
  apart: buildLayeredImage({ name: "editors", tag: "2", contents: ["bash", "coreutils", "nano", "vim"].map((name) => packages(name)) }),
  crossSingle: buildImage({ name: "cross", tag: "1", copyToRoot: packages("bash"), ...emulated }),
  crossLayered: buildLayeredImage({ name: "cross", tag: "2", contents: packages("bash"), ...emulated }),
  certs: buildLayeredImage({ name: "certs", tag: "1",
    contents: [packages("coreutils"), dsl.caCertificates({ from: packages("ca-certificates") })],
    config: { User: "1000:1000", Entrypoint: ["/bin/sha256sum"] } }),
  etc: buildLayeredImage({ name: "etc", tag: "1", enableFakechroot: true,
    contents: [packages("dash", "coreutils"), text("/activate", activate, { mode: 0o755 }),
      text("/usr/share/generation/some-config", "some config\\n"), text("/usr/share/generation/owned", "owned\\n")],
    fakeRootCommands: "/activate",
    config: { User: "1000:1000", Cmd: ["cat", "/etc/some-config", "/etc/owned"] } }),
} };`;

let folder = "";
/** Of that build. */
let said = "";
test.before(() => {
  folder = project(IMAGES);
  const { status, stdout, stderr } = runCli(["build", "-o", "docker-archive:{target}.tar"], { cwd: folder });
  said = `${stdout.toString()}${stderr}`;
  assert.is(status, 0, said);
});

function built(target: string): Promise<Built> {
  return read(join(folder, `${target}.tar`));
}

test("#6 bash: an image of Debian's bash alone runs it, single and layered", async () => {
  for (const [[target, tag], engine] of inEngines([
    ["single", "1"],
    ["layered", "2"],
  ])) {
    const { archive, tags } = await built(target);
    assert.equal(tags, [`bash:${tag}`]);
    const reference = load(engine, archive);
    assert.match(runOnce(engine, reference), /^5\.2\.\d+\(1\)-release\n$/);
    removeImage(engine, reference);
  }
});

test("redis: over the bash image, with volumes, a working directory and a health check, its user made by Debian's script", async () => {
  const base = await built("bash");
  const { archive, config } = await built("redis");
  assert.equal(config.rootfs.diff_ids[0], base.config.rootfs.diff_ids[0]);
  assert.equal(config.config.Env, ["FROM=bash"]);
  assert.equal(skopeoConfig(archive).config["Volumes"], { "/data": {} });
  const reference = load("docker", archive);
  const container = start("docker", reference);
  try {
    await eventually(() => assert.is(container.exec(["redis-cli", "PING"]), "PONG\n", container.logs()));
    assert.is(container.exec(["/bin/bash", "-c", "id -un; pwd; stat -c %U ."]), "redis\n/data\nredis\n");
    const listHealthy = ["docker", "ps", "--quiet", "--filter", `ancestor=${reference}`, "--filter", "health=healthy"];
    await eventually(() => assert.match(must(listHealthy, { cwd: "/" }).toString(), /^[0-9a-f]+\n$/));
    const inspect = ["docker", "image", "inspect", "--format", "{{json .Config.Healthcheck}}", reference];
    assert.equal(JSON.parse(must(inspect, { cwd: "/" }).toString()), {
      Test: ["CMD", "redis-cli", "ping"],
      Interval: 1e9,
      Timeout: 1e10,
      StartPeriod: 3e10,
      Retries: 3,
    });
  } finally {
    container.remove();
    removeImage("docker", reference);
  }
});

test("#13 nginx answers on its port; nginxStream: the streamed twin has its layers and its very bytes", async () => {
  const { archive, config, layers } = await built("nginx");
  cli(["build", "nginxStream"], { cwd: folder });
  must(["sh", "-c", "./nginxStream.stream --quiet > streamed.tar"], { cwd: folder });
  must(["cmp", "streamed.tar", "nginx.tar"], { cwd: folder });
  assert.equal((await built("nginxStream")).config.rootfs, config.rootfs);
  assert.ok(layers.at(-1)!.includes("drwxr-xr-x 0/0 tmp/nginx_client_body/"));
  for (const [, engine] of inEngines([archive])) {
    const reference = load(engine, archive);
    const container = start(engine, reference);
    try {
      await eventually(() =>
        assert.is(getInside(container.pid()), "<html><body>NGINX</body></html>\n", container.logs()),
      );
    } finally {
      container.remove();
      removeImage(engine, reference);
    }
  }
});

test("editors: many packages in one root go together without a collision, and all run", async () => {
  assert.not.match(said, /W_COLLISION|more than one|collision/i);
  for (const target of ["together", "apart"]) {
    const reference = load("docker", join(folder, `${target}.tar`));
    const inside = (...command: string[]) => runOnce("docker", reference, command);
    assert.match(inside("vim", "--version"), /^VIM - Vi IMproved 9\./);
    assert.match(inside("nano", "--version"), /GNU nano, version 7\./);
    // The alternatives are Debian's: vim is vi, and nano the editor, by their priorities.
    assert.is(inside("readlink", "-f", "/usr/bin/vi", "/usr/bin/editor"), "/usr/bin/vim.basic\n/usr/bin/nano\n");
    removeImage("docker", reference);
  }
});

test("#30 #58 cross: an image of another platform has its packages, says so and runs, both families, by an emulator that came from Debian too", async () => {
  for (const target of ["crossSingle", "crossLayered"]) {
    const cross = await built(target);
    const { archive } = cross;
    assert.is(cross.config.architecture, "arm64");
    assert.match(must(["readelf", "-h", extracted(cross, "bin/bash")], { cwd: "/" }).toString(), /Machine: +AArch64/);
    const reference = load("docker", archive);
    const inspect = ["docker", "image", "inspect", "--format", "{{.Architecture}}", reference];
    assert.is(must(inspect, { cwd: "/" }).toString(), "arm64\n");
    assert.is(runOnce("docker", reference), "aarch64-unknown-linux-gnu\n");
    removeImage("docker", reference);
  }
});

test("#44 image-with-certs: the bundle is readable at its three places by a user that is not root", async () => {
  const { archive } = await built("certs");
  const reference = load("docker", archive);
  const places = ["ssl/certs/ca-bundle.crt", "ssl/certs/ca-certificates.crt", "pki/tls/certs/ca-bundle.crt"];
  const paths = places.map((place) => `/etc/${place}`);
  const sums = runOnce("docker", reference, paths).trim().split("\n");
  assert.equal(
    sums.map((line) => line.split(/ +/)[1]),
    paths,
  );
  assert.is(new Set(sums.map((line) => line.split(/ +/)[0])).size, 1);
  removeImage("docker", reference);
});

test("#43 etc: an activation script in chroot mode writes /etc with the image's own programs, and everybody can read it", async () => {
  const { archive, layers } = await built("etc");
  assert.equal(
    layers.at(-1)!.filter((line) => /etc\/(generations|static|owned|some)/.test(line)),
    [
      "drwxr-xr-x 0/0 etc/generations/",
      "drwxr-xr-x 0/0 etc/generations/1/",
      "-rw-r----- 1000/1000 etc/generations/1/owned",
      "-rw-r--r-- 0/0 etc/generations/1/some-config",
      "lrwxrwxrwx 0/0 etc/owned -> static/owned",
      "lrwxrwxrwx 0/0 etc/some-config -> static/some-config",
      "lrwxrwxrwx 0/0 etc/static -> generations/1",
    ],
  );
  for (const [, engine] of inEngines([archive])) {
    const reference = load(engine, archive);
    assert.is(runOnce(engine, reference), "some config\nowned\n");
    removeImage(engine, reference);
  }
});

/** A page by a request from within the container's network, which nothing else reaches. */
function getInside(pid: string): string {
  requireTool("nsenter");
  const script = `process.stdout.write(await (await fetch("http://127.0.0.1:80/")).text())`;
  const node = [process.execPath, "--input-type=module", "-e", script];
  return must(["nsenter", "--target", pid, "--net", "--", ...node], { cwd: "/" }).toString();
}

/** A file of one of the layers, on the disk; through the merged /usr of Debian. */
function extracted({ archive, layers }: Built, path: string): string {
  const index = layers.findIndex((lines) =>
    lines.some((line) => line.endsWith(` usr/${path}`) || line.endsWith(` ${path}`)),
  );
  const name = layers[index]!.find((line) => line.endsWith(` usr/${path}`) || line.endsWith(` ${path}`))!.split(
    " ",
  )[2]!;
  const manifest = must(["tar", "-xOf", archive, "manifest.json"], { cwd: "/" }).toString();
  const [{ Layers }] = JSON.parse(manifest) as [{ Layers: string[] }];
  const folder = tmp();
  must(["sh", "-c", `tar -xOf ${archive} ${Layers[index]} | tar -xf - -C ${folder} ${name}`], { cwd: "/" });
  assert.ok(readFileSync(join(folder, name)).length > 0);
  return join(folder, name);
}

test.run();
