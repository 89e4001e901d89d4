// @runtimes node
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { certificateFolders, certificatesFor } from "../../../../plugins/registry/trust/certs-d.ts";
import { certificates, pem } from "../../../core/http/certificates.ts";
import { suite } from "../../../harness.ts";
import { failure } from "../support/asking.ts";
import { onTestHost, type TestHost } from "../support/host-credentials.ts";

const test = suite("registry/certs-d");

const HOST = "registry.example:5000";
const DOCKER = ".config/docker/certs.d";
const PODMAN = ".config/containers/certs.d";
const tls = certificates();
const [ca, cert, key] = [pem(tls.ca), pem(tls.clientCert), pem(tls.clientKey)];

test("authorities are put together, and a client's certificate has its key beside it", async () => {
  await onTestHost(async ({ write }) => {
    for (const [name, text] of [
      ["b.crt", ca],
      ["a.crt", cert],
      ["client.cert", cert],
      ["client.key", key],
      ["README", "x"],
    ] as const) {
      write(`${PODMAN}/${HOST}/${name}`, text);
    }
    assert.equal(await certificatesFor(HOST), { ca: `${cert}\n${ca}`, cert, key });
    assert.is(await certificatesFor("registry.example"), undefined);
    assert.is(await certificatesFor(`${HOST}0`), undefined);
  });
});

test("the first folder that there is counts, podman's before docker's, and an empty one says nothing", async () => {
  await onTestHost(async ({ write, home }) => {
    write(`${DOCKER}/${HOST}/ca.crt`, ca);
    assert.equal(await certificatesFor(HOST), { ca });
    write(`${PODMAN}/${HOST}/other.crt`, cert);
    assert.equal(await certificatesFor(HOST), { ca: cert });
    mkdirSync(join(home, PODMAN, "empty.example"), { recursive: true });
    assert.equal(await certificatesFor("empty.example"), {});
    assert.equal(
      certificateFolders().map((folder) => folder.replace(home, "~")),
      [`~/${PODMAN}`, "/etc/containers/certs.d", `~/${DOCKER}`, "/etc/docker/certs.d"],
    );
  });
});

test("what is half there, ambiguous or no PEM is refused, and shows no key", async () => {
  const fill =
    (files: Readonly<Record<string, string>>) =>
    ({ write }: TestHost) => {
      for (const [name, text] of Object.entries(files)) write(`${PODMAN}/${HOST}/${name}`, text);
    };
  for (const [files, words] of [
    [{ "client.cert": cert }, "client.cert"],
    [{ "client.key": key }, "client.key"],
    [{ "client.cert": cert, "other.key": key }, "client.cert"],
    [{ "a.cert": cert, "a.key": key, "b.cert": cert, "b.key": key }, "several"],
    [{ "ca.crt": "canary" }, "no certificate in PEM"],
    [{ "ca.crt": key }, "no certificate in PEM"],
    [{ "client.cert": cert, "client.key": "canary" }, "no private key in PEM"],
    [{ "client.cert": key, "client.key": cert }, "no certificate in PEM"],
  ] as const) {
    await onTestHost(async (host) => {
      fill(files)(host);
      const error = await failure(certificatesFor(HOST), "E_CREDENTIALS", words);
      assert.match(error.message, words);
      assert.not.match(error.message + error.hint, /canary|BEGIN [A-Z ]*KEY/);
    });
  }
});

test("a folder in the place of a file is told", async () => {
  await onTestHost(async ({ home }) => {
    const folder = join(home, PODMAN, HOST, "ca.crt");
    mkdirSync(folder, { recursive: true });
    assert.match((await failure(certificatesFor(HOST), "E_CREDENTIALS")).message, "not a regular file");
  });
});

test.run();
