// @runtimes node
// @timeout 600
/** `runAsRoot` in a virtual machine, as an unprivileged user and without KVM; a chroot of the host's root is the referee. */
import { join } from "node:path";
import * as assert from "uvu/assert";
import { listTemporary } from "../../core/store/temporary-names.ts";
import { requireTool, suite } from "../harness.ts";
import { compareWithChroot, rootProject } from "./chroot-referee.ts";
import { CASE_PACKAGES, checkRandomScripts } from "./root-script-cases.ts";
import { CLI, must, run } from "./support.ts";
import { listTree } from "./tree-listing.ts";
import { openVisitor, type Visitor } from "./visitor.ts";

const test = suite("e2e/run-as-root", { timeout: 400_000 });
requireTool("qemu-system-x86_64");

let visitor: Visitor;
test.before(() => {
  visitor = openVisitor("run-as-root");
});
test.after(() => visitor.dispose());

test("what a script does to the tree is what it does in a chroot of the host's root", () => {
  const script = `
    echo new > /new; mkdir -p /a/b/c; echo deep > /a/b/c/d
    rm /etc/motd-to-delete
    rm -r /srv/becomes-file; echo file > /srv/becomes-file
    rm -r /srv/becomes-link; ln -s /new /srv/becomes-link
    rm -r /srv/becomes-opaque; mkdir /srv/becomes-opaque; echo alone > /srv/becomes-opaque/alone
    chmod 4711 /srv/mode-only
    chown 12:34 /srv/mode-only
    mkdir /dev-nodes; mknod /dev-nodes/null c 1 3; mknod /dev-nodes/disk b 259 4000; mkfifo /dev-nodes/fifo
    echo linked > /srv/one; ln /srv/one /srv/two
    truncate -s 5M /srv/sparse; echo end >> /srv/sparse
    printf x > "/srv/$(printf 'new\\nline')"; printf y > "/srv/$(printf '\\377\\376')"
    rename() { perl -e 'rename($ARGV[0], $ARGV[1]) or die "$!\\n"' "$@"; }
    rename /srv/renamed-folder /srv/after; rename /srv/after/x /x; rename /srv/twice/a /srv/once; rename /srv/once /srv/twice/b
    rename /srv/twice /srv/thrice; rename /srv/thrice/b/c /srv/thrice/b/d; echo more >> /srv/thrice/b/d/e; rm /srv/thrice/b/gone
    mkdir -p /srv/new/folder; rename /srv/linked-folder /srv/new/folder/here; echo more >> /srv/linked-into
    mkdir /srv/linked-folder; echo other > /srv/linked-folder/x; echo more >> /srv/linked-tmp; rename /srv/emptied /srv/full
    rm -r /srv/full/x; mkdir /srv/full/x; echo alone > /srv/full/x/alone; setfattr -n trusted.overlay.opaque -v y /srv/full/x
    long=$(printf 'a%.0s' {1..200}); rename /srv/long /srv/longer; rename /srv/longer/$long/$long/z /srv/z
    useradd -m somebody
    setcap cap_net_raw=ep /srv/capable; setfattr -n user.note -v made /srv/noted; setfattr -n user.new -v '\\000\\377' /srv/one
    mkdir /srv/many; (cd /srv/many; seq 10000 | xargs touch); truncate -s 1M /srv/zeros
    chmod 600 /srv/linked/b; echo more >> /srv/linked/d
    echo gone > /srv/linked/g; rm /srv/linked/g; rm /srv/linked/i; echo other > /srv/linked/i
    mv /srv/linked/k /srv/moved; chown 7 /srv/moved
    rm -r /srv/near /srv/far; echo file > /srv/near; ln -s /srv/linked /srv/far; chmod 600 /srv/linked/m
    chown 9:9 /srv/owner-only
    xargs -a /var/lib/dpkg/info/passwd.list -d '\\n' rm -d 2> /dev/null || true
    echo lost > /tmp/lost; echo lost > /dev/shm/lost
  `;
  const before = `
    mkdir -p /etc /srv/becomes-file/x /srv/becomes-link/x /srv/becomes-opaque/x /srv/renamed-folder/x
    echo 1 > /etc/motd-to-delete; echo 2 > /srv/mode-only; echo 3 > /srv/renamed-folder/x/y; echo 4 > /srv/becomes-opaque/x/y
    mkdir /srv/linked; cd ./srv/linked; for each in a d f i k; do echo $each > $each; done; cd ../..
    ln /srv/linked/a /srv/linked/b; cp -l /srv/linked/a "$(printf './srv/linked/c\\n\\377')"; ln /srv/linked/d /srv/linked/e
    ln /srv/linked/f /srv/linked/g; ln /srv/linked/f /srv/linked/h; ln /srv/linked/i /srv/linked/j; ln /srv/linked/k /srv/linked/l
    mkdir -p /srv/twice/a/c /srv/linked-folder /srv/emptied/x tmp; echo 8 > /srv/twice/a/c/e; echo 9 > /srv/twice/a/gone; echo 10 > /srv/emptied/x/y
    echo 11 > /srv/linked-into; ln /srv/linked-into /srv/linked-folder/x; echo 12 > /srv/linked-tmp; ln /srv/linked-tmp tmp/name
    long=$(printf 'a%.0s' {1..200}); mkdir -p /srv/long/$long/$long/z; echo 13 > /srv/long/$long/$long/z/file
    mkdir /srv/near /srv/far; echo m > /srv/linked/m; ln /srv/linked/m /srv/linked/n; ln /srv/linked/m /srv/near/m; ln /srv/linked/m /srv/far/m
    echo 5 > /srv/capable; echo 6 > /srv/noted; echo 7 > /srv/owner-only
  `;
  const verdict = compareWithChroot(visitor, "chroot", {
    packages: [...CASE_PACKAGES, "passwd", "perl-base"],
    before,
    script,
  });
  assert.equal(verdict.differences, []);
  const { ours: attributes, theirs } = verdict.attributes;
  assert.is(attributes, theirs);
  assert.match(attributes, /srv\/capable\n(?:.*\n)*?security\.capability=.*\n[^]*srv\/noted\n.*user\.note="made"/);
});

test("thirty scripts made at random do what they do in a chroot of the host's root", () => {
  checkRandomScripts(visitor, { runs: 1, scripts: 30 });
});

test("a socket that a script leaves is refused", () => {
  const folder = project(["bash", "coreutils", "perl-base"], {
    runAsRoot: `perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0); bind(S, sockaddr_un("/srv/a socket")) or die'`,
  });
  const { status, stderr } = tryBuild(folder, "digest");
  assert.is(status, 1);
  assert.match(stderr, /left the socket \/srv\/a socket, which no image can hold/);
});

test("an image without a shell is given the guest's, which stays outside; there is no network", () => {
  const folder = project(["base-files"], {
    runAsRoot: `[[ -d /etc ]] && groupadd -g 77 made; stat -c %n /etc > /stat; ls /dev/.image-dsl > /dev/null; [ "$(ls /sys/class/net)" = lo ]`,
  });
  build(folder, "rootfs:image.tar");
  const entries = listTree(join(folder, "image.tar"));
  assert.ok(entries.has("stat"));
  assert.match(must(["tar", "-xOf", join(folder, "image.tar"), "etc/group"], { cwd: "/" }).toString(), /^made:x:77:$/m);
  assert.equal(
    [...entries.keys()].filter((path) => /(^|\/)bash$|image-dsl/.test(path)),
    [],
  );
});

test("a script that fails says so with its last lines and status; nothing is left", () => {
  const folder = project(["bash", "coreutils"], { runAsRoot: "echo before; (exit 42); echo never" });
  const { status, stderr } = tryBuild(folder, "digest");
  assert.is(status, 1);
  assert.match(stderr, /runAsRoot[^]*exit code 42[^]*before/);
  assert.not.match(stderr, /never/);
  const left = listTemporary(join(visitor.env["IMAGE_DSL_CACHE"]!, "tmp"), () => 0);
  assert.equal(
    left.filter(({ name, isAbandoned }) => isAbandoned && name.startsWith("vm")),
    [],
  );
});

test.run();

function project(packages: readonly string[], { runAsRoot }: { readonly runAsRoot: string }): string {
  return rootProject(visitor, `project-${String(++made)}`, { packages, script: runAsRoot });
}

let made = 0;

function build(folder: string, output: string): void {
  visitor.run(["node", CLI, "build", "-o", output], folder);
}

function tryBuild(folder: string, output: string) {
  return run(["node", CLI, "build", "-o", output], { cwd: folder, env: visitor.env, unprivileged: true });
}
