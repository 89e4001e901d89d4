// @runtimes node
// @timeout 300
/** `network: true` of `runAsRoot`: the host's network by either executor, no trace of it in the image, and none at all without it. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import * as assert from "uvu/assert";
import { requireTool, suite } from "../harness.ts";
import { CLI, must, run, writeProject, type Ran } from "./support.ts";
import { openVisitor, type Visitor } from "./visitor.ts";

const test = suite("e2e/run-with-network", { timeout: 200_000 });
requireTool("qemu-system-x86_64");

let visitor: Visitor;
let server: ChildProcess;
let port = 0;
test.before(async () => {
  visitor = openVisitor("run-with-network");
  server = spawn("node", ["-e", SERVER], { stdio: ["ignore", "pipe", "inherit"] });
  const [said] = (await once(server.stdout!, "data")) as [Buffer];
  port = Number(said.toString());
});
test.after(() => {
  server.kill();
  visitor.dispose();
});

const SERVER = `
const server = require("node:http").createServer((request, response) => response.end("from the host\\n"));
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
`;

test("a server of the host answers; without it there is none", () => {
  const fetch = (host: string) => `
    if exec 3<>/dev/tcp/${host}/${port}; then
      printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3
      while read -r line <&3; do echo "$line"; done | tail -n 1 > /answer
    else
      ls /sys/class/net > /answer
    fi
  `;
  const folder = project({
    vm: image("vm", fetch("10.0.2.2"), true),
    namespace: image("namespace", fetch("127.0.0.1"), true),
    alone: image("namespace", fetch("127.0.0.1"), false),
  });
  succeed(build(folder, "-o", "rootfs:{target}.tar"));
  const answer = (target: string) => must(["tar", "-xOf", `${target}.tar`, "answer"], { cwd: folder }).toString();
  assert.is(answer("vm"), "from the host\n");
  assert.is(answer("namespace"), "from the host\n");
  assert.is(answer("alone"), "lo\n");
});

/** Answers one name, on the port that name servers have; nobody else is at this address. */
const NAME_SERVER = `
const address = "127.77.7.53", socket = require("node:dgram").createSocket("udp4");
socket.on("message", (query, from) => {
  const end = query.indexOf(0, 12) + 5;
  const asked = query.toString("latin1", 12, end - 5);
  const isIt = asked === "\\x06server\\x04test" && query[end - 3] === 1;
  const head = Buffer.from([query[0], query[1], 0x81, isIt || query[end - 3] !== 1 ? 0x80 : 0x83, 0, 1, 0, isIt ? 1 : 0, 0, 0, 0, 0]);
  const answer = isIt ? Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 77]) : Buffer.alloc(0);
  socket.send(Buffer.concat([head, query.subarray(12, end), answer]), from.port, from.address);
});
socket.bind(53, address, () => console.log(address));
`;

test("names are looked up by the name server of the host, from the guest as well", async () => {
  const names = spawn("node", ["-e", NAME_SERVER], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const [address] = (await once(names.stdout, "data")) as [Buffer];
    const look = "getent ahostsv4 server.test | head -n 1 > /answer; if getent ahostsv4 other.test; then exit 7; fi";
    const contents = 'debian({ suite: "bookworm", packages: ["bash", "coreutils", "libc-bin"] })';
    const both = (script: string, network: boolean) => ({
      vm: image("vm", script, network, "true", contents),
      namespace: image("namespace", script, network, "true", contents),
    });
    // Its packages are here then, and in the lock: they come from elsewhere.
    const folder = project(both("true", false));
    succeed(build(folder, "-o", "digest"));
    project(both(look, true), folder);
    writeProject(folder, { "resolv.conf": `nameserver ${address.toString()}` });
    const bound = 'mount --bind resolv.conf "$(readlink -f /etc/resolv.conf)" && exec "$@"';
    const asNobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    const command = [...asNobody, "node", CLI, "build", "-o", "rootfs:{target}.tar"];
    succeed(run(["unshare", "--mount", "sh", "-c", bound, "sh", ...command], { cwd: folder, env: visitor.env }));
    for (const target of ["vm", "namespace"]) {
      const answer = must(["tar", "-xOf", `${target}.tar`, "answer"], { cwd: folder }).toString();
      assert.match(answer, /^192\.0\.2\.77 /, target);
    }
  } finally {
    names.kill();
  }
});

test("the run's own resolv.conf is there, cannot be written, and is not the image's", () => {
  const script = `
    [[ $(< /etc/resolv.conf) = *nameserver* ]]
    if (echo changed > /etc/resolv.conf) 2> /dev/null; then exit 7; fi
    echo made > /made
  `;
  const bases = [
    "true",
    "mkdir etc; echo nameserver 192.0.2.1 > etc/resolv.conf",
    "mkdir etc run; ln -s ../run/resolve/stub.conf etc/resolv.conf",
  ];
  const images = bases.flatMap((base, index) => [
    [`vm${index}`, image("vm", script, true, base)] as const,
    [`namespace${index}`, image("namespace", script, true, base)] as const,
    [`alone${index}`, image("namespace", "echo made > /made", false, base)] as const,
  ]);
  const output = succeed(build(project(Object.fromEntries(images)), "-o", "digest", "--quiet"));
  const digests = output.match(/sha256:[0-9a-f]{64}/g)!;
  assert.is(digests.length, images.length);
  assert.is(new Set(digests).size, bases.length);
  for (const index of bases.keys()) assert.is(new Set(digests.slice(3 * index, 3 * index + 3)).size, 1);
});

for (const executor of ["vm", "namespace"]) {
  test(`${executor}: a script that takes the resolv.conf away says so`, () => {
    const script = "/dev/.image-dsl/usr/bin/busybox umount /etc/resolv.conf";
    const { status, stderr } = build(project({ moved: image(executor, script, true) }), "-o", "digest");
    assert.is(status, 1);
    assert.match(stderr, /the script moved \/etc\/resolv\.conf/);
  });
}

test("network without runAsRoot is refused", () => {
  const folder = project({ image: `buildImage({ name: "image", network: true })` });
  const { status, stderr } = build(folder, "-o", "digest");
  assert.is(status, 2);
  assert.match(stderr, /network[^]*of runAsRoot, but no runAsRoot/);
});

test.run();

/** As it stands in the config. */
function image(executor: string, runAsRoot: string, network: boolean, base = "true", contents = "[]"): string {
  return `buildImage({ name: "image", tag: "1", fromImage: base(${JSON.stringify(base)}, ${contents}), ...${JSON.stringify({ executor, runAsRoot, network })} })`;
}

function project(
  images: Readonly<Record<string, string>>,
  folder = visitor.folder(`project-${String(++made)}`),
): string {
  const list = Object.entries(images).map(([name, call]) => `${name}: ${call}`);
  writeProject(folder, {
    "image.config.ts": `import { buildImage, buildLayeredImage, debian, defineConfig, type Source } from "image-dsl";
const base = (fakeRootCommands: string, contents: Source | []) => buildLayeredImage({ name: "base", contents, fakeRootCommands });
export default defineConfig({ images: { ${list.join(", ")} } });
`,
  });
  return folder;
}

let made = 0;

function build(folder: string, ...args: readonly string[]): Ran {
  return run(["node", CLI, "build", ...args], { cwd: folder, env: visitor.env, unprivileged: true });
}

function succeed({ status, stdout, stderr }: Ran): string {
  assert.is(status, 0, stderr);
  return stdout.toString();
}
