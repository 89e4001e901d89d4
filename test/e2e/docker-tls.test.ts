// @runtimes node
/** A real Docker daemon over TCP with TLS, found by the environment and by a context that docker's own command made. */
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { certificates } from "../core/http/certificates.ts";
import { requireTool, suite, tmp } from "../harness.ts";
import { tlsEngine, type TlsEngine } from "../plugins/daemons/support/tls-engine.ts";
import { cli, must, runCli, writeProject, type RunOptions } from "./support.ts";

const test = suite("e2e/docker-tls", { timeout: 120_000 });

const folder = tmp();
let engine: TlsEngine;

test.before(async () => {
  engine = await tlsEngine(certificates());
  writeProject(folder, {
    "image.config.mjs": `import { buildLayeredImage, text } from "image-dsl";
export default buildLayeredImage({ name: "tls/app", tag: "1", contents: text("/a", "a".repeat(100_000)) });
`,
  });
});

test.after(() => engine.close());

/** A folder with the certificates under docker's names, without those that are to be missing. */
function certificateFolder(...missing: readonly string[]): string {
  const { ca, clientCert, clientKey } = certificates();
  const path = tmp();
  for (const [name, file] of [
    ["ca.pem", ca],
    ["cert.pem", clientCert],
    ["key.pem", clientKey],
  ] as const) {
    if (!missing.includes(name)) copyFileSync(file, join(path, name));
  }
  return path;
}

function on(env: Readonly<Record<string, string>>): RunOptions {
  return { cwd: folder, env: { IMAGE_DSL_CACHE: join(folder, ".cache"), DOCKER_CONFIG: tmp(), ...env } };
}

const byEnvironment = (certificatesIn: string) =>
  on({ DOCKER_HOST: engine.host, DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: certificatesIn });

const idIn = (options: RunOptions, reference: string): string =>
  must([requireTool("docker"), "image", "inspect", "--format", "{{.Id}}", reference], options)
    .toString()
    .trim();

const digest = (): string => cli(["build", "-o", "digest"], on({})).toString().trim();

test("DOCKER_HOST, DOCKER_TLS_VERIFY and DOCKER_CERT_PATH: loaded, seen by docker, and read back as the same image", () => {
  const options = byEnvironment(certificateFolder());
  assert.match(cli(["build", "--load"], options).toString(), `into the Docker daemon at ${engine.host}: 1 of 1 layers`);
  assert.is(idIn(options, "tls/app:1"), digest());
  assert.match(cli(["build", "-o", "docker-daemon:tls/app:2"], options).toString(), "nothing was sent");
  cli(["copy", "docker-daemon:tls/app:2", "docker-archive:back.tar"], options);
  const { images } = JSON.parse(cli(["inspect", "back.tar", "--json"], options).toString()) as {
    images: { id: string }[];
  };
  assert.is(images[0]!.id, digest());
  assert.match(
    cli(["doctor"], options).toString(),
    new RegExp(`^ok +docker daemon +20\\.10\\..*at ${engine.host}$`, "m"),
  );
});

test("a context that docker made leads there, with its certificates", () => {
  const config = join(folder, "docker");
  mkdirSync(config);
  const from = certificateFolder();
  const paths = `ca=${from}/ca.pem,cert=${from}/cert.pem,key=${from}/key.pem`;
  const own = { DOCKER_CONFIG: config, DOCKER_HOST: "" };
  must([requireTool("docker"), "context", "create", "safe", "--docker", `host=${engine.host},${paths}`], on(own));
  const named = on({ ...own, DOCKER_CONTEXT: "safe" });
  assert.match(cli(["build", "--load", "-t", "tls/context:1"], named).toString(), `at ${engine.host}`);
  assert.is(idIn(named, "tls/context:1"), digest());
  must([requireTool("docker"), "context", "use", "safe"], on(own));
  assert.match(cli(["build", "--load", "-t", "tls/context:2"], on(own)).toString(), `at ${engine.host}`);
  assert.is(idIn(named, "tls/context:2"), digest());
});

test("without a client's certificate, with another authority, or without TLS nothing is loaded, and it is said why", () => {
  const load = (options: RunOptions) => {
    const { status, stderr } = runCli(["build", "--load"], options);
    assert.is(status, 1, stderr);
    assert.match(stderr, "E_DAEMON");
    return stderr;
  };
  assert.match(load(byEnvironment(certificateFolder("cert.pem", "key.pem"))), /certificate/);
  assert.match(load(byEnvironment(certificateFolder("ca.pem"))), /certificate/);
  for (const missing of [["cert.pem", "key.pem"], ["ca.pem"]]) {
    const said = load(byEnvironment(certificateFolder(...missing)));
    assert.match(said, /certificate/);
    assert.match(said, /whether ca.pem, cert.pem and key.pem are this daemon's/);
  }
  const plain = load(on({ DOCKER_HOST: engine.host }));
  assert.match(plain, "Client sent an HTTP request to an HTTPS server");
  assert.match(plain, "DOCKER_TLS_VERIFY=1");
});

test.run();
