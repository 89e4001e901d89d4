/** The certificates' bundle against openssl itself: subject hashes, and the links that `openssl rehash` makes. */
import { execFileSync } from "node:child_process";
import { copyFileSync, readFileSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { FileTree } from "../../../../core/index.ts";
import { withCertificateBundle } from "../../../../plugins/debian/scripts/ca-bundle.ts";
import { subjectHash } from "../../../../plugins/debian/scripts/subject-hash.ts";
import { requireTool, suite, tmp } from "../../../harness.ts";
import { BASE, treeOf } from "./support.ts";

const test = suite("debian/scripts/ca-bundle");

const SUBJECTS = [
  "/C=DE/O=Plain Name/CN=Plain Root",
  "/C=DE/O=  Many   Spaces  /CN= UPPER and lower ",
  "/C=HU/O=Főtanúsítvány/CN=NetLock Arany (Class Gold)",
  "/C=US/O=Multi+OU=Valued+CN=Set/emailAddress=Root@Example.Test",
  "/CN=single",
  `/O=${"long ".repeat(12)}/CN=${"x".repeat(60)}`,
];

function makeCertificate(directory: string, name: string, subject: string): string {
  const openssl = requireTool("openssl");
  const file = join(directory, name);
  const key = [
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
    "-keyout",
    join(directory, "key"),
  ];
  const args = ["req", "-x509", "-utf8", "-multivalue-rdn", ...key, "-subj", subject, "-days", "3650", "-out", file];
  execFileSync(openssl, args, { stdio: "pipe" });
  return file;
}

test("the subject's hash is openssl's", () => {
  const directory = tmp();
  for (const [index, subject] of SUBJECTS.entries()) {
    const file = makeCertificate(directory, `${index}.crt`, subject);
    const real = execFileSync("openssl", ["x509", "-in", file, "-noout", "-subject_hash"], { encoding: "utf8" }).trim();
    assert.is(subjectHash(readFileSync(file, "latin1"))?.hash, real, subject);
  }
});

test("what is no single certificate has no hash", () => {
  const pem = (body: string) => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;
  assert.is(subjectHash(""), undefined);
  for (const body of [
    "AAAA",
    "MIID",
    Buffer.from("308480ffffff", "hex").toString("base64"),
    Buffer.alloc(300, 0x30).toString("base64"),
  ]) {
    assert.is(subjectHash(pem(body)), undefined, body);
  }
});

test("bundle and links are those of update-ca-certificates and openssl rehash", () => {
  const directory = tmp();
  const real = tmp();
  const names = ["a b (c),d.crt", "two.crt", "twin.crt", "same.crt", "off.crt"];
  const subjects = ["/CN=A", "/CN=Two", "/CN=TWO", "/CN=x", "/CN=off"];
  for (const [index, name] of names.entries()) makeCertificate(directory, name, subjects[index]!);
  copyFileSync(join(directory, "two.crt"), join(directory, "same.crt"));
  const text = (name: string) => readFileSync(join(directory, name), "latin1");
  const layout = Object.fromEntries(names.map((name) => [`usr/share/ca-certificates/x/${name}`, text(name)]));
  const config = `# comment\n${names
    .slice(0, 4)
    .map((name) => `x/${name}\n`)
    .join("")}!x/off.crt\nx/missing.crt\n../../etc/passwd\n`;
  const tree = withCertificateBundle(FileTree.of(treeOf({ ...BASE, ...layout, "etc/ca-certificates.conf": config })));

  const bundle = tree.get("etc/ssl/certs/ca-certificates.crt" as never);
  const bytes =
    bundle?.type === "file" && bundle.content.kind === "inline"
      ? Buffer.from(bundle.content.bytes).toString("latin1")
      : "";
  assert.is(bytes, names.slice(0, 4).map(text).join(""));
  for (const name of names.slice(0, 4)) {
    copyFileSync(
      join(directory, name),
      join(real, name.replace(/[ ,]/g, "_").replace(/[()]/g, "=").replace(/crt$/, "pem")),
    );
  }
  execFileSync("openssl", ["rehash", real], { stdio: "pipe" });
  const expected = readdirSync(real)
    .filter((name) => /\.\d$/.test(name))
    .map((name) => `${name} -> ${readlinkSync(join(real, name))}`);
  const links = tree.under("etc/ssl/certs" as never).flatMap((entry) => (entry.type === "symlink" ? [entry] : []));
  const hashed = links
    .filter((entry) => /\.\d$/.test(entry.path))
    .map((entry) => `${entry.path.split("/").at(-1)} -> ${entry.target}`);
  assert.equal(hashed.sort(), expected.sort());
  assert.equal(
    links
      .filter((entry) => entry.path.endsWith(".pem"))
      .map((entry) => entry.target)
      .sort(),
    names
      .slice(0, 4)
      .map((name) => `/usr/share/ca-certificates/x/${name}`)
      .sort(),
  );
});

test("a tree without certificates, or with a bundle, is left alone", () => {
  const none = FileTree.of(treeOf(BASE));
  assert.is(withCertificateBundle(none), none);
  const done = FileTree.of(
    treeOf({ ...BASE, "usr/share/ca-certificates/a.crt": "x", "etc/ssl/certs/ca-certificates.crt": "y" }),
  );
  assert.is(withCertificateBundle(done), done);
});

test.run();
