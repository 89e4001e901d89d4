import * as assert from "uvu/assert";
import { registryClient } from "../../../plugins/registry/client.ts";
import { proxyServer } from "../../core/http/servers.ts";
import { suite } from "../../harness.ts";
import { clientOf, failure, scope, textOf, until } from "./support/asking.ts";
import { onTestHost } from "./support/host-credentials.ts";
import { scriptedRegistry, type Exchange, type Route } from "./support/scripted-registry.ts";

const test = suite("registry/client", { timeout: 20_000 });

const SCOPES = [scope("app", "pull", "push")];
const MIB = 1024 * 1024;
const ASK = { path: "app/manifests/1", scopes: SCOPES };

test("what a registry says is shown escaped, shortened, and a few of many", async () => {
  const errors =
    (...all: readonly unknown[]): Route =>
    ({ answer }) =>
      answer(400, {}, { errors: all });
  const long = "x".repeat(5000);
  for (const [what, route, expected] of [
    ["one", errors({ code: "MANIFEST_INVALID", message: "no" }), /400 Bad Request: MANIFEST_INVALID: no$/],
    ["many", errors(...Array.from({ length: 9 }, (_, n) => ({ code: `C${n}` }))), /C0; C1; C2 \(and 6 more\)$/],
    [
      "escapes",
      errors({ code: "\u001b[31m", message: "a\u202eb\nc\u0007" }),
      /: \\x1b\[31m: a\\u\{202e\}b\\x0ac\\x07$/,
    ],
    ["long", errors({ code: long }), /: x{200}… \(5000 bytes\)$/],
    ["not texts", errors({ code: 5, message: {} }, 7, null), /Bad Request(: )?$/],
    ["no list", ({ answer }: Exchange) => answer(418, {}, { errors: "x", message: "teapot" }), /with 418: teapot$/],
    [
      "a page",
      ({ answer }: Exchange) => answer(502, {}, `<html><head><title>502\nBad  Gateway</title></head>${long}`),
      /502 Bad Gateway: 502 Bad Gateway$/,
    ],
    [
      "a page without a title",
      ({ answer }: Exchange) => answer(404, {}, ` <!doctype html><p>${long}`),
      /404 Not Found$/,
    ],
    [
      "a text",
      ({ answer }: Exchange) => answer(403, {}, "denied\u0000 by\tpolicy"),
      /403 Forbidden: denied\\x00 by policy$/,
    ],
    ["binary", ({ answer }: Exchange) => answer(400, {}, Buffer.from([0xff, 0xfe, 0x41])), /400 Bad Request: /],
    [
      "nested without end",
      ({ answer }: Exchange) => answer(400, {}, `${"[".repeat(30_000)}${"]".repeat(30_000)}`),
      /400 Bad Request: \[{200}… \(60000 bytes\)$/,
    ],
    [
      "errors within errors",
      ({ answer }: Exchange) => answer(400, {}, `${'{"errors":'.repeat(5000)}1${"}".repeat(5000)}`),
      /400 Bad Request$/,
    ],
    ["nothing", ({ answer }: Exchange) => answer(405), /405 Method Not Allowed$/],
  ] as const) {
    await onTestHost(async () => {
      await using registry = await scriptedRegistry({ "* *": route });
      const error = await failure(
        clientOf(registry).send(ASK),
        what === "a text" ? "E_REGISTRY_AUTH" : "E_REGISTRY",
        what,
      );
      assert.match(error.message, expected, what);
      assert.ok(error.message.length < 900, what);
    });
  }
});

test("of a long error no more is read than is looked at, and one that breaks off is told by its status", async () => {
  await onTestHost(async () => {
    let written = 0;
    await using registry = await scriptedRegistry({
      "GET /v2/announced": ({ answer }) =>
        answer(400, { "content-length": String(10 * MIB) }, Buffer.alloc(10 * MIB, "x")),
      "GET /v2/endless": ({ response }) => {
        response.writeHead(400);
        const more = () => {
          while (!response.destroyed && response.write(Buffer.alloc(64 * 1024, "y"))) written++;
          if (!response.destroyed) response.once("drain", more);
        };
        more();
      },
      "GET /v2/broken": ({ response }) => {
        response.writeHead(404, { "content-length": 1000 });
        response.write("par", () => response.destroy());
      },
    });
    const client = clientOf(registry);
    for (const [path, words] of [
      ["announced", "400 Bad Request: xxx"],
      ["endless", "400 Bad Request: yyy"],
      ["broken", "404 Not Found: par"],
    ] as const) {
      assert.match((await failure(client.send({ path, scopes: [] }), "E_REGISTRY")).message, words);
    }
    assert.ok(written < 200, `${written} pieces were written`);
  });
});

test("a good answer is bounded too", async () => {
  await onTestHost(async () => {
    await using registry = await scriptedRegistry({
      "GET /v2/announced": ({ answer }) => answer(200, { "content-length": String(5 * MIB) }, Buffer.alloc(5 * MIB)),
      "GET /v2/endless": ({ response }) => {
        const more = () => {
          while (!response.destroyed && response.write(Buffer.alloc(64 * 1024)));
          if (!response.destroyed) response.once("drain", more);
        };
        more();
      },
    });
    const client = clientOf(registry);
    await failure(client.send({ path: "announced", scopes: [] }), "E_NETWORK");
    await failure(textOf(client.send({ path: "endless", scopes: [], maxBytes: 100_000 })), "E_NETWORK");
    assert.is((await textOf(client.send({ path: "announced", scopes: [], maxBytes: 6 * MIB }))).length, 5 * MIB);
  });
});

test("a busy registry is asked again, and told of when it stays so", async () => {
  await onTestHost(async () => {
    await using registry = await scriptedRegistry({
      "GET /v2/heals": ({ answer, refuse, count }) =>
        count < 2
          ? refuse([429, 503][count]!, "TOOMANYREQUESTS", "slow", { "retry-after": "0" })
          : answer(200, {}, "ok"),
      "GET /v2/limits": ({ refuse }) => refuse(429, "TOOMANYREQUESTS", "your limit", { "retry-after": "3600" }),
      "* /v2/broken": ({ refuse, request }) => (request.resume(), refuse(500, "UNKNOWN", "oops")),
      "GET /v2/resets": ({ answer, response, count }) => void (count < 2 ? response.destroy() : answer(200, {}, "ok")),
    });
    const client = clientOf(registry);
    const asked = (path: string) => registry.lines().filter((line) => line.endsWith(path)).length;
    assert.is(await textOf(client.send({ path: "heals", scopes: [] })), "ok");
    assert.is(await textOf(client.send({ path: "resets", scopes: [] })), "ok");
    const limit = await failure(client.send({ path: "limits", scopes: [] }), "E_REGISTRY");
    assert.match(limit.message, "429 Too Many Requests: TOOMANYREQUESTS: your limit");
    assert.match(limit.hint ?? "", "It limits how much may be asked: try again in 60 minutes");
    for (const [method, tries] of [
      ["GET", 3],
      ["PUT", 3],
      ["POST", 1],
      ["PATCH", 1],
    ] as const) {
      const before = asked("/broken");
      const error = await failure(client.send({ method, path: "broken", scopes: [] }), "E_REGISTRY");
      assert.match(error.message, `${method} ${registry.url}/v2/broken with 500 Internal Server Error: UNKNOWN: oops`);
      assert.is(asked("/broken") - before, tries, method);
    }
    await failure(
      client.send({ method: "POST", path: "broken", scopes: [], retry: { attempts: 4, delay: 1 } }),
      "E_REGISTRY",
    );
    assert.is(asked("/limits"), 1);
  });
});

test("statuses that the caller knows what to do with are answers", async () => {
  await onTestHost(async () => {
    await using registry = await scriptedRegistry({ "* *": ({ answer }) => answer(416, { range: "0-99" }, "x") });
    const response = await clientOf(registry).send({
      ...ASK,
      method: "PATCH",
      body: Buffer.from("x"),
      accepts: [404, 416],
    });
    assert.equal([response.status, response.headers["range"], await textOf(response)], [416, "0-99", "x"]);
  });
});

test("headers and bodies arrive as given, and connections are used again", async () => {
  await onTestHost(async () => {
    const bodies: string[] = [];
    await using registry = await scriptedRegistry({
      "* *": async ({ request, answer, body }) => {
        bodies.push((await body()).toString());
        answer(request.method === "PUT" ? 201 : 200);
      },
    });
    const client = clientOf(registry);
    await textOf(client.send(ASK));
    const before = registry.connections();
    for (let count = 0; count < 5; count++) {
      const headers = { Accept: "application/json", "Content-Type": "a/b" };
      await textOf(
        client.send({
          ...ASK,
          method: "PUT",
          headers,
          body: {
            size: 4,
            open: async function* () {
              yield Buffer.from("body");
            },
          },
        }),
      );
    }
    assert.is(registry.connections(), before);
    assert.equal(bodies, ["", ...Array<string>(5).fill("body")]);
    const { headers } = registry.requests.at(-1)!;
    assert.equal(
      [headers.accept, headers["content-type"], headers["content-length"], headers.host],
      ["application/json", "a/b", "4", registry.host],
    );
  });
});

test("no proxy of the environment is asked for this machine, but one that is given is, with TLS found out through it", async () => {
  await using proxy = disposable(await proxyServer());
  await onTestHost(
    async () => {
      await using registry = await scriptedRegistry({ "* *": ({ answer }) => answer(200, {}, "ok") });
      assert.is(await textOf(clientOf(registry).send(ASK)), "ok");
      assert.is(proxy.requests.length, 0);
      const { signal } = new AbortController();
      const client = registryClient({
        registry: registry.host,
        insecureHosts: [registry.host],
        signal,
        proxy: proxy.url,
      });
      assert.is(await textOf(client.send(ASK)), "ok");
      assert.equal(
        proxy.requests.map(({ method }) => method),
        ["CONNECT", "GET"],
      );
    },
    { http_proxy: proxy.url, https_proxy: proxy.url },
  );
});

test("no path leads out of the registry's interface", async () => {
  await onTestHost(async () => {
    await using registry = await scriptedRegistry({ "* *": ({ answer }) => answer(200) });
    const client = clientOf(registry);
    for (const path of [
      "../x",
      "app/../../x",
      "/x",
      "//other.example/x",
      "http://other.example/x",
      "%2e%2e/x",
      "a/%2E%2e/..\\../../x",
    ]) {
      await client.send({ path, scopes: [] }).then(
        () => assert.unreachable(path),
        (error: Error) => assert.match(error.message, "no path below /v2/"),
      );
    }
    assert.is(registry.requests.length, 0);
  });
});

test("an interruption ends a request", async () => {
  await onTestHost(async () => {
    await using registry = await scriptedRegistry({ "* *": () => {} });
    const controller = new AbortController();
    const client = registryClient({
      registry: registry.host,
      insecureHosts: [registry.host],
      signal: controller.signal,
    });
    const asking = failure(client.send(ASK), "E_ABORTED");
    await until(() => registry.requests.length === 1);
    controller.abort();
    await asking;
  });
});

function disposable<Server extends { close(): Promise<void> }>(server: Server): Server & AsyncDisposable {
  return Object.assign(server, { [Symbol.asyncDispose]: () => server.close() });
}

test.run();
