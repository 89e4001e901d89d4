/** Other hosts, which record what they receive: no secret reaches them, and mostly no request. */
import { inspect } from "node:util";
import * as assert from "uvu/assert";
import { registryClient } from "../../../../plugins/registry/client.ts";
import { refuseUntrusted } from "../../../../plugins/registry/trust/trust.ts";
import { certificates, pem } from "../../../core/http/certificates.ts";
import { suite } from "../../../harness.ts";
import { clientOf, failure, scope, textOf } from "../support/asking.ts";
import { authOf, onTestHost } from "../support/host-credentials.ts";
import { CANARY, LOGINS } from "../support/logins.ts";
import { scriptedRegistry, type Exchange, type Route } from "../support/scripted-registry.ts";

const test = suite("registry/trust", { timeout: 20_000 });

const SCOPES = [scope("app", "pull", "push")];
const TOKEN: Route = ({ answer }) => answer(200, {}, { token: `${CANARY}-token` });

test("a place for tokens on another host of this machine or network gets no request", async () => {
  await forEachLogin(
    async (logIn) => {
      await using other = await scriptedRegistry({ "* *": TOKEN });
      const port = other.host.split(":")[1]!;
      for (const realm of [
        `http://${other.host}/token`,
        `https://${other.host}/token`,
        `http://localhost:${port}/token`,
        `https://a.localhost:${port}/token`,
        `http://2130706433:${port}/token`,
        `http://0x7f000001:${port}/token`,
        `http://[::ffff:127.0.0.1]:${port}/token`,
        `https://0.0.0.0:${port}/token`,
        `https://[::]:${port}/token`,
        `https://[::1]:${port}/token`,
        "https://169.254.169.254/latest/meta-data/",
        "http://169.254.169.254/latest/meta-data/",
        "https://10.0.0.1/token",
        "https://192.168.1.1/token",
        "http://auth.example/token",
        "file:///etc/passwd",
        "ftp://auth.example/token",
      ]) {
        await using registry = await scriptedRegistry({ "GET *": challenge(realm) });
        logIn(registry.host);
        const error = await failure(clientOf(registry).send({ path: "app/x", scopes: SCOPES }), "E_REGISTRY", realm);
        assert.match(error.message, "refused");
        assert.is(registry.requests.length, 1);
      }
      assert.is(other.connections(), 0);
    },
    LOGINS.slice(0, 2),
  );
});

test("the registry itself may be the place for tokens, and so may a host that the user named", async () => {
  await forEachLogin(async (logIn) => {
    await using other = await scriptedRegistry({ "* /token": TOKEN });
    await using registry = await scriptedRegistry({
      "GET /v2/own": guarded(),
      "* /token": TOKEN,
      "GET *": guarded(() => `http://${other.host}/token`),
    });
    logIn(registry.host);
    assert.is(await textOf(clientOf(registry).send({ path: "own", scopes: SCOPES })), "fine");
    assert.is(await textOf(clientOf(registry, [other]).send({ path: "app/x", scopes: SCOPES })), "fine");
  }, LOGINS);
});

test("a place for tokens that leads elsewhere takes no secret along", async () => {
  await forEachLogin(
    async (logIn) => {
      await using other = await scriptedRegistry({ "* *": TOKEN });
      for (const status of [302, 307]) {
        await using registry = await scriptedRegistry({
          "* /token": ({ answer }) => answer(status, { location: `http://${other.host}/token` }),
          "GET *": guarded(),
        });
        logIn(registry.host);
        await failure(clientOf(registry).send({ path: "app/x", scopes: SCOPES }), "E_REGISTRY");
        assert.is(other.requests.length, 0);
        // Though the user trusts the other host, it is not the one that the registry named.
        await failure(clientOf(registry, [other]).send({ path: "app/x", scopes: SCOPES }), "E_REGISTRY");
        assert.is(other.requests.length, 0);
      }
    },
    LOGINS.filter((_, index) => index !== 2),
  );
});

test("an anonymous request for a token follows to a host that the user named", async () => {
  await onTestHost(async () => {
    await using other = await scriptedRegistry({ "GET /there": TOKEN });
    await using registry = await scriptedRegistry({
      "GET /token": ({ answer }) => answer(302, { location: `http://${other.host}/there` }),
      "GET *": guarded(),
    });
    assert.is(await textOf(clientOf(registry, [other]).send({ path: "app/x", scopes: SCOPES })), "fine");
  });
});

test("a redirect of any request to another host takes no secret along, and its 401 is not answered", async () => {
  await forEachLogin(async (logIn) => {
    await using other = await scriptedRegistry({
      "* /evil": TOKEN,
      "* /stored": ({ answer }) => answer(200, {}, "blob"),
      "* *": challenge("/evil"),
    });
    const away =
      (path: string): Route =>
      async (exchange) => {
        await exchange.body();
        if (exchange.request.headers.authorization === undefined) return challenge("/token")(exchange);
        return exchange.answer(307, { location: `http://${other.host}${path}` });
      };
    await using registry = await scriptedRegistry({
      "* /token": TOKEN,
      "* /v2/app/good": away("/stored"),
      "* /v2/*": away("/blob"),
    });
    logIn(registry.host);
    const client = clientOf(registry, [other]);
    assert.is(await textOf(client.send({ path: "app/good", scopes: SCOPES })), "blob");
    for (const method of ["GET", "HEAD", "PUT", "PATCH", "POST", "DELETE"] as const) {
      const body = method === "PUT" || method === "PATCH" ? { body: Buffer.from("layer") } : {};
      await failure(client.send({ method, path: "app/x", scopes: SCOPES, ...body }), "E_REGISTRY_AUTH", method);
    }
    assert.is(other.requests.length, 7);
    assert.not.match(other.everything(), /canary|authorization|cookie|\/evil /i);
    await failure(clientOf(registry).send({ path: "app/good", scopes: SCOPES }), "E_REGISTRY");
    assert.is(other.requests.length, 7);
  }, LOGINS);
});

test("an upload goes on at another host without a secret, and at none inside the network that was not named", async () => {
  await forEachLogin(async (logIn) => {
    await using other = await scriptedRegistry({
      "PATCH /up": async ({ body, answer }) => (await body(), answer(202)),
      "* *": challenge("/evil"),
    });
    await using registry = await scriptedRegistry({
      "* /token": TOKEN,
      "POST *": guarded(undefined, ({ answer }) => answer(202, { location: `http://${other.host}/up` })),
    });
    logIn(registry.host);
    const begin = { method: "POST", path: "app/blobs/uploads/", scopes: SCOPES } as const;
    const strict = clientOf(registry);
    const response = await strict.send(begin);
    assert.throws(() => strict.locationFor(response), /inside this machine|not https/);
    const client = clientOf(registry, [other]);
    const url = client.locationFor(await client.send(begin));
    assert.is(url.href, `http://${other.host}/up`);
    await client.send({ method: "PATCH", path: url, scopes: SCOPES, body: Buffer.from("layer") });
    await failure(client.send({ method: "PUT", path: url, scopes: SCOPES }), "E_REGISTRY_AUTH");
    assert.is(other.requests.length, 2);
    assert.not.match(other.everything(), /canary|authorization|evil/i);
  }, LOGINS);
});

test("Location may be relative, and must be there", async () => {
  await onTestHost(async () => {
    await using registry = await scriptedRegistry({
      "POST /v2/a/*": ({ answer }) => answer(202, { location: "/v2/a/blobs/uploads/1?x=y#f" }),
      "POST /v2/b/*": ({ answer }) => answer(202, { location: "2" }),
      "POST *": ({ answer }) => answer(202),
    });
    const client = clientOf(registry);
    const where = async (name: string) =>
      client.locationFor(await client.send({ method: "POST", path: `${name}/blobs/uploads/`, scopes: [] })).href;
    assert.is(await where("a"), `${registry.url}/v2/a/blobs/uploads/1?x=y`);
    assert.is(await where("b"), `${registry.url}/v2/b/blobs/uploads/2`);
    await failure(where("c"), "E_REGISTRY");
  });
});

test("from TLS there is no way back to plain http, though the host be named", async () => {
  await onTestHost(async (host) => {
    const tls = certificates();
    await using plain = await scriptedRegistry({ "* *": TOKEN });
    await using registry = await scriptedRegistry(
      {
        "GET /v2/realm": challenge(`http://${plain.host}/token`),
        "GET /v2/away": ({ answer }) => answer(302, { location: `http://${plain.host}/` }),
        "POST *": ({ answer, request }) => answer(202, { location: `http://${request.headers.host}/v2/up` }),
      },
      { tls },
    );
    LOGINS[0]!(host, registry.host);
    host.write(`.config/containers/certs.d/${registry.host}/ca.crt`, pem(tls.ca));
    const client = registryClient({
      registry: registry.host,
      insecureHosts: [plain.host],
      signal: new AbortController().signal,
    });
    await failure(client.send({ path: "realm", scopes: SCOPES }), "E_REGISTRY");
    await failure(client.send({ path: "away", scopes: SCOPES }), "E_NETWORK");
    const response = await client.send({ method: "POST", path: "app/blobs/uploads/", scopes: SCOPES });
    assert.throws(() => client.locationFor(response), /not https/);
    assert.is(plain.connections(), 0);
  });
});

test("a redirect that would lose what is sent is an error", async () => {
  await onTestHost(async () => {
    await using registry = await scriptedRegistry({
      "PUT *": ({ answer }) => answer(302, { location: "/elsewhere" }),
      "GET *": ({ answer }) => answer(200),
    });
    const error = await failure(
      clientOf(registry).send({ method: "PUT", path: "app/manifests/1", scopes: [], body: Buffer.from("{}") }),
      "E_REGISTRY",
    );
    assert.match(error.message, "without what was sent");
    assert.is(registry.requests.length, 1);
  });
});

test("public hosts over https are no danger", () => {
  const trust = { origin: new URL("https://registry.example/"), insecureHosts: [] };
  for (const url of [
    "https://auth.example/token",
    "https://registry.example:8443/x",
    "https://8.8.8.8/x",
    "https://cdn.example/a?sig=b",
  ]) {
    refuseUntrusted(new URL(url), "", trust);
  }
  for (const url of [
    "https://me:pw@auth.example/token",
    "http://registry.example/",
    "https://registry.example@127.0.0.1/",
  ]) {
    assert.throws(() => refuseUntrusted(new URL(url), "", trust));
  }
  const inner = { origin: new URL("https://10.0.0.1:5000/"), insecureHosts: [] };
  refuseUntrusted(new URL("https://10.0.0.1:5000/token"), "", inner);
  assert.throws(() => refuseUntrusted(new URL("https://10.0.0.1/token"), "", inner));
});

test("no error shows a secret, though the registry repeats all that it receives", async () => {
  const echo = async ({ request, body, answer }: Exchange, status: number) => {
    const all = `${JSON.stringify(request.headers)} ${request.url} ${(await body()).toString()}`;
    answer(
      status,
      {},
      {
        errors: [
          { code: "ECHO", message: all.slice(0, 150) },
          { code: request.headers.authorization, message: all },
        ],
      },
    );
  };
  await forEachLogin(async (logIn) => {
    for (const status of [400, 401, 403, 404, 429, 500]) {
      await using registry = await scriptedRegistry({
        "* /v2/token/*": (exchange) =>
          exchange.url.pathname === "/v2/token/realm" ? echo(exchange, status) : challenge("/v2/token/realm")(exchange),
        "* /token": TOKEN,
        "* *": (exchange) =>
          exchange.request.headers.authorization === undefined ? challenge("/token")(exchange) : echo(exchange, status),
      });
      logIn(registry.host);
      for (const path of ["token/x", "app/x"]) {
        const error: unknown = await clientOf(registry)
          .send({ path, scopes: SCOPES })
          .catch((thrown: unknown) => thrown);
        assert.instance(error, Error);
        const shown = `${inspect(error, { depth: 9, showHidden: true })} ${(error as { hint?: string }).hint}`;
        assert.not.match(shown, CANARY, path);
        assert.not.match(shown, authOf("me", CANARY), path);
      }
    }
  }, LOGINS);
});

test("a secret with characters that are written in other ways is not shown in any of them", async () => {
  const secret = `canary "q" \\ <&> 'é' a+b  %41\tend`;
  const html = (text: string) =>
    text.replace(/[&<>"]/g, (char) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[char]!);
  for (const answer of [
    (text: string) => ({ errors: [{ code: "ECHO", message: `you are ${text}` }] }),
    (text: string) => ({ message: `${"x".repeat(190)}${text}` }),
    (text: string) => `you are ${text}`,
    (text: string) => `<title>${html(text)}</title>`,
    (text: string) => `cut off: ${JSON.stringify({ text })}`,
    (text: string) => `q=${encodeURIComponent(text)}&p=${new URLSearchParams({ text })}`,
  ]) {
    await onTestHost(async (host) => {
      await using registry = await scriptedRegistry({
        "GET *": (exchange) => {
          const basic = exchange.request.headers.authorization?.slice("Basic ".length);
          if (basic === undefined) return exchange.answer(401, { "www-authenticate": "Basic realm=r" });
          return exchange.answer(403, {}, answer(Buffer.from(basic, "base64").toString().replace(/^me:/, "")));
        },
      });
      host.write(".docker/config.json", { auths: { [registry.host]: { auth: authOf("me", secret) } } });
      const error = await failure(clientOf(registry).send({ path: "app/x", scopes: SCOPES }), "E_REGISTRY_AUTH");
      assert.match(error.message, "…");
      assert.not.match(`${error.message} ${error.hint}`, /canary|%41|end/, String(answer));
    });
  }
});

async function forEachLogin(
  work: (logIn: (registry: string) => void) => Promise<void>,
  logins: typeof LOGINS,
): Promise<void> {
  for (const login of logins) await onTestHost((host) => work((registry) => login(host, registry)));
}

/** `realm` may be relative to the registry. */
function challenge(realm: string): Route {
  return ({ refuse, request }) => {
    const url = new URL(realm, `http://${request.headers.host}`).href;
    // The parser would have made another address of it.
    const written = realm.startsWith("/") ? url : realm;
    request.resume();
    refuse(401, "UNAUTHORIZED", "log in", { "www-authenticate": `Bearer realm="${written}",service="tests"` });
  };
}

function guarded(realm: () => string = () => "/token", route: Route = ({ answer }) => answer(200, {}, "fine")): Route {
  return (exchange) =>
    exchange.request.headers.authorization?.startsWith("Bearer ") ? route(exchange) : challenge(realm())(exchange);
}

test.run();
