import * as assert from "uvu/assert";
import { ImageDslError } from "../../../../core/error.ts";
import {
  locateSuites,
  type ArchivePlace,
  type LocateOptions,
  type SuiteLocation,
} from "../../../../plugins/debian/fetch/locate.ts";
import type { AptSource } from "../../../../plugins/debian/fetch/apt-source.ts";
import { indexPaths } from "../../../../plugins/debian/fetch/packages-file.ts";
import { checkFresh, checkNotOlder, checkSuite, parseRelease } from "../../../../plugins/debian/fetch/release.ts";
import { joinUrl } from "../../../../plugins/debian/fetch/transport.ts";
import { suiteFile } from "../../../../plugins/debian/suite-path.ts";
import { suite } from "../../../harness.ts";

const test = suite("debian/fetch/release");

const A = "a".repeat(64);
const B = "b".repeat(64);
const HEAD =
  "Origin: Debian\nSuite: stable\nCodename: x\nArchitectures: all amd64\nComponents: main updates/contrib\nAcquire-By-Hash: yes\n";

test("fields and files are read", () => {
  const release = parseRelease(`${HEAD}SHA256:\n ${A} 12 main/binary-amd64/Packages\n ${B}        0 main/x\n`, "test");
  assert.equal(release.architectures, ["all", "amd64"]);
  assert.equal(release.components, ["main", "contrib"]);
  assert.is(release.byHash, true);
  assert.is(release.separateAll, true);
  assert.equal(
    [...release.files],
    [
      ["main/binary-amd64/Packages", { size: 12, checksum: { algorithm: "SHA256", hex: A } }],
      ["main/x", { size: 0, checksum: { algorithm: "SHA256", hex: B } }],
    ],
  );
});

test("a path with ./ is one without, and SHA512 is taken where there is no SHA256", () => {
  const release = parseRelease(`${HEAD}SHA512:\n ${A}${B} 12 ./Packages\n`, "test");
  assert.equal(release.files.get("Packages"), { size: 12, checksum: { algorithm: "SHA512", hex: A + B } });
});

test("packages of all architectures are looked for where the release keeps them apart", () => {
  const body = `SHA256:\n ${A} 1 f\n`;
  const apart = parseRelease(HEAD + body, "test");
  assert.equal(indexPaths(apart, "main", "amd64"), ["main/binary-amd64/Packages", "main/binary-all/Packages"]);
  const together = parseRelease(`${HEAD}No-Support-for-Architecture-all: Packages\n${body}`, "test");
  assert.equal(indexPaths(together, "main", "amd64"), ["main/binary-amd64/Packages"]);
});

for (const [what, text] of [
  ["no hashes", HEAD],
  ["only weak hashes", `${HEAD}MD5Sum:\n ${"a".repeat(32)} 1 f\n`],
  ["hashes of SHA512's name and SHA256's length", `${HEAD}SHA512:\n ${A} 1 f\n`],
  ["two stanzas", `${HEAD}SHA256:\n ${A} 1 f\n\nSuite: y\n`],
  ["a field given twice", `${HEAD}Suite: y\nSHA256:\n ${A} 1 f\n`],
  ["a short hash", `${HEAD}SHA256:\n ${A.slice(1)} 1 f\n`],
  ["a hash in upper case", `${HEAD}SHA256:\n ${A.toUpperCase()} 1 f\n`],
  ["a size that is no number", `${HEAD}SHA256:\n ${A} -1 f\n`],
  ["a path that leaves the archive", `${HEAD}SHA256:\n ${A} 1 ../f\n`],
  ["an absolute path", `${HEAD}SHA256:\n ${A} 1 /f\n`],
  ["a file listed twice with two hashes", `${HEAD}SHA256:\n ${A} 1 f\n ${B} 1 f\n`],
  ["nothing", ""],
] as const) {
  test(`${what}: an error`, () => {
    throws(() => parseRelease(text, "test"), "E_DEBIAN_METADATA");
  });
}

test("another release than was asked for is an error that names both", () => {
  const release = parseRelease(`${HEAD}SHA256:\n ${A} 1 f\n`, "test");
  checkSuite(release, "stable", "test");
  checkSuite(release, "x", "test");
  assert.match(throws(() => checkSuite(release, "y", "test"), "E_DEBIAN_SUITE").message, "stable, x");
});

test("a release past its Valid-Until is an error", () => {
  const until = (date: string) => parseRelease(`${HEAD}Valid-Until: ${date}\nSHA256:\n ${A} 1 f\n`, "test");
  checkFresh(until("Sat, 01 Jan 2050 00:00:00 UTC"), "test");
  checkFresh(parseRelease(`${HEAD}SHA256:\n ${A} 1 f\n`, "test"), "test");
  throws(() => checkFresh(until("Sat, 01 Jan 2000 00:00:00 UTC"), "test"), "E_DEBIAN_METADATA");
  throws(() => checkFresh(until("soon"), "test"), "E_DEBIAN_METADATA");
});

const OPTIONS: LocateOptions = { suite: "bookworm", architecture: "amd64" };

test("the host's suites are found by name, with the components asked for", () => {
  const sources = [
    source({ uris: ["http://a.example"], suites: ["bookworm", "bookworm-updates"], components: ["main"] }),
    source({ uris: ["http://a.example"], suites: ["bookworm"], components: ["contrib"] }),
    source({ uris: ["http://s.example"], suites: ["bookworm-security"], components: ["main", "contrib"] }),
    source({ uris: ["http://o.example"], suites: ["trixie", "bookworm-backports"], components: ["main"] }),
    source({ uris: ["http://v.example"], suites: ["bookworm"], components: ["stable"] }),
  ];
  const locations = locateSuites(
    { ...OPTIONS, components: ["main", "contrib", "non-free"] },
    { sources, isDebian: true },
  );
  assert.equal(locations.map(foundOf), [
    { suite: "bookworm", optional: false, places: [{ uri: "http://a.example", components: ["main", "contrib"] }] },
    { suite: "bookworm-updates", optional: false, places: [{ uri: "http://a.example", components: ["main"] }] },
    {
      suite: "bookworm-security",
      optional: false,
      places: [{ uri: "http://s.example", components: ["main", "contrib"] }],
    },
  ]);
});

test("an entry for other architectures does not count", () => {
  const only = source({
    uris: ["http://a.example"],
    suites: ["bookworm"],
    components: ["main"],
    architectures: ["amd64"],
  });
  assert.is(locateSuites(OPTIONS, host(only)).length, 1);
  const error = throws(() => locateSuites({ ...OPTIONS, architecture: "arm64" }, host(only)), "E_DEBIAN_SUITE");
  assert.match(error.message, "arm64");
});

test("a suite that the host lacks is looked for where a Debian host has its own, then at the public archive", () => {
  const only = source({ uris: ["http://a.example"], suites: ["trixie", "trixie-security"], components: ["main"] });
  const places = (isDebian: boolean) =>
    locateSuites(OPTIONS, { sources: [only], isDebian }).map((location) => [
      location.suite,
      location.optional,
      location.places.map(({ uri, origin }) => (origin === "default" ? "default" : uri)),
    ]);
  assert.equal(places(true), [
    ["bookworm", false, ["http://a.example", "default"]],
    ["bookworm-updates", true, ["default"]],
    ["bookworm-security", true, ["http://a.example", "default"]],
  ]);
  // What a derivative has at its own address under a name of Debian's is none of Debian's.
  assert.equal(
    places(false).map(([, , uris]) => uris),
    [["default"], ["default"], ["default"]],
  );
  const bare = locateSuites(OPTIONS, host());
  assert.equal(
    bare.map(({ suite: name }) => name),
    ["bookworm", "bookworm-updates", "bookworm-security"],
  );
  const addresses = bare.map(({ places: [place] }) => place!.uri);
  assert.is(addresses[0], addresses[1]);
  assert.is.not(addresses[0], addresses[2]);
});

test("mirrors: each suite may be at each of them, and only the suite itself must be", () => {
  const locations = locateSuites({ ...OPTIONS, mirror: ["http://a.example/", "http://b.example"] }, host());
  const places = ["http://a.example", "http://b.example"].map((uri) => ({ uri, components: ["main"] }));
  assert.equal(
    locations.map(foundOf),
    ["bookworm", "bookworm-updates", "bookworm-security"].map((name, index) => ({
      suite: name,
      optional: index > 0,
      places,
    })),
  );
  assert.equal(locateSuites({ ...OPTIONS, mirror: "http://a.example" }, host())[0]?.places.length, 1);
});

test("paths become addresses in which nothing is special", () => {
  assert.is(joinUrl("http://a.example/d/", "pool/x_1:2+b~1@=_a.deb"), "http://a.example/d/pool/x_1:2%2Bb~1@=_a.deb");
  assert.is(joinUrl("http://a.example", "a%3a b?c#d/e"), "http://a.example/a%253a%20b%3Fc%23d/e");
});

test("further archives come last, each with what the config says of it alone; a flat one stands by itself", () => {
  const keyring = "own.gpg";
  const archives = [
    { mirror: "https://joe:secret@v.example/debian/", suite: "stable", components: ["x"], keyring, priority: 600 },
    { mirror: "http://f.example/repo", suite: "./" },
  ];
  const own = { mirror: "http://a.example", keyring: "debian.gpg", allowUnsigned: true };
  const locations = locateSuites({ ...OPTIONS, ...own, archives }, host());
  assert.equal(
    locations.slice(0, 3).map(({ keyring: keys, allowUnsigned }) => [keys, allowUnsigned]),
    [1, 2, 3].map(() => [["debian.gpg"], true]),
  );
  const [vendor, flat] = locations.slice(3);
  assert.is(vendor?.label, "https://v.example/debian stable");
  assert.equal([vendor?.keyring, vendor?.allowUnsigned, vendor?.priority], [["own.gpg"], false, 600]);
  assert.equal(vendor?.places.map(placeOf), [{ uri: "https://joe:secret@v.example/debian", components: ["x"] }]);
  assert.equal([flat?.label, flat?.keyring, flat?.allowUnsigned], ["http://f.example/repo ./", undefined, false]);
  assert.is(locateSuites({ ...OPTIONS, suite: "./", mirror: "http://f.example" }, host()).length, 1);
});

test("a flat archive's files lie where its suite says, a release's below dists", () => {
  const files = ["./", "/", "./sub/", "a/b/", "bookworm", "bookworm/vendor/7.0"].map((name) =>
    suiteFile(name, "Release"),
  );
  assert.equal(files, [
    "Release",
    "Release",
    "sub/Release",
    "a/b/Release",
    "dists/bookworm/Release",
    "dists/bookworm/vendor/7.0/Release",
  ]);
});

test("priorities are apt_preferences(5)'s", () => {
  const priority = (fields: string) => parseRelease(`${fields}${HEAD}SHA256:\n ${A} 1 f\n`, "test").priority;
  const priorities = ["", "NotAutomatic: yes\n", "NotAutomatic: yes\nButAutomaticUpgrades: yes\n"].map(priority);
  assert.equal([...priorities, priority("ButAutomaticUpgrades: yes\n")], [500, 1, 100, 500]);
});

/** Whom to trust, and who named the place, is another test's. */
function foundOf({ suite: name, optional, places }: SuiteLocation) {
  return { suite: name, optional, places: places.map(placeOf) };
}

function placeOf({ origin: _origin, namedBy: _namedBy, ...place }: ArchivePlace) {
  return place;
}

function host(...sources: readonly AptSource[]) {
  return { sources, isDebian: true };
}

function source(fields: Omit<AptSource, "place">): AptSource {
  return { ...fields, place: { file: "test.sources", line: 1 } };
}

function throws(body: () => unknown, code: string): ImageDslError {
  try {
    body();
  } catch (error) {
    if (error instanceof ImageDslError && error.code === code) return error;
    throw error;
  }
  throw new Error(`Nothing was thrown, but ${code} should have been`);
}

test("a release that does not say which one it is is an error", () => {
  const nameless = parseRelease(`Origin: Debian\nSHA256:\n ${A} 1 f\n`, "test");
  throws(() => checkSuite(nameless, "x", "test"), "E_DEBIAN_METADATA");
  checkSuite(parseRelease(`Architectures: amd64\nSHA256:\n ${A} 1 f\n`, "test"), "stable", "test", true);
  checkSuite(parseRelease(`${HEAD}SHA256:\n ${A} 1 f\n`, "test"), "stable/vendor/7.0", "test");
});

test("a release from before a known one is an error", () => {
  const of = (date: string) => parseRelease(`${HEAD}${date}SHA256:\n ${A} 1 f\n`, "test");
  const known = "Sat, 01 Nov 2025 00:00:00 UTC";
  checkNotOlder(of(`Date: ${known}\n`), known, "test");
  checkNotOlder(of("Date: Sat, 01 Nov 2025 00:00:01 UTC\n"), known, "test");
  throws(() => checkNotOlder(of("Date: Fri, 31 Oct 2025 23:59:59 UTC\n"), known, "test"), "E_DEBIAN_METADATA");
  throws(() => checkNotOlder(of(""), known, "test"), "E_DEBIAN_METADATA");
  throws(() => of("Date: yesterday\n"), "E_DEBIAN_METADATA");
});

for (const [option, one, other] of [
  ["Signed-By", { signedBy: { kind: "files", files: ["/k/a.gpg"] } }, {}],
  ["Trusted", { trusted: true }, { trusted: false }],
  ["Check-Valid-Until", {}, { checkValidUntil: false }],
] as const) {
  test(`entries for one suite that differ in ${option} are refused, as apt does`, () => {
    const place = { uris: ["http://a.example"], suites: ["bookworm"] };
    const sources = [
      source({ ...place, components: ["main"], ...one }),
      source({ ...place, components: ["contrib"], ...other }),
    ];
    const options = { ...OPTIONS, components: ["main", "contrib"] };
    assert.match(throws(() => locateSuites(options, host(...sources)), "E_DEBIAN_SOURCES").message, option);
    const [first] = sources;
    const [location] = locateSuites(options, host(first!, { ...first!, components: ["contrib"] }));
    assert.equal(location?.places.map(placeOf), [{ uri: "http://a.example", components: ["main", "contrib"], ...one }]);
  });
}

test.run();
