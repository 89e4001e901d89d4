import * as assert from "uvu/assert";
import { suite } from "../../../harness.ts";
import { clientOf, failure, scope, textOf } from "../support/asking.ts";
import { authOf, onTestHost, type TestHost } from "../support/host-credentials.ts";
import { scriptedRegistry, type Exchange, type Route } from "../support/scripted-registry.ts";

const test = suite("registry/authorization", { timeout: 20_000 });

const PULL = [scope("app", "pull")];
const PUSH = [scope("app", "pull", "push")];
const GOOD: Route = ({ answer }) => answer(200, {}, { token: "canary-token-1" });

test("who asks nothing is told nothing, and no request is made in advance", async () => {
  await onTestHost(async (host) => {
    await using registry = await scriptedRegistry({ "GET *": ({ answer }) => answer(200, {}, "fine") });
    logIn(host, registry.host);
    assert.is(await textOf(clientOf(registry).send({ path: "app/tags/list", scopes: PULL })), "fine");
    assert.equal(registry.lines(), ["GET /v2/app/tags/list"]);
    assert.is(registry.requests[0]!.headers.authorization, undefined);
  });
});

test("one request finds out what the registry wants, and one token serves all who wait", async () => {
  await onTestHost(async (host) => {
    await using registry = await scriptedRegistry({ "GET /token": GOOD, "GET *": guarded(() => "canary-token-1") });
    logIn(host, registry.host);
    const client = clientOf(registry);
    const paths = Array.from({ length: 12 }, (_, index) => `app/blobs/${index}`);
    assert.equal(
      await Promise.all(paths.map((path) => textOf(client.send({ path, scopes: PULL })))),
      paths.map(() => "fine"),
    );
    const lines = registry.lines();
    assert.is(lines.length, 14);
    assert.is(lines.filter((line) => line.startsWith("GET /token?")).length, 1);
    assert.match(lines[1]!, "service=tests&scope=repository%3Aapp%3Apull");
    assert.is(registry.requests[1]!.headers.authorization, `Basic ${authOf("me", "canary-password")}`);
    // One more was to find out whether it speaks TLS.
    assert.ok(registry.connections() <= 13, `${registry.connections()} connections`);
  });
});

test("what may be pushed to may be pulled from; what else is wanted has a token of its own", async () => {
  await onTestHost(async () => {
    await using registry = await scriptedRegistry({ "GET /token": GOOD, "* /*": guarded(() => "canary-token-1") });
    const client = clientOf(registry);
    const asked = () =>
      registry
        .lines()
        .filter((line) => line.startsWith("GET /token?"))
        .map((line) => decodeURIComponent(line).replace(/.*service=tests&/, ""));
    for (const scopes of [
      PUSH,
      PULL,
      PUSH,
      [scope("other", "pull")],
      [scope("app", "push"), scope("other", "pull"), scope("app", "pull")],
    ]) {
      await textOf(client.send({ path: "app/x", scopes }));
    }
    assert.equal(asked(), [
      "scope=repository:app:pull,push",
      "scope=repository:other:pull",
      "scope=repository:app:pull,push&scope=repository:other:pull",
    ]);
  });
});

test("a token that the registry no longer takes is replaced once for all, and what was sent is sent again", async () => {
  await onTestHost(async () => {
    let valid = 1;
    await using registry = await scriptedRegistry({
      "GET /token": ({ answer }) => answer(200, {}, { access_token: "", token: `token-${valid}` }),
      "PATCH *": async (exchange) => {
        const text = (await exchange.body()).toString();
        return guarded(() => `token-${valid}`, text, 202)(exchange);
      },
    });
    const client = clientOf(registry);
    const send = (text: string) =>
      textOf(client.send({ method: "PATCH", path: "app/blobs/uploads/1", scopes: PUSH, body: Buffer.from(text) }));
    assert.is(await send("first"), "first");
    valid = 2;
    const texts = ["a", "b", "c", "d", "e"];
    assert.equal(await Promise.all(texts.map(send)), texts);
    assert.is(registry.lines().filter((line) => line.startsWith("GET /token")).length, 2);
  });
});

test("a token that has ended is not sent", async () => {
  await onTestHost(async () => {
    await using registry = await scriptedRegistry({
      "GET /token": ({ answer, count }) => answer(200, {}, { token: `token-${count}`, expires_in: 0.05 }),
      "GET *": (exchange) =>
        exchange.request.headers.authorization
          ? exchange.answer(200, {}, exchange.request.headers.authorization)
          : challenge(exchange),
    });
    const client = clientOf(registry);
    const ask = () => textOf(client.send({ path: "app/x", scopes: PULL }));
    assert.is(await ask(), "Bearer token-0");
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.is(await ask(), "Bearer token-1");
  });
});

test("a registry that takes nothing is asked twice, not for ever", async () => {
  await onTestHost(async (host) => {
    await using registry = await scriptedRegistry({
      "GET /token": ({ answer, count }) => answer(200, {}, { token: `canary-${count}` }),
      "GET *": (exchange) => challenge(exchange),
    });
    const file = logIn(host, registry.host);
    const error = await failure(clientOf(registry).send({ path: "app/x", scopes: PULL }), "E_REGISTRY_AUTH");
    assert.match(error.message, "401 Unauthorized: UNAUTHORIZED: log in");
    assert.match(error.hint ?? "", `The credentials are from "${file}"`);
    assert.is(registry.requests.length, 3);
    // One to find out whether it speaks TLS, and one for all the rest.
    assert.is(registry.connections(), 2);
  });
});

test("answers that hold no token are refused, and bounded", async () => {
  const huge = Buffer.alloc(5 * 1024 * 1024, " ");
  for (const [what, route, code] of [
    ["empty", ({ answer }: Exchange) => answer(200, {}, { token: "", access_token: "" }), "E_REGISTRY_AUTH"],
    ["none", ({ answer }: Exchange) => answer(200, {}, {}), "E_REGISTRY_AUTH"],
    ["no text", ({ answer }: Exchange) => answer(200, {}, { token: { a: 1 } }), "E_REGISTRY_AUTH"],
    ["line ends", ({ answer }: Exchange) => answer(200, {}, { token: "a\r\nx-evil: 1" }), "E_REGISTRY_AUTH"],
    ["no JSON", ({ answer }: Exchange) => answer(200, {}, "canary-token-1"), "E_REGISTRY_AUTH"],
    ["a list", ({ answer }: Exchange) => answer(200, {}, ["canary-token-1"]), "E_REGISTRY_AUTH"],
    ["huge", ({ answer }: Exchange) => answer(200, {}, huge), "E_NETWORK"],
    ["huge, not announced", ({ response }: Exchange) => void (response.write(huge), response.end(huge)), "E_NETWORK"],
    ["404", ({ answer }: Exchange) => answer(404, {}, "nothing here"), "E_REGISTRY_AUTH"],
    ["503", ({ answer }: Exchange) => answer(503, { "retry-after": "0" }, "busy"), "E_REGISTRY_AUTH"],
    [
      "repeats what it got",
      ({ answer, request }: Exchange) => answer(401, {}, { message: request.headers.authorization }),
      "E_REGISTRY_AUTH",
    ],
  ] as const) {
    await onTestHost(async (host) => {
      await using registry = await scriptedRegistry({ "GET /token": route, "GET *": challenge });
      logIn(host, registry.host);
      const error = await failure(clientOf(registry).send({ path: "app/x", scopes: PULL }), code, what);
      assert.not.match(`${error.message} ${error.hint}`, /canary|evil/, what);
      assert.not.match(`${error.message} ${error.hint}`, authOf("me", "canary-password"), what);
    });
  }
});

test("ways to ask that are not understood are refused", async () => {
  for (const [header, words] of [
    ["", "without saying how"],
    ["Negotiate", "none of the ways"],
    ['Bearer realm="https://x', "cannot be understood"],
    ['Bearer service="x"', "no URL"],
    ['Bearer realm="nowhere"', "no URL"],
  ] as const) {
    await onTestHost(async (host) => {
      await using registry = await scriptedRegistry({
        "GET *": ({ answer }) => answer(401, { "www-authenticate": header }),
      });
      logIn(host, registry.host);
      const error = await failure(clientOf(registry).send({ path: "app/x", scopes: PULL }), "E_REGISTRY_AUTH", header);
      assert.match(error.message, words);
      assert.is(registry.requests.length, 1);
    });
  }
});

test("Bearer is preferred to Basic, and Basic is for users with passwords", async () => {
  await onTestHost(async (host) => {
    await using registry = await scriptedRegistry({
      "GET /token": GOOD,
      "GET /v2/both": (exchange) =>
        exchange.request.headers.authorization === "Bearer canary-token-1"
          ? exchange.answer(200, {}, "bearer")
          : exchange.answer(401, {
              "www-authenticate": `Basic realm="r", Bearer realm="http://${exchange.request.headers.host}/token"`,
            }),
      "GET *": ({ answer }) => answer(401, { "www-authenticate": "Basic realm=r" }),
    });
    logIn(host, registry.host);
    assert.is(await textOf(clientOf(registry).send({ path: "both", scopes: PULL })), "bearer");
    host.write(".docker/config.json", { auths: { [registry.host]: { identitytoken: "canary" } } });
    const error = await failure(clientOf(registry).send({ path: "basic", scopes: PULL }), "E_REGISTRY_AUTH");
    assert.match(error.message, "wants a user and a password");
  });
});

test("a token of the file is shown as it is", async () => {
  await onTestHost(async (host) => {
    await using registry = await scriptedRegistry({ "GET *": guarded(() => "ready-made") });
    host.write(".docker/config.json", { auths: { [registry.host]: { registrytoken: "ready-made" } } });
    assert.is(await textOf(clientOf(registry).send({ path: "app/x", scopes: PULL })), "fine");
    assert.is(registry.requests.length, 2);
  });
});

test("a helper that fails costs nothing where nobody asks for a login, and is told where somebody does", async () => {
  await onTestHost(async (host) => {
    await using registry = await scriptedRegistry({
      "GET /token": ({ answer, url }) =>
        url.searchParams.get("scope")?.endsWith("push") ? answer(401) : answer(200, {}, { token: "anonymous" }),
      "* /*": guarded(() => "anonymous"),
    });
    host.write(".docker/config.json", { credsStore: "desktop" });
    const client = clientOf(registry);
    assert.is(await textOf(client.send({ path: "app/x", scopes: PULL })), "fine");
    const error = await failure(client.send({ path: "app/x", scopes: PUSH }), "E_REGISTRY_AUTH");
    assert.match(error.hint ?? "", "docker-credential-desktop is not installed");
  });
});

/** Logs in to a registry, and gives the file's path. */
function logIn(host: TestHost, registry: string): string {
  return host.write(".docker/config.json", { auths: { [registry]: { auth: authOf("me", "canary-password") } } });
}

function challenge({ refuse, request }: Exchange): void {
  const realm = `Bearer realm="http://${request.headers.host}/token",service="tests"`;
  refuse(401, "UNAUTHORIZED", "log in", { "www-authenticate": realm });
}

/** Whoever shows the token gets the text. */
function guarded(token: () => string, text = "fine", status = 200): Route {
  return (exchange) =>
    exchange.request.headers.authorization === `Bearer ${token()}`
      ? exchange.answer(status, {}, text)
      : challenge(exchange);
}

test.run();
