/** Assertions of dockerTools' own tests, by their numbers in docs/parity.md. */
import { lstatSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { elf } from "../../../plugins/elf/index.ts";
import { binSh, caCertificates, fakeNss, tmp as temporary } from "../../../plugins/environment/index.ts";
import { text } from "../../../plugins/files/index.ts";
import { requireTool, suite, tmp } from "../../harness.ts";
import { buildRoot } from "./built-root.ts";
import { makeCertificate } from "./certificate.ts";

const test = suite("environment/parity", { timeout: 60_000 });

const SHELL = binSh({ from: elf({ files: "bash" }) });
const BUNDLE = [
  "/etc/ssl/certs/ca-bundle.crt",
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
];

function program(name: string) {
  return elf({ files: requireTool(name) });
}

test("10: /nix and /nix/store are 0755, and a program of the store starts as a user that is not root", async () => {
  const hello = text("/nix/store/abc-hello/bin/hello", "#!/bin/sh\necho hello\n", { mode: 0o555 });
  const root = await buildRoot([SHELL, hello, fakeNss(), temporary()]);
  for (const path of ["nix", "nix/store"]) assert.is(lstatSync(join(root.path, path)).mode & 0o7777, 0o755);
  assert.is(root.run(["/nix/store/abc-hello/bin/hello"], 999), "hello\n");
});

test("43: a script in chroot mode writes a file below /etc, which everybody can read", async () => {
  const fakeRootCommands = "mkdir -p /etc/some && echo 'some config' > /etc/some/file";
  const contents = [SHELL, program("mkdir"), program("cat")];
  const root = await buildRoot(contents, { fakeRootCommands, enableFakechroot: true });
  assert.is(root.run([requireTool("cat"), "/etc/some/file"], 999), "some config\n");
});

test("44: the certificates can be read at all three places", async () => {
  const bundle = makeCertificate(tmp());
  const root = await buildRoot([program("cat"), caCertificates({ bundle })]);
  const texts = BUNDLE.map((path) => root.run([requireTool("cat"), path], 999));
  assert.match(texts[0]!, /^-----BEGIN CERTIFICATE-----$/m);
  assert.is(new Set(texts).size, 1);
});

test("57: the image runs as 1000:1000, and the store's directory can be listed", async () => {
  const root = await buildRoot([SHELL, program("id"), program("ls"), text("/nix/store/abc-x", "x")]);
  assert.is(root.run(["/bin/sh", "-c", "id -u; id -g; ls /nix/store"], 1000), "1000\n1000\nabc-x\n");
});

test.run();
