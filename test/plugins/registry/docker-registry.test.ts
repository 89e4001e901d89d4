/** The client against Debian's docker-registry, with all that can be asked of it: nothing, a password, tokens, certificates. */
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { hexOf, type Digest } from "../../../core/index.ts";
import { registryClient, type RegistryClient } from "../../../plugins/registry/client.ts";
import { pushTarget, putManifest } from "../../../plugins/registry/push/push-target.ts";
import { ACCEPTED_MANIFESTS } from "../../../plugins/registry/repository.ts";
import { certificates } from "../../core/http/certificates.ts";
import { suite, tmp } from "../../harness.ts";
import { clientOf, failure, scope, textOf, until } from "./support/asking.ts";
import { dockerRegistry, REGISTRY_USER } from "./support/docker-registry.ts";
import { authOf, onTestHost } from "./support/host-credentials.ts";
import { killPushWhen } from "./support/killed-push.ts";
import { MIB, layerOf, pushContext, random, targetOf } from "./support/pushing.ts";
import { tokenServer } from "./support/token-server.ts";

const test = suite("registry/docker-registry");

const { signal } = new AbortController();
const { user, password } = REGISTRY_USER;

test("a blob goes up in chunks and comes back, and another repository takes it over", async () => {
  await onTestHost(async () => {
    await using registry = await dockerRegistry();
    const client = registryClient({ registry: registry.host, insecureHosts: [registry.host], signal });
    const digest = await push(client, "team/app", ["one ", "two"]);
    assert.is(await pull(client, "team/app", digest), "one two");
    const scopes = [scope("team/copy", "pull", "push"), scope("team/app", "pull")];
    const mount = `team/copy/blobs/uploads/?mount=${digest}&from=team/app`;
    assert.is((await client.send({ method: "POST", path: mount, scopes, accepts: [201] })).status, 201);
    assert.is(await pull(client, "team/copy", digest), "one two");
    const missing = await client.send({ method: "HEAD", path: blob("team/no", digest), scopes, accepts: [404] });
    assert.is(missing.status, 404);
    await until(() => registry.requests().length >= 8);
    assert.equal(
      registry.requests().map((line) => line.replace(/uploads\/[0-9a-f-]+\?\S*|\?\S*/, "uploads/…")),
      [
        "POST /v2/team/app/blobs/uploads/ 202",
        "PATCH /v2/team/app/blobs/uploads/… 202",
        "PATCH /v2/team/app/blobs/uploads/… 202",
        "PUT /v2/team/app/blobs/uploads/… 201",
        `GET /v2/${blob("team/app", digest)} 200`,
        "POST /v2/team/copy/blobs/uploads/uploads/… 201",
        `GET /v2/${blob("team/copy", digest)} 200`,
        `HEAD /v2/${blob("team/no", digest)} 404`,
      ],
    );
  });
});

test("what the registry says against a request is told", async () => {
  await onTestHost(async () => {
    await using registry = await dockerRegistry();
    const client = registryClient({ registry: registry.host, insecureHosts: [registry.host], signal });
    const error = await failure(client.send({ path: "team/app/manifests/1", scopes: [] }), "E_REGISTRY");
    assert.match(
      error.message,
      `${registry.host} refuses GET ${registry.url}/v2/team/app/manifests/1 with 404 Not Found`,
    );
    assert.match(error.message, "MANIFEST_UNKNOWN: manifest unknown");
  });
});

test("an image whose layers are said to lie elsewhere: what the registry does not say of its refusal", async () => {
  await onTestHost(async () => {
    await using registry = await dockerRegistry();
    await using context = await pushContext();
    const repository = { client: clientOf(registry), name: "app" };
    const target = targetOf([layerOf(random(1000))]);
    await pushTarget(target, repository, ["1"], context);
    const { bytes, descriptor } = await target.top();
    const json = JSON.parse(Buffer.from(bytes).toString()) as { layers: object[] };
    const [layer] = json.layers;
    const mediaType = "application/vnd.oci.image.layer.nondistributable.v1.tar";
    const foreign = { ...json, layers: [{ ...layer, mediaType, urls: ["https://elsewhere.example/layer?key=1"] }] };
    const manifest = { descriptor, bytes: Buffer.from(JSON.stringify(foreign)) };
    const error = await failure(putManifest(repository, "2", manifest), "E_REGISTRY");
    assert.match(error.message, "500 Internal Server Error: UNKNOWN");
    assert.match(error.hint ?? "", "said to lie elsewhere (https://elsewhere.example/layer?…)");
    assert.match(error.hint ?? "", "validation.manifests.urls.allow");
  });
});

test("a password is shown when it is asked for, once for all requests, and whoever has none is told to log in", async () => {
  await onTestHost(async (host) => {
    await using registry = await dockerRegistry({ auth: "basic" });
    const options = { registry: registry.host, insecureHosts: [registry.host], signal };
    const stranger = await failure(push(registryClient(options), "app", ["x"]), "E_REGISTRY_AUTH");
    assert.match(stranger.hint ?? "", `No credentials for it were found; log in: docker login ${registry.host}`);
    const file = host.write(".docker/config.json", {
      auths: { [registry.host]: { auth: authOf(user, "wrong-canary") } },
    });
    const wrong = await failure(push(registryClient(options), "app", ["x"]), "E_REGISTRY_AUTH");
    assert.match(wrong.hint ?? "", `The credentials are from "${file}"`);
    assert.not.match(wrong.message + wrong.hint, "canary");
    host.write(".docker/config.json", { auths: { [registry.host]: { auth: authOf(user, password) } } });
    const before = registry.requests().length;
    const client = registryClient(options);
    const digest = await push(client, "app", ["x"]);
    assert.is(await pull(client, "app", digest), "x");
    await until(() => registry.requests().length >= before + 5);
    assert.is(
      registry
        .requests()
        .slice(before)
        .filter((line) => line.endsWith(" 401")).length,
      1,
    );
  });
});

test("a refusal that comes in the middle of a large body is heard", async () => {
  await onTestHost(async (host) => {
    await using registry = await dockerRegistry({ auth: "basic" });
    host.write(".docker/config.json", { auths: { [registry.host]: { auth: authOf(user, "wrong") } } });
    const client = registryClient({ registry: registry.host, insecureHosts: [registry.host], signal });
    let sent = 0;
    const body = {
      size: 200_000_000,
      open: async function* () {
        for (; sent < 200_000_000; sent += 1_000_000) yield Buffer.alloc(1_000_000);
      },
    };
    const path = new URL(`${registry.url}/v2/app/blobs/uploads/1`);
    const scopes = [scope("app", "pull", "push")];
    // The registry is known to speak plain http once it was asked.
    await failure(client.send({ path: "app/tags/list", scopes }), "E_REGISTRY_AUTH");
    await failure(client.send({ method: "PATCH", path, scopes, body }), "E_REGISTRY_AUTH");
    assert.ok(sent < 50_000_000, `${sent} bytes were read`);
  });
});

test("a push that is killed within a piece is whole after the next one, though the registry was started anew meanwhile", async () => {
  await onTestHost(async () => {
    for (const isRestarted of [false, true]) {
      const folder = tmp();
      let registry = await dockerRegistry({ folder });
      const uploads = join(folder, "docker/registry/v2/repositories/app/_uploads");
      const arrived = () =>
        existsSync(uploads) &&
        readdirSync(uploads).some((id) => {
          const data = join(uploads, id, "data");
          return existsSync(data) && statSync(data).size > 8 * MIB;
        });
      const { goOn } = await killPushWhen(registry, 80 * MIB, arrived);
      if (isRestarted) {
        await registry.close();
        registry = await dockerRegistry({ folder, port: Number(registry.host.split(":")[1]) });
      }
      await goOn();
      const client = registryClient({ registry: registry.host, insecureHosts: [registry.host], signal });
      const manifest = await textOf(
        client.send({ path: "app/manifests/1", scopes: [], headers: { accept: ACCEPTED_MANIFESTS } }),
      );
      const [{ digest, size }] = (JSON.parse(manifest) as { layers: [{ digest: Digest; size: number }] }).layers;
      assert.is(size, 80 * MIB);
      const hash = createHash("sha256");
      const { body } = await client.send({ path: blob("app", digest), scopes: [], maxBytes: size });
      for await (const piece of body) hash.update(piece);
      assert.is(hash.digest("hex"), hexOf(digest));
      await registry.close();
    }
  });
});

test("tokens: one for each repository and what is done there, whoever waits; a mount has one for both", async () => {
  await onTestHost(async (host) => {
    const basic = `Basic ${authOf("me", "pw")}`;
    await using tokens = await tokenServer({
      allow: (scopes, { request }) => (request.headers.authorization === basic ? scopes : undefined),
    });
    await using registry = await dockerRegistry({ auth: tokens.auth });
    const options = { registry: registry.host, insecureHosts: [registry.host, tokens.host], signal };
    const stranger = await failure(push(registryClient(options), "app", ["x"]), "E_REGISTRY_AUTH");
    assert.match(stranger.message, "who are you");
    host.write(".docker/config.json", { auths: { [registry.host]: { auth: authOf("me", "pw") } } });
    const client = registryClient(options);
    const digests = await Promise.all(["a", "b", "c", "d"].map((text) => push(client, "app", [text])));
    assert.is(await pull(client, "app", digests[2]!), "c");
    const scopes = [scope("copy", "pull", "push"), scope("app", "pull")];
    const path = `copy/blobs/uploads/?mount=${digests[0]}&from=app`;
    assert.is((await client.send({ method: "POST", path, scopes, accepts: [201] })).status, 201);
    assert.equal(tokens.granted, ["repository:app:pull,push", "repository:app:pull repository:copy:pull,push"]);
  });
});

test("an identity token is exchanged, by itself and not as a password", async () => {
  await onTestHost(async (host) => {
    const bodies: string[] = [];
    await using tokens = await tokenServer({
      allow: (scopes, { request }, body) => {
        bodies.push(
          `${request.method} ${request.headers.authorization} ${body.get("grant_type")} ${body.get("refresh_token")} ${body.get("service")}`,
        );
        return scopes;
      },
    });
    await using registry = await dockerRegistry({ auth: tokens.auth });
    host.program("docker-credential-own", `echo '{"Username":"<token>","Secret":"idt"}'`);
    host.write(".docker/config.json", { credHelpers: { [registry.host]: "own" } });
    const client = registryClient({ registry: registry.host, insecureHosts: [registry.host, tokens.host], signal });
    await push(client, "app", ["x"]);
    assert.equal(bodies, ["POST undefined refresh_token idt tests"]);
  });
});

test("certificates: the authority and the client's own lie in certs.d, or the host is named as insecure", async () => {
  await onTestHost(async (host) => {
    const tls = certificates();
    await using registry = await dockerRegistry({ tls, clientCertificates: true });
    const options = { registry: registry.host, signal, retry: { attempts: 1, delay: 1 } };
    const unknown = await failure(push(registryClient(options), "app", ["x"]), "E_NETWORK");
    assert.match(unknown.hint ?? "", `/etc/docker/certs.d/${registry.host}/ca.crt`);
    const folder = join(host.home, ".config/containers/certs.d", registry.host);
    mkdirSync(folder, { recursive: true });
    copyFileSync(tls.ca, join(folder, "ca.crt"));
    await failure(push(registryClient(options), "app", ["x"]), "E_NETWORK");
    copyFileSync(tls.clientCert, join(folder, "client.cert"));
    const alone = await failure(push(registryClient(options), "app", ["x"]), "E_CREDENTIALS");
    assert.match(alone.message, '"client.cert" stands alone');
    copyFileSync(tls.clientKey, join(folder, "client.key"));
    const digest = await push(registryClient(options), "app", ["x"]);
    const insecure = registryClient({ ...options, insecureHosts: [registry.host] });
    assert.is(await pull(insecure, "app", digest), "x");
  });
});

test("plain http is spoken with nobody who was not named, also on loopback", async () => {
  await onTestHost(async () => {
    await using registry = await dockerRegistry();
    const options = { registry: registry.host, signal, retry: { attempts: 1, delay: 1 } };
    for (const insecureHosts of [[], ["127.0.0.1"], [registry.host.replace("127.0.0.1", "localhost")]]) {
      const error = await failure(push(registryClient({ ...options, insecureHosts }), "app", ["x"]), "E_NETWORK");
      assert.match(error.hint ?? "", `--insecure ${registry.host}`);
    }
    assert.is(registry.requests().length, 0);
  });
});

async function push(client: RegistryClient, repository: string, chunks: readonly string[]): Promise<string> {
  const scopes = [scope(repository, "pull", "push")];
  const digest = `sha256:${createHash("sha256").update(chunks.join("")).digest("hex")}`;
  let response = await client.send({ method: "POST", path: `${repository}/blobs/uploads/`, scopes });
  await textOf(response);
  for (const chunk of chunks) {
    const body = {
      size: chunk.length,
      open: async function* () {
        yield Buffer.from(chunk);
      },
    };
    response = await client.send({ method: "PATCH", path: client.locationFor(response), scopes, body });
    await textOf(response);
  }
  const url = client.locationFor(response);
  url.searchParams.set("digest", digest);
  await textOf(client.send({ method: "PUT", path: url, scopes }));
  return digest;
}

async function pull(client: RegistryClient, repository: string, digest: string): Promise<string> {
  return textOf(client.send({ path: blob(repository, digest), scopes: [scope(repository, "pull")] }));
}

function blob(repository: string, digest: string): string {
  return `${repository}/blobs/${digest}`;
}

test.run();
