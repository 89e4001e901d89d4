// @runtimes node
// @timeout 600
/** `runAsRoot`, and functions of `run`, in user namespaces: the virtual machine is the referee; what namespaces cannot do is told. */
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import * as assert from "uvu/assert";
import { requireTool, suite } from "../harness.ts";
import { sharedCache } from "../shared-cache.ts";
import { CLI, failuresOf, run, writeProject, type Ran } from "./support.ts";
import { openVisitor, type Visitor } from "./visitor.ts";

const test = suite("e2e/run-in-namespace", { timeout: 200_000 });
requireTool("qemu-system-x86_64");

let visitor: Visitor;
test.before(() => {
  visitor = openVisitor("run-in-namespace");
});
test.after(() => visitor.dispose());

/** scripts/setup-test-host.sh gives it subordinate ids. */
const NOBODY = 65_534;

/** Has none. */
const SOMEBODY = 65_533;

const CHANGES = `
  echo new > /new; mkdir -p /a/b/c; echo deep > /a/b/c/d; chmod 700 /a
  rm /etc/to-delete
  rm -r /srv/becomes-file; echo file > /srv/becomes-file
  rm -r /srv/becomes-link; ln -s /new /srv/becomes-link
  rm -r /srv/emptied; mkdir /srv/emptied; echo alone > /srv/emptied/alone
  chmod 4711 /srv/mode-only; touch /srv/touched-only
  mkfifo /srv/fifo; echo linked > /srv/one; ln /srv/one /srv/two
  truncate -s 5M /srv/sparse; echo end >> /srv/sparse
  printf x > "/srv/$(printf 'new\\nline')"; printf y > "/srv/$(printf '\\377\\376')"; printf z > "/srv/ -rf"
  mv /srv/renamed-folder /srv/after; mv /srv/linked-folder /srv/linked-after; echo more >> /srv/linked-tmp; echo more >> /srv/private/deep/file
  echo lost > /tmp/lost; echo lost > /dev/shm/lost
  (sleep 1000 &) ; umask > /umask; pwd > /pwd; echo "$PATH $HOME $TMPDIR" > /env; ulimit -n > /limit
`;
const BASE = `
  mkdir -p etc srv/becomes-file/x srv/becomes-link/x srv/emptied/x srv/renamed-folder/x
  echo 1 > etc/to-delete; echo 2 > srv/mode-only; echo 3 > srv/renamed-folder/x/y; echo 4 > srv/emptied/x/y; echo 5 > srv/touched-only
  mkdir -p srv/private/deep; echo 8 > srv/private/deep/file; chmod 700 srv/private; chmod 2750 srv/private/deep
  mkdir -p srv/linked-folder tmp; echo 6 > srv/linked-folder/x; ln srv/linked-folder/x srv/linked-name
  echo 7 > srv/linked-tmp; ln srv/linked-tmp tmp/name; ln srv/linked-tmp srv/linked-other
`;
const OWNERS = `${CHANGES}
  chown 12:34 /srv/mode-only; groupadd -g 77 made; useradd -m -g made somebody; chown -h somebody /srv/becomes-link
  chroot --userspec=somebody / bash -c 'id -u > /home/somebody/id'
`;

test("root's and an ordinary user's namespaces give the virtual machine's image, to the byte", () => {
  const images = { vm: image("vm", OWNERS), namespace: image("namespace", OWNERS) };
  const folder = project(["bash", "coreutils", "passwd"], images);
  const digests = digestsOf(succeed(build(folder, NOBODY)));
  assert.is(digests.length, 2);
  assert.is(new Set(digests).size, 1, digests.join(" "));
  const asRoot = run(["node", CLI, "build", "namespace", "-o", "digest", "--quiet"], {
    cwd: folder,
    env: { ...visitor.env, IMAGE_DSL_CACHE: sharedCache() },
  });
  assert.equal(digestsOf(succeed(asRoot)), digests.slice(0, 1));
});

test("one id will do for an image without a shell whose files are root's; other owners need the VM", () => {
  const images = {
    fine: image("namespace", CHANGES),
    owner: image("namespace", "chown 12:34 /etc || true; echo went on"),
    strange: image("namespace", "true", `${BASE} chown 5:6 srv`),
  };
  const folder = project([], images);
  const machine = project([], { fine: image("vm", CHANGES) });
  assert.is(succeed(build(folder, SOMEBODY, "fine")), succeed(build(machine, NOBODY, "fine")));
  const failed = failures(build(folder, SOMEBODY, "owner", "strange", "--keep-going"));
  assert.match(failed("owner"), /runAsRoot[^]*needs the VM: [^]*chown[^]*"\/etc", 12, 34[^]*EINVAL/);
  assert.match(failed("strange"), /needs the VM: \/srv belongs to 5:6[^]*subuid/);
});

test("what namespaces cannot do is told, also where the script goes on; what fails by itself is the script's", () => {
  const images = {
    device: image("namespace", "mknod /null c 1 3 || true"),
    mount: image("namespace", "exec 2>&1; ulimit -Hn 1000000 || echo limited"),
    tree: image("namespace", "true", `${BASE} mknod srv/null c 1 3`),
    failed: image("namespace", "echo before; (exit 42); echo never"),
    full: image("namespace", "head -c 20M /dev/zero > /large", BASE, { diskSize: 8 }),
  };
  const folder = project([], images);
  const told = failures(build(folder, NOBODY, "--keep-going"));
  assert.match(told("device"), /needs the VM: [^]*mknodat\([^]*"\/null"[^]*EPERM[^]*executor: "vm"/);
  assert.match(told("mount"), /needs the VM: [^]*prlimit64/);
  assert.match(told("tree"), /needs the VM: \/srv\/null is a device/);
  assert.match(told("failed"), /runAsRoot[^]*exit code 42[^]*before/);
  assert.not.match(told("failed"), /never|needs the VM/);
  assert.match(told("full"), /No space left on device[^]*diskSize/);
  assert.match(
    failure(build(folder, NOBODY, "failed", "--platform", "linux/s390x")),
    /needs the VM: linux\/s390x is not/,
  );
});

/** Whether a namespace of this host can have as many as the machine. */
function allowsOpenFiles(): boolean {
  const hard = succeed(run(["sh", "-c", "ulimit -Hn"], { cwd: "/" })).trim();
  return hard === "unlimited" || Number(hard) >= 524_288;
}

test("a script sees the same programs, variables and limits in both, and nothing of what runs it", () => {
  const script = `
    compgen -c | sort -u > /commands; env | sort > /env; umask > /umask
    pwd > /pwd; cat /proc/sys/kernel/hostname > /hostname; id > /id
    cat <(echo substituted) > /substituted
    for each in awk busybox find kmod mount strace tar; do if type $each; then exit 1; fi; done
    for each in bash ls useradd groupmod chpasswd realpath; do type -P $each; done > /types
    (cd /dev; ls -A; stat -c '%n %F %a %t:%T %N' fd full null ptmx pts random shm std* tty urandom zero) > /devices
    for each in c d f l m s t v; do ulimit -S$each; ulimit -H$each; done > /limits
    ulimit -Sn >> /limits; ${allowsOpenFiles() ? "ulimit -Hn >> /limits" : ""}
  `;
  const folder = project([], { vm: image("vm", script), namespace: image("namespace", script) });
  const digests = digestsOf(succeed(build(folder, NOBODY)));
  assert.is(digests.length, 2);
  assert.is(new Set(digests).size, 1, digests.join(" "));
});

test("what a script writes to /dev/stdout and /dev/stderr is shown, also in both", () => {
  const script = "echo to-out > /dev/stdout; echo to-err > /dev/stderr; echo to-fd > /dev/fd/1; cat /dev/stdin; exit 3";
  const folder = project([], { vm: image("vm", script), namespace: image("namespace", script) });
  const told = failures(build(folder, NOBODY, "--keep-going"));
  for (const name of ["vm", "namespace"]) assert.match(told(name), /exit code 3[^]*to-out\s+to-err\s+to-fd\s/);
});

test("where the host makes no namespaces, auto goes on in the virtual machine and says why; namespace is refused", () => {
  const images = { vm: image("vm", CHANGES), auto: image("auto", CHANGES), namespace: image("namespace", CHANGES) };
  const folder = project([], images);
  // None can be made inside of this one.
  const barred = ["unshare", "--user", "--map-root-user", "sh", "-c"];
  const host = (...args: readonly string[]) => {
    const command = ["node", CLI, "build", "-o", "digest", ...args];
    const bar = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"';
    return run([...barred, bar, "sh", ...command], { cwd: folder, env: visitor.env, unprivileged: true });
  };
  const auto = host("auto");
  assert.is(auto.status, 0, auto.stderr);
  assert.match(auto.stderr, /needs the VM: a user namespace cannot be made/);
  assert.equal(digestsOf(auto.stdout.toString()), digestsOf(succeed(build(folder, NOBODY, "vm"))));
  assert.match(failure(host("namespace")), /needs the VM: a user namespace cannot be made/);
});

test("no file of the host is seen, and root of the namespace is none outside", () => {
  const secret = `${visitor.home}/secret`;
  const script = `
    for each in "${secret}" /host/etc/hostname /proc/1/root/host/etc/passwd /proc/1/root/../etc/passwd; do
      if [ -e "$each" ]; then echo "sees $each"; exit 1; fi
    done
    if (echo 1 > /proc/sys/kernel/panic) 2>/dev/null; then echo 'writes /proc/sys'; exit 1; fi
    [ "$(echo /sys/class/net/*)" = /sys/class/net/lo ]
  `;
  writeProject(visitor.home, { secret: "secret" });
  chmodSync(secret, 0o644);
  const folder = project([], { image: image("namespace", script) });
  const panics = readFileSync("/proc/sys/kernel/panic", "utf8");
  const env = { ...visitor.env, IMAGE_DSL_CACHE: sharedCache() };
  succeed(run(["node", CLI, "build", "-o", "digest", "--quiet"], { cwd: folder, env }));
  assert.is(readFileSync("/proc/sys/kernel/panic", "utf8"), panics);
});

/** Targets that are called as an executor are run by it. */
const FUNCTIONS = `import { debian, defineConfig, image } from "image-dsl";
import type { Plugin, Script } from "image-dsl/plugin";
const chosen: Plugin = {
  name: "chosen",
  apply(builder) {
    builder.hooks.build.tap("chosen", ({ hooks }) => {
      hooks.run.for("best").tapPromise({ name: "chosen", stage: -1000 }, async (run, tree, context) =>
        ["namespace", "fakechroot", "vm"].includes(context.target)
          ? hooks.run.for(context.target).promise(run, tree, context)
          : undefined);
    });
  },
};
const contents = debian({ suite: "bookworm", packages: ["bash", "coreutils", "passwd"] });
const made = (run: Script) => image({ name: "made", contents, run });
const changes: Script = async ({ $, id }) => {
  const { stdout, stderr } = await $\`echo out; echo err >&2; id -un; cat\`;
  await $\`printf %s \${stdout + stderr} > /said; mkdir -p /a/b; rm /etc/skel/.bashrc; useradd -r -u 77 somebody\`;
  await Promise.all(["x", "y", "z"].map((name) => $\`echo \${name} > /a/\${name}; chown 12:34 /a/\${name}\`));
  await $\`(sleep 1000 &); chown \${id("root")} /a/x; chmod 2750 /a/b; head -c 300000 /dev/zero | tr '\\\\0' n\`
    .then(({ stdout }) => $\`echo \${stdout.length} > /length\`);
  await $\`exit 7\`.then(undefined, ({ exitCode }) => $\`echo \${exitCode} > /status\`);
};
export default defineConfig({
  plugins: [chosen],
  images: {
    namespace: made(changes), fakechroot: made(changes), vm: made(changes),
    failed: made(async ({ $ }) => {
      await $\`echo before; echo bad > /dev/stderr\`;
      await $\`(exit 42)\`;
    }),
    root: made(({ $, root }) => $\`echo \${root.length > 0} > /made\`),
    device: made(({ $ }) => $\`mknod /null c 1 3 || true\`),
    plain: made(({ $ }) => $\`true\`),
    left: made(({ $ }) => void $\`sleep 1000\`),
    waits: made(({ $ }) => $\`(sleep 98765.3 &); echo started; sleep 98765.3\`),
  },
});
`;

test("functions give the same image in namespaces, by fakechroot and in the virtual machine", () => {
  const folder = writeProject(visitor.folder("functions"), { "image.config.ts": FUNCTIONS });
  const digests = digestsOf(succeed(build(folder, NOBODY, "namespace", "fakechroot", "vm")));
  assert.is(digests.length, 3);
  assert.is(new Set(digests).size, 1, digests.join(" "));
});

test("a function's commands fail at their line; what a namespace has not is asked of fakechroot, which is told", () => {
  const folder = writeProject(visitor.folder("functions-failing"), { "image.config.ts": FUNCTIONS });
  const failed = failure(build(folder, NOBODY, "failed"));
  assert.match(failed, '"run" of "failed" failed: exit code 42');
  // Two pipes: which of them is read first is chance.
  for (const line of ["before", "bad"]) assert.match(failed, new RegExp(`^\\s*${line}$`, "m"));
  assert.match(failed, /image\.config\.ts:\d+:1[34][^]*\(exit 42\)/);
  assert.match(failure(build(folder, NOBODY, "left")), /was still running/);
  const told = (target: string): string => {
    const { status, stderr } = run(["node", CLI, "build", target, "-o", "digest"], {
      cwd: folder,
      env: visitor.env,
      unprivileged: true,
    });
    assert.is(status, 0, stderr);
    return stderr;
  };
  assert.match(told("root"), /run was run by fakechroot\s+namespace: run asks for root/);
  assert.match(told("device"), /run was run by fakechroot\s+namespace: [^]*refused mknodat/);
  assert.not.match(told("plain"), "was run by");
  const walled = failure(build(folder, NOBODY, "root", "--require-sandbox"));
  assert.match(walled, /namespace: run asks for root[^]*fakechroot: it is no sandbox[^]*E_SANDBOX/);
});

for (const [signal, what] of [
  ["SIGINT", "Ctrl-C"],
  ["SIGKILL", "the end of image-dsl itself"],
] as const) {
  test(`${what} ends the script and all that it started`, async () => {
    const mark = `98765.${signal === "SIGINT" ? 1 : 2}`;
    const folder = project([], { image: image("namespace", `(sleep ${mark} &); echo started; sleep ${mark}`) });
    await interrupted(folder, "image", signal, mark);
  });

  test(`${what} ends a function's commands and all that they started`, async () => {
    const folder = writeProject(visitor.folder(`functions-${signal}`), { "image.config.ts": FUNCTIONS });
    await interrupted(folder, "waits", signal, "98765.3");
  });
}

test.run();

async function interrupted(folder: string, target: string, signal: "SIGINT" | "SIGKILL", mark: string): Promise<void> {
  const child = spawn("node", [CLI, "build", target, "--verbose", "-o", "digest"], {
    cwd: folder,
    env: { ...process.env, ...visitor.env, IMAGE_DSL_CACHE: sharedCache() },
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  await new Promise<void>((resolve) =>
    child.stderr.on("data", (data: Buffer) => {
      if (data.includes("| started")) resolve();
    }),
  );
  assert.is(count(mark) > 0, true);
  child.kill(signal);
  assert.is(await ended, signal === "SIGINT" ? 130 : null);
  while (count(mark) > 0) await delay(50);
}

/** Processes whose command line has `text`. */
function count(text: string): number {
  return spawnSync("pgrep", ["-f", `sleep ${text}`])
    .stdout.toString()
    .split("\n")
    .filter(Boolean).length;
}

/** As it stands in the config. */
function image(executor: string, runAsRoot: string, base = BASE, more: object = {}): string {
  return `buildImage({ name: "image", tag: "1", fromImage: base(${JSON.stringify(base)}), ...${JSON.stringify({ executor, runAsRoot, ...more })} })`;
}

function project(packages: readonly string[], images: Readonly<Record<string, string>>): string {
  const folder = visitor.folder(`project-${String(++made)}`);
  const contents =
    packages.length === 0 ? "[]" : `debian({ suite: "bookworm", packages: ${JSON.stringify(packages)} })`;
  const list = Object.entries(images).map(([name, call]) => `${name}: ${call}`);
  writeProject(folder, {
    "image.config.ts": `import { buildImage, buildLayeredImage, debian, defineConfig } from "image-dsl";
const base = (fakeRootCommands: string) => buildLayeredImage({ name: "base", contents: ${contents}, fakeRootCommands });
export default defineConfig({ images: { ${list.join(", ")} } });
`,
  });
  // Not the caches: what is kept there is believed as long as nobody touches it.
  spawnSync("chmod", ["-R", "a+rwX", folder]);
  chmodSync(visitor.home, 0o777);
  return folder;
}

let made = 0;

function build(folder: string, user: number, ...args: readonly string[]): Ran {
  const command = ["node", CLI, "build", "-o", "digest", "--quiet", ...args];
  const env = user === NOBODY ? visitor.env : { ...visitor.env, IMAGE_DSL_CACHE: sharedCache(user) };
  return run(["setpriv", `--reuid=${user}`, `--regid=${user}`, "--clear-groups", ...command], { cwd: folder, env });
}

function succeed({ status, stdout, stderr }: Ran): string {
  assert.is(status, 0, stderr);
  return stdout.toString();
}

function failure({ status, stderr }: Ran): string {
  assert.is(status, 1, stderr);
  return stderr;
}

/** Of each target, what is told of it. */
function failures(ran: Ran): (target: string) => string {
  assert.is(ran.status, 1, ran.stderr);
  const told = failuresOf(ran);
  return (target) => told.get(target) ?? `${target} did not fail`;
}

function digestsOf(output: string): readonly string[] {
  return output.match(/sha256:[0-9a-f]{64}/g) ?? [];
}
