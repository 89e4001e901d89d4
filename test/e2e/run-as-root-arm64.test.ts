// @runtimes node
// @timeout 300
/** `runAsRoot` of images for another architecture than the host's, as an unprivileged user: a guest of it is the referee. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { requireTool, suite } from "../harness.ts";
import { CLI, must, run, writeProject, type Ran } from "./support.ts";
import { listTree } from "./tree-listing.ts";
import { openVisitor, type Visitor } from "./visitor.ts";

const test = suite("e2e/run-as-root-arm64", { timeout: 200_000 });
requireTool("qemu-system-aarch64");
requireTool("qemu-aarch64-static");

/** The same by whoever runs it. */
const SCRIPT = `uname -m > /machine; adduser --system --group --home /data kv; touch /data/mine; chown kv: /data/mine
  env | sort > /env; umask > /umask; pwd > /pwd; id > /id; cat /proc/sys/kernel/hostname > /hostname
  (exec -a another bash -c 'echo "$0"') > /name; cat <(echo substituted) > /substituted; compgen -c | sort -u > /commands
  for each in c d f l m s t v; do ulimit -S$each; ulimit -H$each; done > /limits`;

let visitor: Visitor;
let folder = "";
test.before(() => {
  visitor = openVisitor("run-as-root-arm64");
  folder = visitor.folder("project");
  writeProject(folder, {
    "image.config.ts": `import { buildImage, debian, defineConfig, image, text } from "image-dsl";
const contents = debian({ suite: "bookworm", packages: ["bash", "coreutils", "adduser", "perl-base"] });
const runAsRoot = ${JSON.stringify(SCRIPT)};
const random = "od -An -tx1 -N16 /dev/urandom > /random";
const bare = (executor: "vm" | "namespace" | "auto", runAsRoot: string) =>
  buildImage({ name: "bare", executor, copyToRoot: text("/a", "a"), runAsRoot });
export default defineConfig({
  images: {
    vm: buildImage({ name: "user", copyToRoot: contents, runAsRoot }),
    namespace: buildImage({ name: "user", copyToRoot: contents, executor: "namespace", runAsRoot }),
    best: image({ name: "best", contents: text("/a", "a"), run: "uname -m > /machine" }),
    one: bare("vm", random),
    other: bare("vm", random + " # again"),
    here: bare("namespace", "uname -m > /machine"),
    auto: bare("auto", "uname -m > /machine"),
    device: bare("namespace", "mknod /null c 1 3 || true"),
  },
});
`,
  });
});
test.after(() => visitor.dispose());

test("an arm64 image whose script ran uname and adduser: its programs are arm64's; a user namespace gives the guest's image, to the byte", () => {
  arm64("vm", "namespace", "-o", "rootfs:{target}.tar");
  const entries = listTree(join(folder, "vm.tar"));
  const root = join(folder, "root");
  mkdirSync(root);
  must(["tar", "-xf", join(folder, "vm.tar"), "-C", root], { cwd: "/" });
  const text = (file: string) => must(["cat", file], { cwd: root }).toString();
  assert.is(text("machine"), "aarch64\n");
  assert.match(must(["file", "-b", "usr/bin/bash"], { cwd: root }).toString(), /ARM aarch64/);
  const [, uid, gid] = /^kv:x:(\d+):(\d+):/m.exec(text("etc/passwd"))!.map(Number);
  const made = ["data", "data/mine"].map((path) => entries.get(path)!);
  assert.equal(
    made.map((entry) => [entry.uid, entry.gid]),
    [
      [uid, gid],
      [uid, gid],
    ],
  );
  must(["cmp", "vm.tar", "namespace.tar"], { cwd: folder });
});

test("no two arm64 guests draw the same random numbers", () => {
  arm64("one", "other", "-o", "rootfs:{target}.tar");
  const [one, other] = ["one", "other"].map((name) =>
    must(["tar", "-xOf", `${name}.tar`, "random"], { cwd: folder }).toString(),
  );
  assert.match(one!, /^( [0-9a-f]{2}){16}\n$/);
  assert.match(other!, /^( [0-9a-f]{2}){16}\n$/);
  assert.is.not(one, other);
});

test("image() takes the namespace for arm64 as well; what that cannot do needs the VM there too", () => {
  const best = visitor.run([...command("best"), "-o", "rootfs:{target}.tar", "--json"], folder);
  assert.match(best, /was run by namespace/);
  assert.is(must(["tar", "-xOf", "best.tar", "machine"], { cwd: folder }).toString(), "aarch64\n");
  const { status, stderr } = built([], "device");
  assert.is(status, 1, stderr);
  assert.match(stderr, /needs the VM: [^]*mknodat\([^]*"\/null"[^]*EPERM/);
});

/** In a user namespace that has no programs of other architectures, whatever the host's own settings are. */
const NO_FORMATS = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"];

test("what the host itself does with arm64 programs does not matter", () => {
  const bar =
    'mount -t binfmt_misc none /proc/sys/fs/binfmt_misc && [ ! -e /proc/sys/fs/binfmt_misc/qemu-aarch64 ] && exec "$@"';
  const { status, stderr, stdout } = built([...NO_FORMATS, bar, "sh"], "here");
  assert.is(status, 0, stderr);
  assert.is(digestOf(stdout), digestOf(built([], "here").stdout));
});

test("where no emulator is, namespace is refused, and auto goes on in the guest and says why", () => {
  // The build alone sees another file in its place.
  const bar =
    'mount --bind /dev/null "$(command -v qemu-aarch64-static)" && exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"';
  const within = (target: string): Ran =>
    run(["unshare", "--mount", "sh", "-c", bar, "sh", ...command(target)], { cwd: folder, env: visitor.env });
  const refused = within("here");
  assert.is(refused.status, 1, refused.stderr);
  assert.match(refused.stderr, /needs the VM: linux\/arm64 is not this host's own, and no qemu-aarch64-static[^]*PATH/);
  const auto = within("auto");
  assert.is(auto.status, 0, auto.stderr);
  assert.match(auto.stderr, /needs the VM: linux\/arm64 is not this host's own, and no qemu-aarch64-static/);
  assert.is(digestOf(auto.stdout), digestOf(built([], "here").stdout));
});

for (const platform of ["linux/386", "linux/arm/v7", "linux/amd64/v4"]) {
  test(`${platform}, for which there is no virtual machine, is refused`, () => {
    const options = { cwd: folder, env: visitor.env, unprivileged: true };
    const { status, stderr } = run(["node", CLI, "build", "one", "--platform", platform, "-o", "digest"], options);
    assert.is(status, 1);
    assert.match(stderr, new RegExp(`There is no virtual machine for ${platform}\\n[^]*linux/arm64`));
  });
}

test.run();

function command(...args: readonly string[]): readonly string[] {
  return ["node", CLI, "build", "--platform", "linux/arm64", "-o", "digest", ...args];
}

function built(through: readonly string[], target: string): Ran {
  return run([...through, ...command(target)], { cwd: folder, env: visitor.env, unprivileged: true });
}

function arm64(...args: readonly string[]): void {
  visitor.run(["node", CLI, "build", "--platform", "linux/arm64", ...args], folder);
}

function digestOf(output: Buffer): string {
  return /sha256:[0-9a-f]{64}/.exec(output.toString())?.[0] ?? "";
}
