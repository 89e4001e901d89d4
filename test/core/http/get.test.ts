import { execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { ImageDslError } from "../../../core/error.ts";
import { httpGet, type HttpGetOptions } from "../../../core/http/get.ts";
import { patienceText } from "../../../core/http/retry.ts";
import { LEAST_SPEED, SlownessError, longestWait, speedWatch } from "../../../core/http/least-speed.ts";
import { requireTool, suite, tmp } from "../../harness.ts";
import { proxyServer, scriptedServer } from "./servers.ts";

const test = suite("http/get", { timeout: 20_000 });

const OPTIONS: HttpGetOptions = {
  signal: new AbortController().signal,
  maxBytes: 10_000_000,
  proxy: "direct",
  retry: { attempts: 4, delay: 5 },
  silence: 3000,
};

test("gives status, headers and body, and tells progress", async () => {
  await using server = disposable(await scriptedServer((_, response) => response.setHeader("x-a", "b").end("hello")));
  let told = 0;
  const response = await httpGet(`${server.url}/x`, { ...OPTIONS, onProgress: (bytes) => (told += bytes) });
  assert.is(response.status, 200);
  assert.is(response.headers["x-a"], "b");
  assert.is(await text(response.body), "hello");
  assert.is(told, 5);
});

test("an answer such as 404 is the caller's to judge, at once", async () => {
  await using server = disposable(await scriptedServer((_, response) => response.writeHead(404).end("none")));
  const response = await httpGet(server.url, OPTIONS);
  assert.is(response.status, 404);
  assert.is(await text(response.body), "none");
  assert.is(server.requests.length, 1);
});

test("bytes come as they are, even when the server says they are compressed", async () => {
  await using server = disposable(
    await scriptedServer((_, response) =>
      response.setHeader("content-encoding", "gzip").end(Buffer.from([0x1f, 0x8b, 1, 2])),
    ),
  );
  assert.is((await text((await httpGet(server.url, OPTIONS)).body)).length, 4);
  assert.is(server.requests[0]?.headers["accept-encoding"], "identity");
});

test("busy and broken servers are tried again, within bounds", async () => {
  await using server = disposable(
    await scriptedServer((request, response, count) => {
      if (request.url === "/heals" && count < 3)
        return response.writeHead(count === 0 ? 429 : 503, { "retry-after": "0" }).end();
      if (request.url === "/resets" && count < 2) return response.destroy();
      if (request.url === "/never") return response.writeHead(502).end();
      return response.end("ok");
    }),
  );
  assert.is(await text((await httpGet(`${server.url}/heals`, OPTIONS)).body), "ok");
  assert.is(await text((await httpGet(`${server.url}/resets`, OPTIONS)).body), "ok");
  const error = await rejects(httpGet(`${server.url}/never`, OPTIONS), "E_NETWORK");
  assert.match(error.message, "502");
  assert.is(server.requests.filter((request) => request.url === "/never").length, 4);
});

test("how long a server wants to be left alone is told in words", () => {
  const date = new Date(Date.now() + 3 * 86_400_000 + 60_000).toUTCString();
  for (const [header, words] of [
    [undefined, "later"],
    ["soon", "later"],
    ["0", "later"],
    ["1", "in 1 second"],
    ["90", "in 90 seconds"],
    ["3600", "in 60 minutes"],
    ["99999", "in 28 hours"],
    ["604800", "in 7 days"],
    [date, "in 4 days"],
    ["Thu, 01 Jan 1970 00:00:00 GMT", "later"],
  ] as const)
    assert.is(patienceText(header), `try again ${words}`);
});

test("Retry-After is waited for, and refused when it is too long", async () => {
  await using server = disposable(
    await scriptedServer((request, response, count) => {
      if (request.url === "/long") return response.writeHead(503, { "retry-after": "3600" }).end();
      if (count === 0) return response.writeHead(503, { "retry-after": "1" }).end();
      return response.end("ok");
    }),
  );
  const before = performance.now();
  assert.is(await text((await httpGet(`${server.url}/short`, OPTIONS)).body), "ok");
  assert.ok(performance.now() - before > 900);
  const error = await rejects(httpGet(`${server.url}/long`, OPTIONS), "E_NETWORK");
  assert.match(error.hint ?? "", "try again in 60 minutes");
});

test("redirects are followed, relative ones too, up to ten", async () => {
  await using server = disposable(
    await scriptedServer((request, response) => {
      if (request.url === "/a") return response.writeHead(302, { location: "b/c" }).end();
      if (request.url === "/b/c") return response.writeHead(308, { location: "/end" }).end();
      if (request.url === "/end") return response.end("there");
      return response.writeHead(301, { location: "/loop" }).end();
    }),
  );
  assert.is(await text((await httpGet(`${server.url}/a`, OPTIONS)).body), "there");
  const error = await rejects(httpGet(`${server.url}/loop`, OPTIONS), "E_NETWORK");
  assert.match(error.message, "redirects");
});

test("a redirect to another scheme is refused", async () => {
  await using server = disposable(
    await scriptedServer((_, response) => response.writeHead(302, { location: "file:///etc/passwd" }).end()),
  );
  await rejects(httpGet(server.url, OPTIONS), "E_NETWORK");
});

test("credentials of the URL become a header, which another host does not get", async () => {
  await using other = disposable(await scriptedServer((_, response) => response.end("other")));
  await using server = disposable(
    await scriptedServer((request, response) =>
      response.writeHead(302, { location: request.url === "/away" ? `${other.url}/x` : "/away" }).end(),
    ),
  );
  const url = `${server.url.replace("//", "//user:p%40ss@")}/here`;
  await text((await httpGet(url, { ...OPTIONS, headers: { Cookie: "c=1" } })).body);
  const expected = `Basic ${Buffer.from("user:p@ss").toString("base64")}`;
  assert.equal(
    server.requests.map((request) => request.headers.authorization),
    [expected, expected],
  );
  assert.is(other.requests[0]?.headers.authorization, undefined);
  assert.is(other.requests[0]?.headers.cookie, undefined);
  assert.is(server.requests[0]?.url, "/here");
});

test("no error shows a password", async () => {
  const error = await rejects(
    httpGet("http://user:geheim@127.0.0.1:1/x?key=geheim", { ...OPTIONS, retry: { attempts: 1, delay: 1 } }),
    "E_NETWORK",
  );
  assert.not.match(error.message + error.hint, "geheim");
  assert.match(error.message, "http://127.0.0.1:1/x");
});

test("a body larger than allowed is refused, announced or not", async () => {
  await using server = disposable(
    await scriptedServer((request, response) => {
      if (request.url === "/announced") response.setHeader("content-length", 2000);
      for (let i = 0; i < 20; i++) response.write("x".repeat(100));
      response.end();
    }),
  );
  const small = { ...OPTIONS, maxBytes: 1000 };
  await rejects(httpGet(`${server.url}/announced`, small), "E_NETWORK");
  let seen = 0;
  const response = await httpGet(`${server.url}/chunked`, small);
  await rejects(
    (async () => {
      for await (const piece of response.body) seen += piece.length;
    })(),
    "E_NETWORK",
  );
  assert.ok(seen <= 1000);
});

test("a broken download goes on where it stopped", async () => {
  const content = Buffer.from(Array.from({ length: 30_000 }, (_, i) => i % 251));
  await using server = disposable(
    await scriptedServer((request, response, count) => {
      const from = Number(/^bytes=([0-9]+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
      const rest = content.subarray(from);
      response.writeHead(from > 0 ? 206 : 200, {
        etag: '"v1"',
        "content-length": rest.length,
        ...(from > 0 && { "content-range": `bytes ${from}-${content.length - 1}/${content.length}` }),
      });
      if (count === 2) return response.end(rest);
      return response.write(rest.subarray(0, 10_000), () => setTimeout(() => response.destroy(), 20));
    }),
  );
  const parts: Uint8Array[] = [];
  for await (const piece of (await httpGet(server.url, OPTIONS)).body) parts.push(piece);
  assert.ok(Buffer.concat(parts).equals(content));
  assert.equal(
    server.requests.map((request) => request.headers["if-range"]),
    [undefined, '"v1"', '"v1"'],
  );
});

test("a broken download is an error where it cannot go on", async () => {
  await using server = disposable(
    await scriptedServer((request, response, count) => {
      if (request.url === "/changed" && count > 0) return response.writeHead(200, { etag: '"v2"' }).end("other bytes");
      response.writeHead(200, { "content-length": 1000, ...(request.url === "/changed" && { etag: '"v1"' }) });
      return response.write("x".repeat(100), () => setTimeout(() => response.destroy(), 20));
    }),
  );
  for (const path of ["/plain", "/changed"]) {
    const response = await httpGet(`${server.url}${path}`, OPTIONS);
    await rejects(text(response.body), "E_NETWORK", path);
  }
});

test("silence counts as a broken connection", async () => {
  await using server = disposable(
    await scriptedServer((request, response) => {
      if (request.url === "/body") response.writeHead(200, { "content-length": 10 }).write("x");
    }),
  );
  const impatient = { ...OPTIONS, silence: 150, retry: { attempts: 2, delay: 1 } };
  const error = await rejects(httpGet(`${server.url}/head`, impatient), "E_NETWORK");
  assert.match(error.message, "nothing came");
  assert.is(server.requests.length, 2);
  await rejects(text((await httpGet(`${server.url}/body`, impatient)).body), "E_NETWORK");
});

test("a body that drips is an error at once when it was too slow for too long, and another try is not made", async () => {
  await using server = disposable(
    await scriptedServer((_, response) => {
      const drop = setInterval(() => response.write("x"), 20);
      response.writeHead(200, { "content-length": 1e6, etag: '"1"' }).on("close", () => clearInterval(drop));
    }),
  );
  const impatient = { ...OPTIONS, leastSpeed: { bytesPerSecond: 1000, over: 300 } };
  const error = await rejects(text((await httpGet(server.url, impatient)).body), "E_NETWORK");
  assert.match(error.message, "less than 1000 bytes a second for 0.3 seconds");
  assert.match(error.hint ?? "", "another mirror");
  assert.is(server.requests.length, 1);
});

test("the least speed is judged by the time spent waiting, minute by minute", () => {
  const minute = 60_000;
  const slow = speedWatch(LEAST_SPEED);
  for (let waited = 0; waited < minute - 200; waited += 200) slow(1, 200);
  assert.throws(
    () => slow(1, 200),
    (error: unknown) => error instanceof SlownessError,
  );
  const fast = speedWatch(LEAST_SPEED);
  for (let piece = 0; piece < 1000; piece++) fast(60_000, 59_000);
  // A reader that takes its time has not waited for the other side.
  const waiting = speedWatch(LEAST_SPEED);
  for (let piece = 0; piece < 1000; piece++) waiting(1, 0);
  const fading = speedWatch(LEAST_SPEED);
  fading(1e9, minute);
  assert.throws(
    () => fading(10, minute),
    (error: unknown) => error instanceof SlownessError,
  );
});

test("a short document has ten minutes in all, however steadily it comes; what is large, or was announced, has not", () => {
  const steadily = speedWatch(LEAST_SPEED, longestWait("debian.release"));
  for (let second = 0; second < 600; second++) steadily(2000, 1000);
  assert.throws(
    () => steadily(2000, 1000),
    (error: unknown) => error instanceof SlownessError && /not there after 600 seconds/.test(error.message),
  );
  for (const most of ["unpack.bytes", "debian.index", 1000] as const) {
    const watch = speedWatch(LEAST_SPEED, longestWait(most));
    for (let second = 0; second < 10_000; second++) watch(2000, 1000);
  }
});

test("an interruption ends a request, a body and a wait", async () => {
  await using server = disposable(
    await scriptedServer((request, response) => {
      if (request.url === "/body") response.writeHead(200, { "content-length": 10 }).write("x");
      if (request.url === "/busy") response.writeHead(503, { "retry-after": "50" }).end();
    }),
  );
  for (const path of ["/head", "/body", "/busy"]) {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 100);
    const all = async () =>
      text((await httpGet(`${server.url}${path}`, { ...OPTIONS, signal: controller.signal })).body);
    await rejects(all(), "E_ABORTED", path);
  }
});

test("unknown hosts, refused connections and bad URLs each have their words", async () => {
  const once = { ...OPTIONS, retry: { attempts: 1, delay: 1 } };
  assert.match((await rejects(httpGet("http://127.0.0.1:1/", once), "E_NETWORK")).message, "refused");
  assert.match((await rejects(httpGet("http://nowhere.invalid/", once), "E_NETWORK")).message, "name");
  await rejects(httpGet("ftp://h.example/", once), "E_NETWORK");
  await rejects(httpGet("no url", once), "E_NETWORK");
});

test("plain requests go through the proxy with its credentials", async () => {
  await using server = disposable(await scriptedServer((_, response) => response.end("hello")));
  await using proxy = disposable(await proxyServer());
  const response = await httpGet(`${server.url}/x`, { ...OPTIONS, proxy: proxy.url.replace("//", "//me:pw@") });
  assert.is(await text(response.body), "hello");
  assert.is(response.headers["x-proxied"], "yes");
  assert.is(proxy.requests[0]?.headers["proxy-authorization"], `Basic ${Buffer.from("me:pw").toString("base64")}`);
  assert.is(proxy.requests[0]?.headers.authorization, undefined);
});

test("a host of no_proxy is asked directly, wherever the proxy is from", async () => {
  await using server = disposable(await scriptedServer((_, response) => response.end("direct")));
  await using proxy = disposable(await proxyServer());
  const before = process.env["no_proxy"];
  process.env["no_proxy"] = "127.0.0.1";
  try {
    const response = await httpGet(`${server.url}/x`, { ...OPTIONS, proxy: proxy.url });
    assert.is(await text(response.body), "direct");
    assert.is(proxy.requests.length, 0);
  } finally {
    if (before === undefined) delete process.env["no_proxy"];
    else process.env["no_proxy"] = before;
  }
});

test("https: certificates are checked, tunnels through a proxy work, plain http is not gone back to", async () => {
  const { ca, server, url } = await tlsServer();
  await using proxy = disposable(await proxyServer());
  await using refusing = disposable(await proxyServer(407));
  try {
    const trusted = { NODE_EXTRA_CA_CERTS: ca };
    assert.equal(await inChild(`${url}/big`, trusted), { bytes: 3_000_000 });
    assert.equal(await inChild(`${url}/big`, { ...trusted, https_proxy: proxy.url }), { bytes: 3_000_000 });
    assert.is(proxy.requests[0]?.method, "CONNECT");
    const refused = await inChild(`${url}/big`, { ...trusted, https_proxy: refusing.url });
    assert.match(refused.error ?? "", /E_NETWORK.*407/);
    const untrusted = await inChild(`${url}/big`, {});
    assert.match(untrusted.error ?? "", /E_NETWORK.*NODE_EXTRA_CA_CERTS/);
    const untrustedBehindProxy = await inChild(`${url}/big`, { https_proxy: proxy.url });
    assert.match(untrustedBehindProxy.error ?? "", /E_NETWORK.*NODE_EXTRA_CA_CERTS/);
    const downgraded = await inChild(`${url}/down`, trusted);
    assert.match(downgraded.error ?? "", /E_NETWORK.*not allowed/);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

async function tlsServer() {
  const openssl = requireTool("openssl");
  const directory = tmp();
  const [key, ca] = [join(directory, "key.pem"), join(directory, "cert.pem")];
  const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  execFileSync(
    openssl,
    ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", ca, ...names],
    { stdio: "ignore" },
  );
  const server = createServer({ key: readFileSync(key), cert: readFileSync(ca) }, (request, response) => {
    if (request.url === "/down") response.writeHead(302, { location: "http://127.0.0.1:1/" }).end();
    else response.end(Buffer.alloc(3_000_000));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { ca, server, url: `https://localhost:${(server.address() as AddressInfo).port}` };
}

/** In a process of its own, as a runtime reads its extra certificates when it starts. */
async function inChild(url: string, env: Record<string, string>): Promise<{ bytes?: number; error?: string }> {
  const child = spawn(process.execPath, [...process.execArgv, join(import.meta.dirname, "get-in-child.ts"), url], {
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  return JSON.parse(await text(child.stdout)) as { bytes?: number; error?: string };
}

async function text(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const piece of body) parts.push(piece);
  return Buffer.concat(parts).toString("latin1");
}

async function rejects(promise: Promise<unknown>, code: string, what = ""): Promise<ImageDslError> {
  try {
    await promise;
  } catch (error) {
    if (!(error instanceof ImageDslError)) throw error;
    assert.is(error.code, code, what);
    return error;
  }
  throw new Error(`Nothing was thrown ${what}`);
}

function disposable<Server extends { close(): Promise<void> }>(server: Server): Server & AsyncDisposable {
  return Object.assign(server, { [Symbol.asyncDispose]: () => server.close() });
}

test.run();
