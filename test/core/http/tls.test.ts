import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import * as assert from "uvu/assert";
import { ImageDslError } from "../../../core/error.ts";
import { tlsTroubleOf } from "../../../core/http/failure.ts";
import type { HttpRequestOptions } from "../../../core/http/request-options.ts";
import { httpRequest } from "../../../core/http/request.ts";
import type { TlsSettings } from "../../../core/http/tls.ts";
import { suite } from "../../harness.ts";
import { certificates, pem } from "./certificates.ts";
import { proxyServer, scriptedServer } from "./servers.ts";

const test = suite("http/tls", { timeout: 20_000 });

const OPTIONS: HttpRequestOptions = {
  signal: new AbortController().signal,
  maxBytes: 1_000_000,
  proxy: "direct",
  retry: { attempts: 1, delay: 5 },
  silence: 3000,
};

test("an authority is given by the caller, or nobody checks; each on connections of its own", async () => {
  await using server = await tlsServer();
  const ca = pem(certificates().ca);
  assert.is(await ask(server.url, { ca }), "200 -");
  const unknown = await fails(server.url);
  assert.is(tlsTroubleOf(unknown), "certificate", unknown.message);
  assert.is(await ask(server.url, { verify: false }), "200 -");
  assert.is(tlsTroubleOf(await fails(server.url)), "certificate");
  assert.is(tlsTroubleOf(await fails(server.url, { ca: pem(certificates().clientCert) })), "certificate");
});

test("a server that asks for a certificate gets the caller's, and refuses who has none", async () => {
  await using server = await tlsServer({ requestCert: true });
  const { ca, clientCert, clientKey } = certificates();
  const client = { cert: pem(clientCert), key: pem(clientKey) };
  assert.is(await ask(server.url, { ca: pem(ca), ...client }), "200 client");
  assert.is((await fails(server.url, { ca: pem(ca) })).code, "E_NETWORK");
});

test("all this holds through a proxy", async () => {
  await using server = await tlsServer({ requestCert: true });
  await using proxy = disposable(await proxyServer());
  const { ca, clientCert, clientKey } = certificates();
  const client = { cert: pem(clientCert), key: pem(clientKey) };
  const through = { proxy: proxy.url };
  assert.is(await ask(server.url, { ca: pem(ca), ...client }, through), "200 client");
  assert.is(await ask(server.url, { ca: pem(ca), ...client }, through), "200 client");
  assert.is(proxy.requests.length, 1, "the tunnel is used again");
  assert.is(await ask(server.url, { verify: false, ...client }, through), "200 client");
  assert.is(tlsTroubleOf(await fails(server.url, client, through)), "certificate");
  assert.is(proxy.requests.length, 3);
});

test("addresses are compared with the certificate as names are, through a proxy or not", async () => {
  await using proxy = disposable(await proxyServer());
  const ca = pem(certificates().ca);
  for (const through of [{}, { proxy: proxy.url }]) {
    await using server = await tlsServer({ address: "127.0.0.1" });
    assert.is(await ask(server.url, { ca }, through), "200 -");
    await using wrong = await tlsServer({ address: "127.0.0.2" });
    assert.is(tlsTroubleOf(await fails(wrong.url, { ca }, through)), "certificate");
    assert.is(await ask(wrong.url, { verify: false }, through), "200 -");
  }
});

test("whom a redirect leads to is trusted as everybody is, and shown no certificate", async () => {
  await using other = await tlsServer();
  await using server = await tlsServer({ location: other.url });
  const { ca, clientCert, clientKey } = certificates();
  const error = await fails(server.url, { ca: pem(ca), cert: pem(clientCert), key: pem(clientKey) });
  assert.is(tlsTroubleOf(error), "certificate");
  assert.match(error.message, new URL(other.url).host);
  assert.match((await fails(server.url, { verify: false })).message, new URL(other.url).host);
});

test("a server that does not speak TLS at all is told apart", async () => {
  await using server = disposable(await scriptedServer((_, response) => response.end("plain")));
  assert.is(tlsTroubleOf(await fails(server.url.replace("http:", "https:"), { verify: false })), "protocol");
  assert.is(tlsTroubleOf(await fails("http://127.0.0.1:1/")), undefined);
});

interface TlsServerOptions {
  readonly requestCert?: boolean;
  readonly location?: string;
  /** Without it, the name localhost. */
  readonly address?: string;
}

async function tlsServer({ requestCert = false, location, address }: TlsServerOptions = {}) {
  const { key, cert, ca } = certificates();
  const settings = { key: pem(key), cert: pem(cert), ca: pem(ca), requestCert, rejectUnauthorized: requestCert };
  const server = createServer(settings, (_, response) => {
    if (location !== undefined) return response.writeHead(307, { location }).end();
    // No more is to be told: who comes as far has shown a certificate of the authority.
    return response.end(requestCert ? "client" : "-");
  });
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, address ?? "127.0.0.1", resolve));
  return {
    url: `https://${address ?? "localhost"}:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function ask(url: string, tls?: TlsSettings, more: Partial<HttpRequestOptions> = {}): Promise<string> {
  const response = await httpRequest(url, { ...OPTIONS, ...more, ...(tls && { tls }) });
  const pieces: Uint8Array[] = [];
  for await (const piece of response.body) pieces.push(piece);
  return `${response.status} ${Buffer.concat(pieces).toString()}`;
}

async function fails(url: string, tls?: TlsSettings, more?: Partial<HttpRequestOptions>): Promise<ImageDslError> {
  try {
    await ask(url, tls, more);
  } catch (error) {
    if (error instanceof ImageDslError) return error;
    throw error;
  }
  throw new Error("Nothing was thrown");
}

function disposable<Server extends { close(): Promise<void> }>(server: Server): Server & AsyncDisposable {
  return Object.assign(server, { [Symbol.asyncDispose]: () => server.close() });
}

test.run();
