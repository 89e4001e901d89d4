/** What a registry is told, and what is made of its answers: two of them, whose every answer the test writes. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { scriptedServer, type TestServer } from "../../core/http/servers.ts";
import { suite, tmp } from "../../harness.ts";
import { buildOf, makeProject, refusalOf, writeLock } from "./projects.ts";

const test = suite("npm/registry");

const packed = makeProject({ "@one/a": {}, b: {} });
const [SCOPED, PLAIN] = ["@one-a", "b"].map((name) => readFileSync(join(packed, `${name}.tar.gz`)));
const sum = (bytes: Buffer, algorithm: string): string =>
  `${algorithm}-${createHash(algorithm).update(bytes).digest("base64")}`;

/** Answers by path; 404 to all else. */
function server(
  routes: Readonly<Record<string, Buffer | ((request: IncomingMessage, response: ServerResponse) => void)>>,
) {
  return scriptedServer((request, response) => {
    const route = routes[request.url ?? ""];
    if (route === undefined) response.writeHead(404).end();
    else if (Buffer.isBuffer(route)) response.end(route);
    else route(request, response);
  });
}

const hostOf = ({ url }: TestServer): string => new URL(url).host;

const toldOf = ({ requests }: TestServer): readonly string[] =>
  requests.map(({ url, headers }) => `${url} ${headers.authorization ?? "nothing"}`);

/** A project that needs these tarballs, and its .npmrc. */
function projectOf(packages: Readonly<Record<string, object>>, npmrc = ""): string {
  const dir = tmp();
  const names = Object.keys(packages);
  writeLock(
    dir,
    { dependencies: Object.fromEntries(names.map((name) => [name, "1.0.0"])) },
    Object.fromEntries(
      Object.entries(packages).map(([name, each]) => [`node_modules/${name}`, { version: "1.0.0", ...each }]),
    ),
  );
  writeFileSync(join(dir, ".npmrc"), npmrc);
  return dir;
}

test("401 names the line whose login was refused, and never the login; without one, which line is missing", async () => {
  const registry = await server({ "/b/-/b-1.0.0.tgz": (_, response) => response.writeHead(401).end() });
  try {
    const host = hostOf(registry);
    const needed = { b: { resolved: `${registry.url}/b/-/b-1.0.0.tgz`, integrity: sum(PLAIN!, "sha512") } };
    const dir = projectOf(needed, `; ours\n//${host}/:_authToken=s3cret\n`);
    const events: object[] = [];
    const out = { outputs: [`rootfs:${dir}/out`], onEvent: (event: object) => void events.push(event) };
    const refused = await refusalOf({ dir }, out);
    assert.is(
      refused,
      `E_NPM_REGISTRY ${registry.url}/b/-/b-1.0.0.tgz answered 401 to the login that ${dir}/.npmrc:2 has (Renew it, or ask who runs the registry whether it may read this package)`,
    );
    assert.not.match(JSON.stringify(events), "s3cret");
    assert.not(existsSync(join(dir, "out")) || existsSync(join(dir, "image.lock.json")));
    writeFileSync(join(dir, ".npmrc"), "");
    assert.match(
      await refusalOf({ dir }),
      `answered 401, and no .npmrc has a login for //${host}/ (Write //${host}/:_authToken=\${NPM_TOKEN} into`,
    );
    assert.equal(toldOf(registry), ["/b/-/b-1.0.0.tgz Bearer s3cret", "/b/-/b-1.0.0.tgz nothing"]);
  } finally {
    await registry.close();
  }
});

test("each scope's registry gets its own login, and no other host, not even one that it sends us to", async () => {
  const other = await server({ "/files/b-1.0.0.tgz": PLAIN!, "/moved/a.tgz": SCOPED! });
  const own = await server({
    "/npm/@one/a/-/a-1.0.0.tgz": (_, response) =>
      response.writeHead(302, { location: `${other.url}/moved/a.tgz` }).end(),
  });
  try {
    const dir = projectOf(
      {
        // As locks without addresses have it (`omit-lockfile-registry-resolved`).
        "@one/a": { integrity: sum(SCOPED!, "sha512") },
        b: { resolved: `${other.url}/files/b-1.0.0.tgz`, integrity: sum(PLAIN!, "sha512") },
      },
      [
        `@one:registry=${own.url}/npm`,
        `//${hostOf(own)}/npm/:_authToken=of-one`,
        `//${hostOf(other)}/files/:_auth=of-files`,
        `//${hostOf(other)}/elsewhere/:_authToken=of-elsewhere`,
      ].join("\n"),
    );
    await buildOf({ dir });
    assert.equal(toldOf(own), ["/npm/@one/a/-/a-1.0.0.tgz Bearer of-one"]);
    assert.equal([...toldOf(other)].sort(), ["/files/b-1.0.0.tgz Basic of-files", "/moved/a.tgz nothing"]);
  } finally {
    await Promise.all([own.close(), other.close()]);
  }
});

test("bytes that are not what the lock says are refused and not kept; the right ones are then taken", async () => {
  let sent = Buffer.from("something else");
  const registry = await server({ "/b.tgz": (_, response) => response.end(sent) });
  try {
    const dir = projectOf({ b: { resolved: `${registry.url}/b.tgz`, integrity: sum(PLAIN!, "sha512") } });
    const given = { outputs: [`rootfs:${dir}/out`], store: tmp() };
    assert.match(
      await refusalOf({ dir }, given),
      `E_HASH_MISMATCH ${registry.url}/b.tgz has the integrity ${sum(sent, "sha512")}, but the lock says ${sum(PLAIN!, "sha512")} (`,
    );
    assert.not(existsSync(join(dir, "out")) || existsSync(join(dir, "image.lock.json")));
    sent = PLAIN!;
    await buildOf({ dir }, given);
    assert.ok(existsSync(join(dir, "out/app/node_modules/b/package.json")));
  } finally {
    await registry.close();
  }
});

test("where a lock has SHA-1 alone, or nothing, image.lock.json pins SHA-512, and other bytes are refused from then on", async () => {
  let sent = PLAIN!;
  const registry = await server({ "/b.tgz": (_, response) => response.end(sent) });
  try {
    for (const locked of [{ integrity: sum(PLAIN!, "sha1") }, {}]) {
      sent = PLAIN!;
      const dir = projectOf({ b: { resolved: `${registry.url}/b.tgz`, ...locked } });
      await buildOf({ dir });
      assert.match(readFileSync(join(dir, "image.lock.json"), "utf8"), sum(PLAIN!, "sha512"));
      await buildOf({ dir }, { frozenLock: true });
      sent = SCOPED!;
      assert.match(await refusalOf({ dir }), `E_HASH_MISMATCH ${registry.url}/b.tgz has the integrity sha512-`);
    }
    const wrong = projectOf({ b: { resolved: `${registry.url}/b.tgz`, integrity: sum(PLAIN!, "sha1") } });
    assert.match(await refusalOf({ dir: wrong }), `but the lock says ${sum(PLAIN!, "sha1")}`);
  } finally {
    await registry.close();
  }
});

test.run();
