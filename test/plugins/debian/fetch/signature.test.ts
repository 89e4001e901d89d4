import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as openpgp from "openpgp";
import * as assert from "uvu/assert";
import { loadKeyring, type Keyring } from "../../../../plugins/debian/fetch/keyring.ts";
import { verifyClearsigned, verifyDetached } from "../../../../plugins/debian/fetch/signature.ts";
import { requireTool, suite, tmp } from "../../../harness.ts";
import { clearsign, makeKey, put, rejects, type TestKey } from "./support.ts";

const test = suite("debian/fetch/signature");

const TEXT = "Origin: Test\n- a line that is escaped\nFrom here\nSuite: x\n";
const DAY = 86_400_000;

let key: TestKey;
let other: TestKey;
test.before(async () => {
  [key, other] = await Promise.all([makeKey(), makeKey()]);
});

test("a good signature gives the text that was signed, as gpgv does", async () => {
  const signed = await clearsign(TEXT, [key]);
  assert.is(await verifyClearsigned(signed, ring(key), "test"), TEXT);
  // gpgv ends the last line, which is not part of what is signed.
  assert.is(gpgv(signed, [key]).text, `${TEXT}\n`);
});

test("one trusted signature among others is enough, as for apt", async () => {
  const signed = await clearsign(TEXT, [other, key]);
  assert.is(await verifyClearsigned(signed, ring(key), "test"), TEXT);
  assert.is(gpgv(signed, [key]).good, 1);
});

test("an unknown key is named", async () => {
  const signed = await clearsign(TEXT, [other]);
  const error = await rejects(verifyClearsigned(signed, ring(key), "the test"), "E_DEBIAN_SIGNATURE");
  const { subkeys } = other.publicKey;
  assert.match(error.message, subkeys[0]!.getKeyID().toHex().toUpperCase());
  assert.match(error.hint ?? "", "keyring:");
  assert.is(gpgv(signed, [key]).good, 0);
});

test("a changed text, also beside a good signature, is an error", async () => {
  const signed = await clearsign(TEXT, [key]);
  const changed = signed.replace("Origin: Test", "Origin: Evil");
  await rejects(verifyClearsigned(changed, ring(key), "test"), "E_DEBIAN_SIGNATURE");
  assert.is(gpgv(changed, [key]).good, 0);
});

test("nothing unsigned may stand around or within", async () => {
  const signed = await clearsign(TEXT, [key]);
  const cases = {
    before: `Suite: evil\n${signed}`,
    behind: `${signed}Suite: evil\n`,
    twice: signed + signed,
    "two texts": signed + (await clearsign("Suite: evil\n", [key])),
    "without its signature": signed.slice(0, signed.indexOf("-----BEGIN PGP SIGNATURE")),
    "cut off": signed.slice(0, -40),
    empty: "",
    unsigned: TEXT,
  };
  for (const [what, text] of Object.entries(cases))
    await rejects(verifyClearsigned(text, ring(key), "test"), "E_DEBIAN_SIGNATURE", what);
});

test("a key that has expired by today does not count, though it was valid when it signed", async () => {
  const old = await makeKey({ date: new Date(Date.now() - 30 * DAY), lifetime: (10 * DAY) / 1000 });
  const signed = await clearsign(TEXT, [old], new Date(Date.now() - 25 * DAY));
  const error = await rejects(verifyClearsigned(signed, ring(old), "test"), "E_DEBIAN_SIGNATURE");
  assert.match(error.message, "not valid today");
  assert.is(gpgv(signed, [old]).good, 0);
  const lasting = await makeKey({ date: new Date(Date.now() - 30 * DAY) });
  const both = await clearsign(TEXT, [old, lasting], new Date(Date.now() - 25 * DAY));
  assert.is(await verifyClearsigned(both, ring(old, lasting), "test"), TEXT);
  assert.is(gpgv(both, [old, lasting]).good, 1);
});

test("a revoked key does not count", async () => {
  const { publicKey } = await openpgp.revokeKey({ key: key.privateKey, format: "object" });
  const signed = await clearsign(TEXT, [key]);
  const revoked = { keys: [publicKey], origin: "test" };
  await rejects(verifyClearsigned(signed, revoked, "test"), "E_DEBIAN_SIGNATURE");
  assert.is(gpgv(signed, [{ ...key, publicKey }]).good, 0);
});

test("detached signatures, armored and binary", async () => {
  const bytes = Buffer.from(TEXT);
  const message = await openpgp.createMessage({ binary: bytes });
  const options = { message, signingKeys: key.privateKey, detached: true, date: new Date(Date.now() - 1000) } as const;
  const armored = Buffer.from(await openpgp.sign(options));
  const binary = await openpgp.sign({ ...options, format: "binary" });
  await verifyDetached(bytes, armored, ring(key), "test");
  await verifyDetached(bytes, binary, ring(key), "test");
  await rejects(verifyDetached(Buffer.from("other"), binary, ring(key), "test"), "E_DEBIAN_SIGNATURE");
  await rejects(verifyDetached(bytes, binary, ring(other), "test"), "E_DEBIAN_SIGNATURE");
  await rejects(verifyDetached(bytes, Buffer.from("nonsense"), ring(key), "test"), "E_DEBIAN_SIGNATURE");
});

test("keyrings: armored, binary, several blocks, inline, by fingerprint, from the host's folders", async () => {
  const root = tmp();
  const armored = join(root, "armored.asc");
  const binary = join(root, "binary.gpg");
  writeFileSync(armored, `text before\n${key.publicKey.armor()}\n${other.publicKey.armor()}`);
  writeFileSync(binary, Buffer.concat([key.publicKey.write(), other.publicKey.write()]));
  const prints = async (loading: Promise<Keyring>) =>
    (await loading).keys.map((one) => one.getFingerprint()).toSorted();
  const both = [key, other].map((one) => one.publicKey.getFingerprint()).toSorted();
  assert.equal(await prints(loadKeyring([armored], {}, root)), both);
  assert.equal(await prints(loadKeyring([binary], {}, root)), both);
  assert.equal(
    await prints(loadKeyring(undefined, { signedBy: { kind: "files", files: ["/binary.gpg"] } }, root)),
    both,
  );
  const one = [key.publicKey.getFingerprint()];
  assert.equal(
    await prints(loadKeyring(undefined, { signedBy: { kind: "inline", armored: `\n${key.publicKey.armor()}` } }, root)),
    one,
  );

  // Debian's own always count where nobody says whose may sign.
  const shipped = await prints(loadKeyring(undefined, {}, root));
  assert.ok(shipped.length > 0);
  put(join(root, "etc/apt/trusted.gpg.d/a.asc"), key.publicKey.armor());
  put(join(root, "etc/apt/trusted.gpg.d/broken.gpg"), "nonsense");
  put(join(root, "usr/share/keyrings/debian-archive-keyring.gpg"), other.publicKey.write());
  assert.equal(await prints(loadKeyring(undefined, {}, root)), [...both, ...shipped].toSorted());
  const beside = { origin: "beside-host", signedBy: { kind: "files", files: ["/binary.gpg"] } } as const;
  assert.equal(
    await prints(loadKeyring(undefined, beside, root)),
    [...both, other.publicKey.getFingerprint(), ...shipped].toSorted(),
  );
  assert.equal(
    await prints(loadKeyring(undefined, { signedBy: { kind: "fingerprints", fingerprints: one } }, root)),
    one,
  );
  const sub = key.publicKey.subkeys[0]!.getFingerprint();
  assert.equal(
    await prints(loadKeyring(undefined, { signedBy: { kind: "fingerprints", fingerprints: [sub] } }, root)),
    one,
  );
  await rejects(
    loadKeyring(undefined, { signedBy: { kind: "fingerprints", fingerprints: ["0".repeat(40)] } }, root),
    "E_DEBIAN_KEYRING",
  );
});

test("keyrings that are missing, empty, broken or of gpg's own kind are errors that name the option", async () => {
  const root = tmp();
  for (const [name, bytes] of [
    ["empty.gpg", ""],
    ["broken.gpg", "nonsense"],
    ["keybox.gpg", "\0\0\0 \x01\x01\0\x02KBXf"],
    ["no-block.asc", "-----BEGIN PGP\n"],
  ] as const) {
    writeFileSync(join(root, name), bytes, "latin1");
    const error = await rejects(loadKeyring([join(root, name)], {}, root), "E_DEBIAN_KEYRING", name);
    assert.match(error.hint ?? "", "keyring:");
  }
  const error = await rejects(loadKeyring([join(root, "none.gpg")], {}, root), "E_DEBIAN_KEYRING");
  assert.match(error.message, "no such file");
});

function ring(...keys: readonly TestKey[]): Keyring {
  return { keys: keys.map((one) => one.publicKey), origin: "the test's keys" };
}

/** The referee: how many signatures gpgv calls good, and the text it found signed. */
function gpgv(signed: string, keys: readonly TestKey[]): { good: number; text: string | undefined } {
  const tool = requireTool("gpgv");
  const directory = tmp();
  const [keyring, message, output] = ["ring.gpg", "message.asc", "output"].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(keyring, Buffer.concat(keys.map((one) => one.publicKey.write())));
  writeFileSync(message, signed);
  const { stdout } = spawnSync(tool, ["--status-fd", "1", "--keyring", keyring, "--output", output, message], {
    encoding: "utf8",
  });
  const good = stdout.split("\n").filter((line) => line.startsWith("[GNUPG:] GOODSIG")).length;
  return { good, text: good > 0 ? readFileSync(output, "utf8") : undefined };
}

test("a release with masses of signatures is refused before any is verified", async () => {
  const signed = await clearsign(TEXT, Array<TestKey>(17).fill(key));
  const error = await rejects(verifyClearsigned(signed, ring(key), "test"), "E_DEBIAN_SIGNATURE");
  assert.match(error.message, "more than 16 signatures");
  assert.is(await verifyClearsigned(await clearsign(TEXT, Array<TestKey>(16).fill(key)), ring(key), "test"), TEXT);
  const message = await openpgp.createMessage({ text: TEXT });
  const detached = await openpgp.sign({
    message,
    signingKeys: Array<openpgp.PrivateKey>(17).fill(key.privateKey),
    detached: true,
  });
  const wrong = verifyDetached(Buffer.from(TEXT), Buffer.from(detached), ring(key), "test");
  assert.match((await rejects(wrong, "E_DEBIAN_SIGNATURE")).message, "more than 16 signatures");
});

test.run();
