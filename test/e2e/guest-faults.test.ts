// @runtimes node
// @timeout 600
/** Guests that die, hang, lie or start from what is damaged: each is told with its mend, and nothing runs on or is left. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  mkdirSync,
  openSync,
  closeSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import * as assert from "uvu/assert";
import { requireTool, suite } from "../harness.ts";
import { IS_THOROUGH } from "../sampled.ts";
import { CLI, cli, must, namesIn, openFolder, refusals, writeProject } from "./support.ts";

const test = suite("e2e/guest-faults", { timeout: 480_000 });
const QEMU = "qemu-system-x86_64";
const qemu = requireTool(QEMU);

const CONFIG = `import { buildImage } from "image-dsl";
export default {
  images: ({ args }) => Object.fromEntries(
    JSON.parse(args.scripts).map(([script, options], index) => [
      "image" + index,
      buildImage({ name: "guest-faults", tag: "1", runAsRoot: script, ...options }),
    ]),
  ),
};
`;

let folder: { path: string; dispose(): void };
let cwd: string;
let cache: string;
test.before(() => {
  folder = openFolder("guest-faults");
  cwd = writeProject(join(folder.path, "project"), { "image.config.mjs": CONFIG });
  cache = join(folder.path, "cache");
});
test.after(() => folder.dispose());

/** Whatever happened. */
test.after.each(async () => {
  await eventually(() => assert.equal(machines(), []));
  assert.equal(
    namesIn(join(cache, "tmp")).filter((name) => name.startsWith("vm")),
    [],
  );
});

const DEATHS: readonly (readonly [what: string, script: string, options: object, told: RegExp])[] = [
  ["panics", "echo c > /proc/sysrq-trigger", {}, /its kernel stopped \(sysrq triggered crash\)[^]*sysrq-trigger/],
  ["is restarted", "echo b > /proc/sysrq-trigger; sleep 9", {}, /restarted or switched off[^]*Leave reboot/],
  ["switches itself off", "/dev/.image-dsl/usr/bin/busybox poweroff -f", {}, /restarted or switched off[^]*Leave/],
  ["hangs", "echo so far; sleep infinity", { buildVMTimeout: 2 }, /after 2 seconds[^]*so far[^]*buildVMTimeout/],
  ["fills its disk", "head -c 20M /dev/zero > /large", { diskSize: 8 }, /No space left[^]*diskSize/],
  ["eats its memory", "x=x; while :; do x=$x$x; done", { diskSize: 8 }, /exit code 137[^]*buildVMMemorySize/],
  [
    "has no memory left",
    "/dev/.image-dsl/usr/bin/busybox mount -o remount,size=4G /tmp; echo 1 > /proc/sys/vm/panic_on_oom; head -c 2G /dev/zero > /tmp/x",
    { diskSize: 8, buildVMMemorySize: 256 },
    /no memory left[^]*Raise buildVMMemorySize/,
  ],
];
test(`guests that die: one that ${DEATHS.map(([what]) => what).join(", one that ")}`, () => {
  const scripts = JSON.stringify(DEATHS.map(([, script, options]) => [script, options]));
  const told = refusals({ cwd, env: { IMAGE_DSL_CACHE: cache } }, ["--jobs", "1", "--arg", `scripts=${scripts}`]);
  for (const [index, [, , , expected]] of DEATHS.entries()) assert.match(told(`image${index}`), expected);
});

test("what a script writes to the machine's devices is no result: it fails, and all of its output is shown", async () => {
  const record = "image-dsl-end script=0 archive=0 size=0";
  const script = `cd /sys/class/virtio-ports
    for each in *; do read -r number < $each/dev; mknod /dev/$each c \${number/:/ }; printf "%-127s\\n" "${record}" > /dev/$each || echo refused; done
    printf 'no newline'; exit 7`;
  const { status, stderr } = await build(script);
  assert.is(status, 1);
  assert.match(stderr, /exit code 7[^]*refused[^]*refused[^]*no newline$/m);
});

test("a file that looks like the end of a result is but a file", async () => {
  const script = `for each in $(seq 2000); do printf "%-127s\\n" "image-dsl-end script=3 archive=0 size=$((each * 128))"; done > /records`;
  const { status, stderr } = await build(script, {}, ["-o", "rootfs:records.tar"]);
  assert.is(status, 0, stderr);
  assert.is(must(["tar", "-xOf", join(cwd, "records.tar"), "records"], { cwd }).length, 2000 * 128);
});

test("QEMU is killed", async () => {
  const running = await startEndless();
  const [machine] = machines();
  process.kill(machine!, "SIGKILL");
  const { status, stderr } = await running.ended;
  assert.is(status, 1);
  assert.match(stderr, /QEMU was killed \(signal 9\)[^]*memory/);
});

test("Ctrl-C ends it", async () => {
  const running = await startEndless();
  running.child.kill("SIGINT");
  assert.is((await running.ended).status, 130);
});

test("image-dsl is killed: its machine ends too, and the next build removes what it left", async () => {
  const running = await startEndless();
  running.child.kill("SIGKILL");
  await running.ended;
  await eventually(() => assert.equal(machines(), []));
  assert.is((await build("true")).status, 0);
});

test("a damaged snapshot is never believed, and a boot gives what a snapshot gives", async () => {
  const script = "useradd -m somebody 2>/dev/null || mkdir -p /home/somebody; date +%Y > /year; uname -a > /uname";
  const expected = await build(script);
  assert.is(expected.status, 0, expected.stderr);
  const path = { PATH: `${withoutSnapshots()}:${process.env["PATH"]}` };
  assert.match(doctor(), /snapshot of the guest with 512 MiB of memory: [0-9.]+ MB/);
  assert.match(doctor(path), /no snapshot of a guest yet/);
  for (const damage of IS_THOROUGH ? [flip, (file: string) => truncateSync(file, 1000)] : [flip]) {
    for (const file of snapshots()) damage(file);
    assert.match(doctor(), /the snapshot of the guest with 512 MiB of memory is gone, or not what was written/);
    const { stdout, stderr } = await again(script);
    assert.match(stderr, /is not what was written there/);
    assert.is(stdout, expected.stdout);
  }
  const cold = await again(script, path);
  assert.match(cold.stderr, /boots anew, as no snapshot of it can be used: [^]*no snapshots today/);
  assert.is(cold.stdout, expected.stdout);
  assert.match(
    doctor(path),
    /the guest with 512 MiB of memory boots, as no snapshot of it can be used: [^]*no snapshots today/,
  );
  // Each a text of its own: the one that is slowest to start would find what another one has made.
  const several = IS_THOROUGH ? [1, 2, 3, 4] : [1, 2];
  for (const { stdout, stderr } of await Promise.all(several.map((each) => build(`${script}\n# ${each}`)))) {
    assert.is(stdout, expected.stdout, stderr);
    assert.not.match(stderr, /was not run again/);
  }
});

test("machines from one snapshot draw other random numbers", () => {
  const script = "head -c 16 /dev/urandom | od -An -tx1 > /random";
  const count = IS_THOROUGH ? 6 : 3;
  const scripts = Array.from({ length: count }, (_, index) => [`${script} # ${index}`]);
  const args = ["build", "-o", "rootfs:{target}.tar", "--arg", `scripts=${JSON.stringify(scripts)}`];
  cli(args, { cwd, env: { IMAGE_DSL_CACHE: cache } });
  const drawn = scripts.map((_, index) =>
    must(["tar", "-xOf", join(cwd, `image${index}.tar`), "random"], { cwd }).toString(),
  );
  assert.match(drawn[0]!, /^( [0-9a-f]{2}){16}\n$/);
  assert.is(new Set(drawn).size, count, drawn.join(""));
});

test("--check runs a script twice; other memory, disk and time are no reason to run it again", async () => {
  const { status, stderr } = await build("head -c 4 /dev/urandom > /random", {}, ["-o", "digest", "--check"]);
  assert.is(status, 1);
  assert.match(stderr, /gives other files when it runs again: \/random/);
  assert.is((await build("echo same > /same", {}, ["-o", "digest", "--check"])).status, 0);
  const known = await build("echo same > /same", { diskSize: 99, buildVMMemorySize: 300, buildVMTimeout: 99 });
  assert.match(known.stderr, /was not run again/);
  assert.not.match((await build("echo other > /same")).stderr, /was not run again/);
});

test.run();

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const DIGEST = ["-o", "digest"];

function start(script: string, options: object = {}, more = DIGEST, env: Readonly<Record<string, string>> = {}) {
  const args = ["build", ...more, "--arg", `scripts=${JSON.stringify([[script, options]])}`];
  // CI would freeze the lock.
  const { CI: _ci, ...inherited } = process.env;
  const child = spawn("node", [CLI, ...args], { cwd, env: { ...inherited, IMAGE_DSL_CACHE: cache, ...env } });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (text: Buffer) => (stdout += text.toString()));
  child.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
  const ended = once(child, "close").then(([status]): Ended => ({ status: status as number | null, stdout, stderr }));
  return { child, ended };
}

/** Once its script has begun: a machine that dies before is replaced by one that boots. */
async function startEndless(): Promise<ReturnType<typeof start>> {
  const running = start("echo has begun; sleep infinity", {}, [...DIGEST, "--verbose"]);
  await new Promise<void>((resolve) => {
    let shown = "";
    running.child.stderr.on("data", (text: Buffer) => {
      shown += text.toString();
      if (shown.includes("| has begun")) resolve();
    });
  });
  return running;
}

function build(script: string, options?: object, more?: string[]): Promise<Ended> {
  return start(script, options, more).ended;
}

/** What is known of the script's result is not asked. */
function again(script: string, env?: Readonly<Record<string, string>>): Promise<Ended> {
  rmSync(join(cache, "script-results"), { recursive: true, force: true });
  return start(script, {}, DIGEST, env).ended;
}

function doctor(env: Readonly<Record<string, string>> = {}): string {
  return must(["node", CLI, "doctor"], { cwd, env: { IMAGE_DSL_CACHE: cache, ...env } }).toString();
}

/** Numbers of the QEMUs that work in this cache. */
function machines(): readonly number[] {
  return readdirSync("/proc").flatMap((name) => {
    try {
      const isOurs = readlinkSync(`/proc/${name}/cwd`).startsWith(cache);
      return isOurs && readFileSync(`/proc/${name}/comm`, "utf8").startsWith("qemu") ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}

async function eventually(holds: () => void): Promise<void> {
  for (let left = 300; ; left--) {
    try {
      return holds();
    } catch (error) {
      if (left === 0) throw error;
      await delay(100);
    }
  }
}

function snapshots(): readonly string[] {
  const kind = join(cache, "vm-snapshots");
  const files = namesIn(kind).flatMap((name) => namesIn(join(kind, name)).map((file) => join(kind, name, file)));
  return files.filter((file) => !file.endsWith(".seal"));
}

/** Within the memory, and at the end, where the devices are. */
function flip(file: string): void {
  const handle = openSync(file, "r+");
  for (const at of [20 << 20, statSync(file).size - 5000]) writeSync(handle, Buffer.alloc(4096, 0xa5), 0, 4096, at);
  closeSync(handle);
}

/** A folder with a QEMU that cannot go on from one. */
function withoutSnapshots(): string {
  const bin = join(folder.path, "bin");
  mkdirSync(bin);
  const text = `#!/bin/sh
case "$*" in *-incoming*) echo "no snapshots today" >&2; exit 1;; esac
exec ${qemu} "$@"
`;
  writeFileSync(join(bin, QEMU), text);
  chmodSync(join(bin, QEMU), 0o755);
  return bin;
}
