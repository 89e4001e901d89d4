/** Which Docker daemon is meant: as docker's own command line finds it. */
import { join } from "node:path";
import { createServer } from "node:net";
import * as assert from "uvu/assert";
import { digestOf, hexOf } from "../../../core/index.ts";
import { dockerEndpoint, usualSockets } from "../../../plugins/daemons/docker/endpoint.ts";
import type { Tell } from "../../../plugins/daemons/docker/context.ts";
import { suite } from "../../harness.ts";
import { failure } from "../registry/support/asking.ts";
import { onTestHost, type TestHost } from "../registry/support/host-credentials.ts";

const test = suite("daemons/endpoint");

const told: string[] = [];
const tell: Tell = ({ message }) => void told.push(message);

const found = (variables: Readonly<Record<string, string>>, prepare: (host: TestHost) => void = () => {}) =>
  onTestHost((host) => {
    prepare(host);
    return dockerEndpoint(tell);
  }, variables);

const way = async (DOCKER_HOST: string, others: Readonly<Record<string, string>> = {}) =>
  (await found({ DOCKER_HOST, ...others }))!.way;

function writeContext(host: TestHost, name: string, docker: unknown): void {
  const id = hexOf(digestOf(name));
  host.write(`.docker/contexts/meta/${id}/meta.json`, { Name: name, Metadata: {}, Endpoints: { docker } });
}

test("DOCKER_HOST says it, in docker's schemes", async () => {
  assert.equal(await way("unix:///run/x.sock"), { kind: "socket", path: "/run/x.sock" });
  assert.equal(await way("tcp://build.example"), { kind: "tcp", url: "http://build.example:2375" });
  assert.equal(await way("tcp://[::1]:1234/"), { kind: "tcp", url: "http://[::1]:1234" });
  const ssh = ["-o", "ConnectTimeout=30", "-T"];
  const dial = ["docker", "system", "dial-stdio"];
  assert.equal(await way("ssh://me@box:22222"), {
    kind: "ssh",
    args: [...ssh, "-l", "me", "-p", "22222", "--", "box", ...dial],
  });
  assert.equal(await way("ssh://box/run/x.sock"), {
    kind: "ssh",
    args: [...ssh, "--", "box", "docker", "--host", "unix:///run/x.sock", "system", "dial-stdio"],
  });
});

test("what cannot be meant is refused, and not shown: it may hold a password", async () => {
  const odd = [
    "box",
    "/run/x.sock",
    "unix://run/x",
    "ssh://me:canary@box",
    "ssh://",
    "tcp://me:canary@box",
    "tcp://b/canary",
  ];
  for (const DOCKER_HOST of [...odd, "http://canary@box", "npipe:////./pipe/docker", "fd://"]) {
    const error = await failure(way(DOCKER_HOST), "E_DAEMON", DOCKER_HOST);
    assert.not.match(error.message + error.hint, "canary");
  }
});

test("an ssh path is one word for the shell at the other end, or refused", async () => {
  for (const path of ["/a;reboot", "/a$(x)", "/a%20b", "/a'b"])
    await failure(way(`ssh://box${path}`), "E_DAEMON", path);
  for (const host of ["-oProxyCommand=x", "a%20b"]) await failure(way(`ssh://${host}`), "E_DAEMON", host);
});

test("certificates of DOCKER_CERT_PATH, or of docker's folder, are shown where TLS is asked for", async () => {
  const prepare = (folder: string) => (host: TestHost) => {
    for (const name of ["ca", "cert", "key"]) host.write(`${folder}/${name}.pem`, `the ${name}`);
  };
  const tls = { ca: "the ca", cert: "the cert", key: "the key" };
  const DOCKER_HOST = "tcp://box";
  const url = "https://box:2376";
  const named = await found({ DOCKER_HOST, DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: "~/mine" }, prepare("mine"));
  assert.equal(named?.way, { kind: "tcp", url, tls });
  const usual = await found({ DOCKER_HOST, DOCKER_TLS: "1" }, prepare(".docker"));
  assert.equal(usual?.way, { kind: "tcp", url, tls: { ...tls, verify: false } });
  const half = (host: TestHost) => void host.write(".docker/cert.pem", "x");
  await failure(found({ DOCKER_HOST, DOCKER_TLS_VERIFY: "1" }, half), "E_CREDENTIALS");
});

test("contexts: DOCKER_CONTEXT outranks the config's, DOCKER_HOST both, and default is none", async () => {
  const prepare = (host: TestHost) => {
    host.write(".docker/config.json", { currentContext: "one" });
    writeContext(host, "one", { Host: "unix:///one.sock" });
    writeContext(host, "two", { Host: "tcp://two:1", SkipTLSVerify: true });
  };
  assert.equal(await found({}, prepare), {
    text: "unix:///one.sock",
    way: { kind: "socket", path: "/one.sock" },
    saidBy: 'the docker context "one"',
  });
  const two = await found({ DOCKER_CONTEXT: "two" }, prepare);
  assert.equal(two?.way, { kind: "tcp", url: "https://two:1", tls: { verify: false } });
  assert.is((await found({ DOCKER_CONTEXT: "two", DOCKER_HOST: "tcp://x" }, prepare))?.text, "tcp://x");
  assert.is((await found({ DOCKER_CONTEXT: "default", XDG_RUNTIME_DIR: "~/none" }, prepare))?.saidBy, undefined);
});

test("a context that is not there, or is broken, is an error and no other daemon is taken", async () => {
  await failure(found({ DOCKER_CONTEXT: "../../etc" }), "E_DAEMON");
  const broken = (host: TestHost) => writeContext(host, "b", { Host: 1 });
  await failure(found({ DOCKER_CONTEXT: "b" }, broken), "E_DAEMON");
});

test("a config of docker's that cannot be read is told, and names no context", async () => {
  for (const [prepare, why] of [
    [(host: TestHost) => void host.write(".docker/config.json/x", "a folder"), "not a file|is a directory"],
    [(host: TestHost) => void host.write(".docker/config.json", "{ canary"), "it is not JSON"],
  ] as const) {
    told.length = 0;
    assert.is((await found({ XDG_RUNTIME_DIR: "~/none" }, prepare))?.saidBy, undefined);
    assert.is(told.length, 1);
    assert.match(told[0]!, new RegExp(`config.json: .*(${why}).*no docker context`));
    assert.not.match(told[0]!, "canary");
    assert.is((await found({ DOCKER_HOST: "tcp://x" }, prepare))?.text, "tcp://x");
    assert.is(told.length, 1, "it is not asked where something else says it");
  }
});

test("where nobody says it, it is the first socket that is there", async () => {
  await onTestHost(async (host) => {
    process.env["XDG_RUNTIME_DIR"] = host.home;
    const own = join(host.home, "docker.sock");
    assert.equal(usualSockets(), ["/var/run/docker.sock", own]);
    host.write("docker.sock", "no socket");
    const before = await dockerEndpoint(tell);
    assert.is.not(before?.text, `unix://${own}`);
    if (before !== undefined) return;
    const other = join(host.home, "run");
    process.env["XDG_RUNTIME_DIR"] = other;
    host.write("run/x", "");
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(other, "docker.sock"), resolve));
    assert.is((await dockerEndpoint(tell))?.text, `unix://${join(other, "docker.sock")}`);
    server.close();
  });
});

test.run();
