// @runtimes node
// @timeout 300
/** A root with Node, what Node loads, and the packed package: no apt, no keys, no certificates, no shell. */
import { execFile, execFileSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import * as assert from "uvu/assert";
import { checksValidUntil, readAptSettings } from "../../plugins/debian/fetch/apt-conf.ts";
import { debianNameProxy } from "../debian-name-proxy.ts";
import { requireTool, suite } from "../harness.ts";
import { installPackage, packProject } from "../smoke/packed-package.ts";
import { cli, openFolder, writeProject } from "./support.ts";

const test = suite("e2e/without-apt", { timeout: 240_000 });
const CONFIG = `
  import { buildLayeredImage, debian, defineConfig } from "image-dsl";
  export default defineConfig({ images: { certificates: buildLayeredImage({
    name: "certificates", tag: "1", contents: debian({ suite: "bookworm", packages: ["ca-certificates"] }),
  }) } });
`;

test("debian() needs nothing of the host: the image is the one that a Debian host makes", async () => {
  if (process.getuid?.() !== 0) requireTool("root");
  const chroot = requireTool("chroot");
  const folder = openFolder("without-apt");
  const proxy = await debianNameProxy();
  try {
    const root = join(folder.path, "root");
    rootWithNode(root, installPackage(packProject()));
    // A mirror that stands still, which this host's apt takes, is expired for who knows nothing of it.
    if (!checksValidUntil(await readAptSettings("/"))) {
      writeProject(root, { "etc/apt/apt.conf": `Acquire::Check-Valid-Until "false";` });
    }
    writeProject(join(root, "project"), { "image.config.ts": CONFIG });
    writeProject(join(folder.path, "here"), { "image.config.ts": CONFIG });
    const inside = (...args: readonly string[]) =>
      promisify(execFile)(chroot, [root, "/bin/node", "/app/node_modules/image-dsl/dist/cli.js", ...args], {
        env: { ...proxy.env, HOME: "/root" },
      });
    const { stdout: doctor } = await inside("doctor");
    assert.match(doctor, /Debian's archive +http:.* with the keys that image-dsl brings, as this host has no apt/);
    const { stdout } = await inside("build", "-o", "digest", "--quiet", "--config", "/project/image.config.ts");
    const here = cli(["build", "-o", "digest", "--quiet"], { cwd: join(folder.path, "here") });
    assert.is(stdout, here.toString());
    assert.is(proxy.hosts.size, 2);
    const lock = readFileSync(join(root, "project/image.lock.json"), "utf8");
    assert.is(lock, readFileSync(join(folder.path, "here/image.lock.json"), "utf8"));
  } finally {
    proxy.close();
    folder.dispose();
  }
});

/** As `FROM scratch` with what `ldd` says of Node. */
function rootWithNode(root: string, app: string): void {
  for (const path of ["bin", "tmp", "root", "project"]) mkdirSync(join(root, path), { recursive: true });
  copyFileSync(realpathSync(process.execPath), join(root, "bin/node"));
  const libraries = execFileSync("ldd", [process.execPath], { encoding: "utf8" }).match(/\/\S+(?= \()/g) ?? [];
  for (const path of libraries) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    copyFileSync(path, join(root, path));
  }
  cpSync(app, join(root, "app"), { recursive: true, verbatimSymlinks: true });
}

test.run();
