// @runtimes node
// @timeout 240
/** `image(nodeApp())` as a user types it, from a project to a container that answers and ends when it is told. */
import { createHash } from "node:crypto";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { requireTool, suite, tmp } from "../harness.ts";
import { eventually, removeImage } from "./containers.ts";
import { cli, digestOf, must, writeProject } from "./support.ts";

const test = suite("e2e/node-app", { timeout: 150_000 });

const REFERENCE = "node-app-test/hello:latest";
const env = { IMAGE_DSL_CACHE: tmp() };

/** It brings the host's Node, so that the test need not fetch one. */
const CONFIG = `import { defineConfig, elf, image, nodeApp } from "image-dsl";
const runtime = elf({ files: "node", dest: "/usr/local/bin/" });
export default defineConfig(image(nodeApp({ port: 3000, runtime })));
`;

const SERVER = `import { createServer } from "node:http";
const server = createServer((_, response) => response.end(JSON.stringify([process.getuid(), process.cwd(), process.env.NODE_ENV])));
server.listen(3000, () => console.log("ready"));
process.on("SIGTERM", () => server.close(() => process.exit(0)));
`;

const project = writeProject(tmp(), {
  "image.config.ts": CONFIG,
  "package.json": JSON.stringify({
    name: "@node-app-test/hello",
    version: "1.2.3",
    type: "module",
    scripts: { start: "node src/server.js" },
  }),
  "src/server.js": SERVER,
  ".gitignore": "*.log\n",
  "noise.log": "not tracked",
});

test.before(() => {
  requireTool("docker");
  cli(["build", "--load", "--quiet"], { cwd: project, env });
});
test.after(() => removeImage("docker", REFERENCE));

test("it answers as user 1000 on a read-only root, and SIGTERM ends it with status 0", async () => {
  const id = started([]);
  try {
    const script = "fetch('http://127.0.0.1:3000').then((got) => got.text()).then(console.log)";
    const answer = await eventually(() => docker("exec", id, "node", "-e", script));
    assert.equal(JSON.parse(answer), [1000, "/app", "production"]);
    assert.is(statusAfterStop(id), "0");
  } finally {
    docker("rm", "-f", id);
  }
});

test("a program that handles no signal ends by SIGTERM, too, which is no failure", async () => {
  const id = started(["node", "-e", "console.log('ready'); setInterval(() => {}, 1000)"]);
  try {
    await eventually(() => assert.match(docker("logs", id), "ready"));
    assert.is(statusAfterStop(id), "0");
  } finally {
    docker("rm", "-f", id);
  }
});

test("the image says what package.json says, and holds the files that git would track", () => {
  const inspected = docker("image", "inspect", "--format", "{{json .Config}}", REFERENCE);
  const config = JSON.parse(inspected) as { Labels: object; ExposedPorts: object };
  assert.equal(config.Labels, {
    "org.opencontainers.image.title": "@node-app-test/hello",
    "org.opencontainers.image.version": "1.2.3",
  });
  assert.equal(config.ExposedPorts, { "3000/tcp": {} });
  const script = "console.log(fs.readdirSync('/app', { recursive: true }).sort().join())";
  const listed = docker("run", "--rm", "--network", "none", REFERENCE, "node", "-e", script);
  assert.is(listed.trim(), "package.json,src,src/server.js");
});

test("its digest is the same without a .git, in another folder, with another umask", () => {
  const digest = digestOf([], { cwd: project, env });
  must(["git", "init", "-q"], { cwd: project });
  assert.is(digestOf([], { cwd: project, env }), digest, "with a .git");
  const elsewhere = join(tmp(), "a/b");
  cpSync(project, elsewhere, { recursive: true });
  rmSync(join(elsewhere, "noise.log"));
  const other = { cwd: elsewhere, env: { IMAGE_DSL_CACHE: tmp() }, umask: "077" };
  assert.is(digestOf([], other), digest, "elsewhere");
});

test("a build step runs the package's script without what an earlier build left, and its output alone is shipped", () => {
  const cwd = writeProject(tmp(), {
    "image.config.ts": CONFIG.replace("port: 3000", 'build: "npm run build", output: "dist"'),
    "package.json": JSON.stringify({
      name: "built",
      main: "dist/server.js",
      files: ["public"],
      scripts: {
        prebuild: "mkdir dist",
        build: "cp src/server.js dist/ && npm run stamp -- 'a b'",
        stamp: "echo >dist/stamp",
      },
    }),
    "src/server.js": "",
    "public/index.html": "",
    "dist/stale.js": "",
  });
  cli(["build", "--quiet", "-o", "rootfs:root.tar"], { cwd, env });
  const listed = must(["tar", "tf", "root.tar"], { cwd }).toString().split("\n");
  const files = listed.filter((path) => /^app\/.*[^/]$/.test(path));
  assert.equal(files.sort(), ["app/dist/server.js", "app/dist/stamp", "app/package.json", "app/public/index.html"]);
  assert.is(must(["tar", "xOf", "root.tar", "app/dist/stamp"], { cwd }).toString(), "a b\n");
});

/** A package's tarball as the lock names it: its `index.js` is this text. */
function packed(root: string, file: string, manifest: object, index: string) {
  const folder = writeProject(tmp(), { "package/package.json": JSON.stringify(manifest), "package/index.js": index });
  must(["tar", "czf", join(root, file), "package"], { cwd: folder });
  const sum = createHash("sha512")
    .update(readFileSync(join(root, file)))
    .digest("base64");
  return { ...manifest, resolved: `file:${file}`, integrity: `sha512-${sum}` };
}

test("a workspace's member has its own version of a package, where it is built and where it runs", () => {
  const web = {
    name: "web",
    version: "1.0.0",
    dependencies: { foo: "file:../../foo-2.tgz", other: "file:../../other.tgz" },
  };
  const build = `node -e "fs.mkdirSync('dist'); fs.writeFileSync('dist/main.js', 'const built = ' + require('foo') + ';' + fs.readFileSync('main.js'))"`;
  const root = writeProject(tmp(), {
    "package.json": JSON.stringify({ name: "whole", private: true, workspaces: ["apps/*"] }),
    "apps/web/image.config.ts": CONFIG.replace("port: 3000", 'build: "npm run build", entry: "dist/main.js"'),
    "apps/web/package.json": JSON.stringify({ ...web, scripts: { build } }),
    "apps/web/main.js": "console.log(built, require('foo'), require('other'));",
  });
  const foo = (version: number) =>
    packed(root, `foo-${version}.tgz`, { name: "foo", version: `${version}.0.0` }, `module.exports = ${version};`);
  const other = { name: "other", version: "1.0.0", dependencies: { foo: "file:foo-1.tgz" } };
  const packages = {
    "": { name: "whole", workspaces: ["apps/*"] },
    "apps/web": web,
    "apps/web/node_modules/foo": foo(2),
    "node_modules/foo": foo(1),
    "node_modules/other": packed(root, "other.tgz", other, "module.exports = require('foo');"),
    "node_modules/web": { resolved: "apps/web", link: true },
  };
  writeFileSync(join(root, "package-lock.json"), JSON.stringify({ name: "whole", lockfileVersion: 3, packages }));
  const cwd = join(root, "apps/web");
  cli(["build", "--quiet", "-o", "rootfs:root.tar"], { cwd, env });
  const image = tmp();
  must(["tar", "xf", join(cwd, "root.tar"), "-C", image, "app"], { cwd });
  assert.is(must(["node", "dist/main.js"], { cwd: join(image, "app/apps/web") }).toString(), "2 2 1\n");
});

test.run();

function docker(...args: readonly string[]): string {
  return must(["docker", ...args], { cwd: "/" }).toString();
}

function started(command: readonly string[]): string {
  return docker("run", "-d", "--read-only", "--network", "none", REFERENCE, ...command).trim();
}

/** Docker kills what has not ended after half a minute, which is another status. */
function statusAfterStop(id: string): string {
  docker("stop", "-t", "30", id);
  return docker("inspect", "--format", "{{.State.ExitCode}}", id).trim();
}
