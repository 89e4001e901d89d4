// @runtimes node
/** A secret in each place where logins are kept: after pushes and pulls, good ones and refused ones, it is nowhere else. */
import { spawn } from "node:child_process";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { suite, tmp } from "../harness.ts";
import { blobRegistry, type BlobRegistry, type Fault } from "../plugins/registry/support/blob-registry.ts";
import { authOf, onTestHost } from "../plugins/registry/support/host-credentials.ts";
import { CANARY, LOGINS } from "../plugins/registry/support/logins.ts";
import { CLI, writeProject } from "./support.ts";

const test = suite("e2e/registry-secrets", { timeout: 240_000 });

const SECRETS = [
  CANARY,
  authOf("me", CANARY),
  Buffer.from(CANARY).toString("base64"),
  Buffer.from(CANARY).toString("hex"),
];

/** Wants a token, which its own service gives; then does as it should, or repeats all that it was sent. */
function guarded(isKind: () => boolean): Fault {
  return ({ request, url, answer }) => {
    const { authorization } = request.headers;
    if (url.pathname === "/token") {
      answer(200, {}, { token: `${CANARY}-token`, expires_in: 300 });
      return true;
    }
    if (authorization === undefined) {
      answer(401, { "www-authenticate": `Bearer realm="http://${request.headers.host}/token",service="s"` });
      return true;
    }
    if (isKind()) return false;
    answer(
      403,
      { "x-echo": authorization },
      { errors: [{ code: authorization, message: JSON.stringify(request.headers) }] },
    );
    return true;
  };
}

test("no output, event, lock, image, cache entry or upload holds it", async () => {
  for (const [index, logIn] of LOGINS.entries()) {
    await onTestHost(async (host) => {
      let isKind = true;
      await using registry = await blobRegistry(guarded(() => isKind));
      logIn(host, registry.host);
      const [folder, store] = [tmp(), tmp()];
      writeProject(folder, {
        "image.config.mjs": `import { buildLayeredImage, text } from "image-dsl";
export default ({ args }) => ({
  app: buildLayeredImage({ name: "${registry.host}/app", tag: "1", contents: text("/a", args.text ?? "a") }),
  derived: buildLayeredImage({ name: "derived", fromImage: "docker://${registry.host}/app:1", contents: text("/b", "b") }),
});`,
      });
      const said: string[] = [];
      const cli = async (...args: string[]): Promise<number> => {
        const { status, text } = await runInParallel([...args, "--insecure", registry.host], folder, store);
        said.push(text);
        return status;
      };
      assert.is(await cli("build", "app", "--push", "--json", "--verbose", "-o", "oci:out"), 0, said.join(""));
      assert.is(await cli("build", "derived", "--verbose", "-o", "docker-archive:d.tar"), 0, said.join(""));
      assert.is(await cli("prefetch", `${registry.host}/app:1`), 0, said.join(""));
      isKind = false;
      assert.is(await cli("build", "app", "--push", "--arg", "text=c", "--verbose"), 1, said.at(-1));
      assert.is(await cli("prefetch", `${registry.host}/app:1`, "--json"), 1, said.at(-1));
      said.push((await runInParallel(["doctor"], folder, store)).text);
      assert.match(said.join("\n"), /403 Forbidden: .*…/);
      assert.ok(readdirSync(folder).includes("image.lock.json"));
      const places: [string, string][] = [
        ["what was said", said.join("\n")],
        ...filesBelow(folder),
        ...filesBelow(store),
        ...received(registry),
      ];
      for (const [place, text] of places) {
        for (const secret of SECRETS) assert.not.ok(text.includes(secret), `login ${index}: ${secret} in ${place}`);
      }
    });
  }
});

/** The registry is in this process, so it must not wait. */
async function runInParallel(args: readonly string[], cwd: string, store: string) {
  const child = spawn(process.execPath, [CLI, ...args], { cwd, env: { ...process.env, IMAGE_DSL_CACHE: store } });
  const pieces: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece: Buffer) => pieces.push(piece));
  const status = await new Promise<number>((resolve) => child.once("close", (code) => resolve(code ?? -1)));
  return { status, text: Buffer.concat(pieces).toString() };
}

function filesBelow(folder: string): [string, string][] {
  const paths = readdirSync(folder, { recursive: true }).map((name) => join(folder, String(name)));
  return paths
    .filter((path) => statSync(path).isFile())
    .map((path) => [path, `${path} ${readFileSync(path, "latin1")}`]);
}

/** All but the headers in which it is asked for. */
function received({ blobs, manifests }: BlobRegistry): [string, string][] {
  return [
    ...[...blobs].map(([digest, bytes]): [string, string] => [digest, bytes.toString("latin1")]),
    ...[...manifests].map(([name, { bytes }]): [string, string] => [name, bytes.toString("latin1")]),
  ];
}

test.run();
