import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as assert from "uvu/assert";
import { ImageDslError } from "../../../../core/error.ts";
import { readAptSources } from "../../../../plugins/debian/fetch/sources-list.ts";
import { suite, tmp } from "../../../harness.ts";

const test = suite("debian/fetch/sources-list");

test("a host without apt has no sources", async () => {
  assert.equal(await readAptSources(tmp()), []);
});

test("one-line style: comments, blanks, what is no binary source or lies on a cdrom", async () => {
  const root = host({
    "etc/apt/sources.list": [
      "# a comment",
      "deb http://m.example/debian/ bookworm main contrib # and another",
      "deb-src http://m.example/debian bookworm main",
      "",
      "\tdeb   [ arch=amd64,arm64 signed-by=/k/a.gpg,/k/b.asc trusted=yes check-valid-until=no lang=none ]\thttps://s.example/x#y bookworm-security main",
      "deb [arch+=i386] copy:///srv/mirror ./",
      "deb cdrom:[Debian 12]/ bookworm main",
    ].join("\n"),
  });
  const sources = await readAptSources(root);
  assert.equal(
    sources.map(({ uris, place }) => [uris[0], place.line]),
    [
      ["http://m.example/debian", 2],
      ["https://s.example/x#y", 5],
      ["copy:///srv/mirror", 6],
    ],
  );
  assert.is(sources[2]?.architectures, undefined);
});

test("one-line style gives all fields", async () => {
  const root = host({
    "etc/apt/sources.list": [
      "deb http://m.example/debian/ bookworm main contrib # comment",
      "deb [ arch=amd64,arm64 signed-by=/k/a.gpg,/k/b.asc trusted=yes check-valid-until=no ] https://s.example/x bookworm-security main",
      "deb tor+http://m.example/debian bookworm main",
      "deb copy:/srv/mirror/ ./",
    ].join("\r\n"),
  });
  const file = join(root, "etc/apt/sources.list");
  assert.equal(await readAptSources(root), [
    {
      uris: ["http://m.example/debian"],
      suites: ["bookworm"],
      components: ["main", "contrib"],
      place: { file, line: 1 },
    },
    {
      uris: ["https://s.example/x"],
      suites: ["bookworm-security"],
      components: ["main"],
      architectures: ["amd64", "arm64"],
      signedBy: { kind: "files", files: ["/k/a.gpg", "/k/b.asc"] },
      trusted: true,
      checkValidUntil: false,
      place: { file, line: 2 },
    },
    { uris: ["copy:/srv/mirror"], suites: ["./"], components: [], place: { file, line: 4 } },
  ]);
});

test("deb822 style: several values, comments between fields, an inline key, disabled stanzas", async () => {
  const root = host({
    "etc/apt/sources.list.d/debian.sources": [
      "# first",
      "Types: deb deb-src",
      "# http://old.example/",
      "URIs: http://m.example/debian http://n.example/debian/",
      "Suites: bookworm",
      "  bookworm-updates",
      "components: main contrib",
      "Architectures: amd64",
      "Signed-By:",
      " -----BEGIN PGP PUBLIC KEY BLOCK-----",
      " .",
      " abc",
      " -----END PGP PUBLIC KEY BLOCK-----",
      "",
      "Types: deb",
      "Enabled: no",
      "URIs: http://off.example",
      "Suites: bookworm",
      "",
      "Types: deb-src",
      "URIs: http://src.example",
      "Suites: bookworm",
      "",
      "Types: deb",
      "URIs: http://f.example",
      "Suites: bookworm-security",
      "Components: main",
      "Signed-By: 0123456789ABCDEF0123456789ABCDEF01234567!",
      "Trusted: no",
      "",
    ].join("\n"),
    "etc/apt/sources.list.d/ignored name.list": "nonsense",
    "etc/apt/sources.list.d/x.list.disabled": "nonsense",
    "etc/apt/sources.list.d/z.list": "deb http://z.example z main",
    "etc/apt/sources.list": "deb http://first.example s main",
  });
  const sources = await readAptSources(root);
  assert.equal(
    sources.map(({ uris }) => uris[0]),
    ["http://first.example", "http://m.example/debian", "http://f.example", "http://z.example"],
  );
  const [, debian, byFingerprint] = sources;
  assert.equal(debian?.uris, ["http://m.example/debian", "http://n.example/debian"]);
  assert.equal(debian?.suites, ["bookworm", "bookworm-updates"]);
  assert.equal(debian?.components, ["main", "contrib"]);
  assert.equal(debian?.architectures, ["amd64"]);
  assert.equal(debian?.signedBy, {
    kind: "inline",
    armored: "\n-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nabc\n-----END PGP PUBLIC KEY BLOCK-----",
  });
  assert.is(debian?.place.line, 2);
  assert.equal(byFingerprint?.signedBy, {
    kind: "fingerprints",
    fingerprints: ["0123456789abcdef0123456789abcdef01234567"],
  });
  assert.is(byFingerprint?.trusted, false);
});

const BAD: readonly (readonly [string, string, string, number])[] = [
  ["an unknown type", "a.list", "\nrpm http://x.example a b", 2],
  ["a line without suite", "a.list", "deb http://x.example", 1],
  ["an option without value", "a.list", "deb [trusted] http://x.example a b", 1],
  ["a flag that is no word for yes or no", "a.list", "deb [trusted=maybe] http://x.example a b", 1],
  ["a Signed-By that is nothing known", "a.list", "deb [signed-by=key.gpg] http://x.example a b", 1],
  ["a stanza without Suites", "a.sources", "\n\nTypes: deb\nURIs: http://x.example\n", 3],
  ["a line that is no field", "a.sources", "Types: deb\nwhat is this\n", 2],
  ["a continuation of nothing", "a.sources", " deb\n", 1],
];

for (const [what, name, text, line] of BAD) {
  test(`${what} is an error with file and line`, async () => {
    const root = host({ [`etc/apt/sources.list.d/${name}`]: text });
    const error = await rejects(readAptSources(root));
    assert.is(error.code, "E_DEBIAN_SOURCES");
    assert.match(error.hint ?? "", "mirror");
    assert.equal(error.place, { file: join(root, "etc/apt/sources.list.d", name), line });
  });
}

function host(files: Record<string, string>): string {
  const root = tmp();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

async function rejects(promise: Promise<unknown>): Promise<ImageDslError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ImageDslError) return error;
    throw error;
  }
  throw new Error("Nothing was thrown");
}

test.run();
