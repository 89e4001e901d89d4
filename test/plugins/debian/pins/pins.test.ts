import * as assert from "uvu/assert";
import { checkedAnswer } from "../../../../core/lock/answer.ts";
import { isRecord, type Json } from "../../../../core/model/json.ts";
import { pinsJson, pinsSchema, type PinnedPackage, type Pins } from "../../../../plugins/debian/pins/pins.ts";
import { suite } from "../../../harness.ts";

const test = suite("debian/pins");

const SHA256 = { algorithm: "SHA256", hex: "a".repeat(64) } as const;
const SHA512 = { algorithm: "SHA512", hex: "b".repeat(128) } as const;

function pin(name: string, checksum: PinnedPackage["checksum"] = SHA256): PinnedPackage {
  return {
    id: `debian:amd64/${name}=1`,
    name,
    version: "1",
    architecture: "amd64",
    archive: "bookworm/main",
    filename: `pool/${name}`,
    size: 1,
    checksum,
    depends: [],
    preDepends: [],
    replaces: [],
    reason: "requested",
  };
}

const PINS: Pins = {
  suites: [{ name: "bookworm", signed: true }],
  packages: [pin("one"), pin("two", SHA512)],
  accounts: pin("base-passwd"),
};

function refusal(answer: Json): string {
  let said = "";
  const refused = (why: string): Error => {
    said = why;
    return new Error(why);
  };
  assert.throws(() => checkedAnswer(pinsSchema, answer, refused));
  return said;
}

function parsePins(answer: Json): Pins {
  return checkedAnswer(pinsSchema, answer, (why) => new Error(why));
}

test("what the lock holds is what was pinned, whichever checksum a package has", () => {
  const written = JSON.parse(JSON.stringify(pinsJson(PINS))) as Json;
  assert.equal(parsePins(written), PINS);
  assert.match(JSON.stringify(written), `"sha256":"sha256:${SHA256.hex}"`);
  assert.match(JSON.stringify(written), `"sha512":"sha512:${SHA512.hex}"`);
});

test("a package without a checksum, or with one that is none, is damaged", () => {
  const json = pinsJson(PINS);
  const without = { ...asObject(json), packages: [{ ...asObject(pinOfOne(json)), sha256: undefined }] };
  assert.match(refusal(JSON.parse(JSON.stringify(without)) as Json), /^packages\.0: Expected its sha256/);
  for (const sha256 of ["md5:00", SHA256.hex, `sha256:${SHA512.hex}`]) {
    const bad = { ...asObject(json), accounts: { ...asObject(pinOfOne(json)), sha256 } };
    assert.match(refusal(bad as Json), /^accounts\.sha256: Expected sha256: and 64 digits/);
  }
});

test("an entry of more packages than any desktop has is refused", () => {
  const many = (count: number) => ({ ...PINS, packages: Array.from({ length: count }, (_, i) => pin(`p${i}`)) });
  assert.is(parsePins(pinsJson(many(10_000))).packages.length, 10_000);
  assert.match(refusal(pinsJson(many(10_001))), /^packages: .*more than 10000 packages \(--limit lock\.packages=20000/);
});

function asObject(json: Json): Readonly<Record<string, Json>> {
  assert.ok(isRecord(json));
  return json as Readonly<Record<string, Json>>;
}

function pinOfOne(json: Json): Json {
  return (asObject(json)["packages"] as readonly Json[])[0]!;
}

test.run();
