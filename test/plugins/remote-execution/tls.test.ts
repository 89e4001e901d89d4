// @timeout 240
/** Certificates, against a real server that asks for them; and what doctor says of servers. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { ServerCredentials } from "@grpc/grpc-js";
import type { RemoteContext, RemoteTls } from "../../../core/index.ts";
import { runtime } from "../../../core/host.ts";
import { readRemote } from "../../../core/cli/remote-options.ts";
import { examineWorkers } from "../../../plugins/remote-execution/examine.ts";
import { freePort } from "../../free-port.ts";
import { requireTool, suite, tmp } from "../../harness.ts";
import { startJustbuild } from "../../remote-servers.ts";
import { CAPABLE, startFake } from "./fake-server.ts";
import { blobOf, NEVER, openAt, put, refusal, shellTask } from "./support.ts";

const test = suite("remote-execution/tls", { timeout: 120_000 });

const CONTEXT: RemoteContext = { directory: "/", insecureHosts: [], signal: NEVER };

const IMPATIENT = { retry: { attempts: 2, delay: 50 } };

test("a server is known by its authority", async () => {
  requireTool("openssl");
  const [ours, others] = [makeCertificates(), makeCertificates()];
  const options = [
    "--tls-ca-cert",
    ours.ca,
    "--tls-server-cert",
    ours.server.cert,
    "--tls-server-key",
    ours.server.key,
  ];
  const server = await startJustbuild(...options);
  const at = server.at.replace("grpc://127.0.0.1", "grpcs://localhost");
  try {
    const workers = await openAt(at, { tls: { ca: ours.ca } });
    await put(workers, "hello\n");
    const { outputs } = await workers.run(shellTask("echo by TLS > out"), NEVER);
    assert.equal(outputs[0]?.blob, blobOf("by TLS\n"));
    await workers.close();
    for (const tls of [{ ca: others.ca }, {}]) await refused(at, tls);
  } finally {
    await server.kill();
  }
});

test("a server that asks who we are is shown our certificate", async () => {
  requireTool("openssl");
  const [ours, others] = [makeCertificates(), makeCertificates()];
  const [ca, cert_chain, private_key] = [ours.ca, ours.server.cert, ours.server.key].map((file) => readFileSync(file));
  const pair = { cert_chain: cert_chain!, private_key: private_key! };
  const server = await startFake(CAPABLE, ServerCredentials.createSsl(ca!, [pair], true));
  const at = server.at.replace("grpc://127.0.0.1", "grpcs://localhost");
  try {
    const workers = await openAt(at, { tls: { ca: ours.ca, ...ours.client } });
    assert.equal(await workers.missing([blobOf("hello\n")]), []);
    await workers.close();
    for (const tls of [{ ca: ours.ca }, { ca: ours.ca, ...others.client }]) await refused(at, tls);
  } finally {
    server.close();
  }
  const gone = { ...ours.client, key: join(tmp(), "no-key.pem") };
  assert.match(
    (await refusal(openAt(at, { tls: gone }), "E_CREDENTIALS")).message,
    /^Cannot read the private key from /,
  );
  const noKey = { ...ours.client, key: ours.ca };
  assert.match(
    (await refusal(openAt(at, { tls: noKey }), "E_CREDENTIALS")).message,
    /^The certificates of remote\.tls cannot/,
  );
});

test("a certificate that is out of date by this machine's clock is said to be that", async () => {
  requireTool("openssl");
  const { ca, stale } = makeCertificates();
  const [cert_chain, private_key] = [readFileSync(stale.cert), readFileSync(stale.key)];
  const server = await startFake(CAPABLE, ServerCredentials.createSsl(null, [{ cert_chain, private_key }]));
  const workers = await openAt(server.at.replace("grpc://127.0.0.1", "grpcs://localhost"), { tls: { ca } }, IMPATIENT);
  try {
    const { message, hint } = await refusal(workers.missing([blobOf("hello\n")]), "E_REMOTE");
    // Deno's words are of the handshake alone.
    if (runtime() === "deno") return;
    assert.match(message, /certificate.*expired/i);
    assert.match(hint ?? "", /^See this machine's clock/);
  } finally {
    await workers.close();
    server.close();
  }
});

async function refused(at: string, tls: RemoteTls): Promise<void> {
  const stranger = await openAt(at, { tls }, IMPATIENT);
  await refusal(stranger.missing([blobOf("hello\n")]), "E_REMOTE");
  await stranger.close();
}

test("doctor says what a server can do, and that one does not answer", async () => {
  const server = await startJustbuild();
  try {
    const { state, detail } = await examineWorkers({ at: server.at }, CONTEXT);
    assert.is(state, "ok");
    assert.match(
      detail,
      /^127\.0\.0\.1:\d+\/main answers: version 2\.\d+ of the Remote Execution API, SHA-256, \d+ bytes of small blobs a call, .*runs tasks$/,
    );
  } finally {
    await server.kill();
  }
  const at = `grpc://127.0.0.1:${await freePort()}`;
  const nameless = await examineWorkers({ at, headers: { authorization: { env: "NOT_SET" } } }, CONTEXT);
  assert.is(nameless.state, "missing");
  assert.match(nameless.detail, /^The header authorization has no value/);
  const { state, detail, mend } = await examineWorkers({ at }, CONTEXT);
  assert.is(state, "missing");
  assert.match(detail, /UNAVAILABLE: .*ECONNREFUSED/);
  assert.match(mend ?? "", /^See the address/);
});

test("the command line names headers by variables, and quotes no value", () => {
  const given = { remote: "grpcs://h", "remote-header": ["Authorization=TOKEN", "x-key=KEY"] };
  assert.equal(readRemote(given), {
    at: "grpcs://h",
    headers: { authorization: { env: "TOKEN" }, "x-key": { env: "KEY" } },
  });
  assert.is(readRemote({ remote: "none", "remote-header": undefined }), "none");
  assert.equal(readRemote({ remote: undefined, "remote-header": undefined }), {});
  for (const text of ["authorization=Bearer s3cret", "authorization:s3cret", "authorization=s3-cret"]) {
    try {
      readRemote({ remote: "grpcs://h", "remote-header": [text] });
      assert.unreachable();
    } catch (error) {
      assert.match((error as Error).message, /^--remote-header names no variable of the environment$/);
    }
  }
});

interface Certificates {
  readonly ca: string;
  readonly server: { readonly cert: string; readonly key: string };
  readonly client: { readonly cert: string; readonly key: string };
  /** The server's of yesterday. */
  readonly stale: { readonly cert: string; readonly key: string };
}

/** An authority, and what it vouches for. */
function makeCertificates(): Certificates {
  const folder = tmp();
  const at = (name: string) => join(folder, name);
  const openssl = (...args: readonly string[]) => execFileSync("openssl", args, { stdio: "pipe" });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl(
    "req",
    "-x509",
    ...newKey,
    "-keyout",
    at("ca.key"),
    "-out",
    at("ca.pem"),
    "-days",
    "2",
    "-subj",
    "/CN=authority",
  );
  writeFileSync(at("names"), "subjectAltName=DNS:localhost\n");
  const pairs = Object.entries({ server: "2", client: "2", stale: "-1" }).map(([name, days]) => {
    openssl("req", ...newKey, "-keyout", at(`${name}.key`), "-out", at(`${name}.csr`), "-subj", `/CN=${name}`);
    const by = ["-CA", at("ca.pem"), "-CAkey", at("ca.key"), "-CAcreateserial", "-days", days, "-extfile", at("names")];
    openssl("x509", "-req", "-in", at(`${name}.csr`), "-out", at(`${name}.pem`), ...by);
    return { cert: at(`${name}.pem`), key: at(`${name}.key`) };
  });
  const [server, client, stale] = pairs;
  return { ca: at("ca.pem"), server: server!, client: client!, stale: stale! };
}

test.run();
