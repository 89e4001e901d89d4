// @runtimes node
// @timeout 300
/**
 * What virtual machines take of the host: KVM where a guest under it was seen to work, and QEMU wherever it lies. A QEMU that plays
 * KVM stands for hosts that have it.
 */
import { chmodSync, copyFileSync, cpSync, mkdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { requireTool, suite } from "../harness.ts";
import { CLI, folderForNobody, run, writeProject } from "./support.ts";
import { openVisitor, type Visitor } from "./visitor.ts";

const test = suite("e2e/vm-host", { timeout: 120_000 });
const qemu = requireTool("qemu-system-x86_64");
requireTool("bwrap");
requireTool("python3");

let visitor: Visitor;
let folder = "";
test.before(() => {
  visitor = openVisitor("vm-host", { withOwnCache: true });
  folder = visitor.folder("project");
  const makes = "mkdir /made; chown 7:8 /made; echo of > /made/guest";
  const scripts = { one: makes, other: "true", third: "echo 3 > /3", fourth: "echo 4 > /4" };
  writeProject(folder, {
    "image.config.ts": `import { buildImage, text } from "image-dsl";
const image = (runAsRoot) => buildImage({ name: "kvm", tag: "1", copyToRoot: text("/a", "a"), runAsRoot });
const scripts = ${JSON.stringify(scripts)};
export default { images: Object.fromEntries(Object.entries(scripts).map(([name, script]) => [name, image(script)])) };
`,
  });
});
test.after(() => visitor.dispose());

const NOTE = /The processor of virtual machines is emulated, as KVM does not run them here: (.*)/;

test("KVM that hangs is found out once, told and not used; asked for by name it is an error", () => {
  const host = hostWhere("hangs", { proof: "time.sleep(60)", script: "time.sleep(60)" });
  assert.match(host("doctor").stdout.toString(), /qemu-system-x86_64 .*not known yet whether KVM works/);
  const first = host("build", "one", "-o", "digest");
  assert.is(first.stdout.toString().trim(), emulated());
  assert.match(NOTE.exec(first.stderr)?.[1] ?? "", /within 2 s/);
  assert.not.match(host("build", "other", "-o", "digest").stderr, NOTE);
  assert.not.match(host("build", "other", "--no-cache", "-o", "digest").stderr, NOTE);
  assert.match(host("doctor").stdout.toString(), /qemu-system-x86_64 .*emulated: KVM does not work: .* within 2 s/);
  const refused = host("build", "other", "--no-cache", "--vm-accel", "kvm", "-o", "digest");
  assert.is(refused.status, 1);
  assert.match(refused.stderr, /cannot be accelerated by KVM here: [^]*--vm-accel auto/);
});

test("under KVM that works a script gives the same digest", () => {
  const host = hostWhere("works", { proof: "boot()", script: "emulate()" });
  const built = host("build", "one", "--no-cache", "--vm-accel", "kvm", "-o", "digest");
  assert.is(built.stdout.toString().trim(), emulated(), built.stderr);
  host("build", "other", "-o", "digest");
  assert.match(host("doctor").stdout.toString(), /qemu-system-x86_64 .*accelerated by KVM/);
});

test("KVM under which a script's guest dies: told, emulated, and not tried again", () => {
  const host = hostWhere("dies", { proof: "boot()", script: `sys.exit("kvm: internal error")` });
  const built = host("build", "third", "-o", "digest");
  assert.is(built.status, 0);
  assert.match(NOTE.exec(built.stderr)?.[1] ?? "", /kvm: internal error/);
  const next = host("build", "fourth", "-o", "digest");
  assert.is(next.status, 0);
  assert.not.match(next.stderr, NOTE);
});

test("without /dev/kvm nothing is tried, and doctor says why", () => {
  const alone = ["bwrap", "--bind", "/", "/", "--dev", "/dev", "node", CLI, "doctor"];
  assert.match(visitor.run(alone, folder), /qemu-system-x86_64 .*emulated: there is no \/dev\/kvm/);
});

test("QEMU that was unpacked into a folder runs with that folder's files, where the host has none", () => {
  const unpacked = visitor.folder("unpacked");
  mkdirSync(join(unpacked, "usr/bin"), { recursive: true });
  copyFileSync(qemu, join(unpacked, "usr/bin/qemu-system-x86_64"));
  for (const name of ["qemu", "seabios"]) {
    cpSync(`/usr/share/${name}`, join(unpacked, "usr/share", name), { recursive: true, dereference: true });
  }
  const libraries = "/usr/lib/x86_64-linux-gnu";
  mkdirSync(join(unpacked, libraries), { recursive: true });
  cpSync(join(libraries, "qemu"), join(unpacked, libraries, "qemu"), { recursive: true });
  const own = realpathSync(join(libraries, "libfdt.so.1"));
  copyFileSync(own, join(unpacked, libraries, "libfdt.so.1"));
  const hidden = ["--tmpfs", "/usr/share/qemu", "--tmpfs", "/usr/share/seabios", "--bind", "/dev/null", own];
  const without = ["bwrap", "--bind", "/", "/", "--dev", "/dev", ...hidden];
  const env = { ...visitor.env, PATH: `${join(unpacked, "usr/bin")}:${process.env["PATH"]}` };
  const host = (...args: readonly string[]) =>
    run([...without, "node", CLI, ...args], { cwd: folder, env, unprivileged: true });
  assert.match(host("doctor").stdout.toString(), /ok +qemu-system-x86_64 +QEMU emulator version/);
  const built = host("build", "one", "--no-cache", "-o", "digest");
  assert.is(built.stdout.toString().trim(), emulated(), built.stderr);
});

test.run();

let digest = "";

/** The image's digest where nobody asks for KVM. */
function emulated(): string {
  digest ||= visitor
    .run(["node", CLI, "build", "one", "--no-cache", "--vm-accel", "tcg", "-o", "digest"], folder)
    .trim();
  return digest;
}

/** Runs image-dsl as an unprivileged user who may open a /dev/kvm, with a QEMU that does what is said where it is to use it. */
function hostWhere(name: string, kvm: { readonly proof: string; readonly script: string }) {
  const bin = folderForNobody(join(folder, name));
  writeProject(bin, { "qemu-system-x86_64": fakeQemu(kvm) });
  chmodSync(join(bin, "qemu-system-x86_64"), 0o755);
  const device = ["bwrap", "--bind", "/", "/", "--dev", "/dev", "--dev-bind", "/dev/null", "/dev/kvm"];
  const env = { ...visitor.env, PATH: `${bin}:${process.env["PATH"]}` };
  return (...args: readonly string[]) =>
    run([...device, "node", CLI, ...args], { cwd: folder, env, unprivileged: true });
}

/** The machine that shows whether KVM works has 128 MiB; those of scripts have more. */
function fakeQemu({ proof, script }: { readonly proof: string; readonly script: string }): string {
  return `#!/usr/bin/python3
import os, socket, sys, time

def emulate():
    os.execv("${qemu}", ["${qemu}"] + ["tcg" if each == "kvm" else each for each in sys.argv[1:]])

def boot():
    serial = socket.socket(socket.AF_UNIX)
    serial.connect("serial")
    qmp = socket.socket(socket.AF_UNIX)
    qmp.bind("qmp")
    qmp.listen()
    client = qmp.accept()[0]
    client.sendall(b'{"QMP": {}}\\n')
    client.recv(1000)
    client.sendall(b'{"return": {}}\\n')
    serial.sendall(b"image-dsl: waiting\\r\\n")
    time.sleep(60)

if "kvm" not in sys.argv: emulate()
elif "128" in sys.argv: ${proof}
else: ${script}
`;
}
