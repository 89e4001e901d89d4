import { join } from "node:path";
import * as assert from "uvu/assert";
import { openLock, type LockOptions } from "../../../../core/lock/lock-file.ts";
import { digestOf, hexOf } from "../../../../core/model/digest.ts";
import { earlierPins } from "../../../../plugins/debian/pins/earlier-pins.ts";
import {
  pinsJson,
  requestJson,
  type PinRequest,
  type PinnedPackage,
  type PinnedSuite,
} from "../../../../plugins/debian/pins/pins.ts";
import { suite, tmp } from "../../../harness.ts";

const test = suite("debian/earlier-pins");

const REQUEST: PinRequest = {
  target: "t",
  place: 0,
  suite: "bookworm",
  architecture: "amd64",
  packages: ["a"],
  components: ["main"],
  recommends: false,
  essential: false,
  exclude: [],
};
const OLD: PinnedSuite = { name: "bookworm", date: "Sat, 01 Nov 2025 00:00:00 UTC", signed: true };
const NEW: PinnedSuite = { name: "bookworm", date: "Sun, 02 Nov 2025 00:00:00 UTC", signed: true };

type Row = readonly [request: Partial<PinRequest>, versions: Readonly<Record<string, string>>, suite?: PinnedSuite];

/** A saved lock with these entries, read again. */
async function lockOf(rows: readonly Row[], options: Partial<LockOptions> = {}) {
  const file = join(tmp(), "image.lock.json");
  const writing = await openLock({ file, frozen: false, update: undefined });
  for (const [request, versions, from = OLD] of rows) {
    const packages = Object.entries(versions).map(([name, version]) => pin(name, version));
    const answer = pinsJson({ suites: [from], packages, accounts: pin("base-passwd", "1") });
    writing.write("debian", "t", requestJson({ ...REQUEST, ...request }), answer);
  }
  await writing.save(false);
  return openLock({ file, frozen: false, update: undefined, ...options });
}

function pin(name: string, version: string): PinnedPackage {
  return {
    id: `debian:amd64/${name}=${version}`,
    name,
    version,
    architecture: "amd64",
    archive: "bookworm/main",
    filename: `pool/${name}`,
    size: 1,
    checksum: { algorithm: "SHA256", hex: hexOf(digestOf(name)) },
    depends: [],
    preDepends: [],
    replaces: [],
    reason: "asked for",
  };
}

const asked = (...packages: string[]): Partial<PinRequest> => ({ packages });

test("of requests that were given up, the highest version is kept, whatever their keys are", async () => {
  // Twelve requests in a row: with one of them last in the order of keys, no order but that of versions can be right.
  const versions = ["1.0", "1.9", "1.10", "1.2"];
  for (let shift = 0; shift < 12; shift++) {
    const rows = versions.map((version, index): Row => [asked("a", `x${shift}`, `y${index}`), { liba: version }]);
    const { prefer, held } = earlierPins(REQUEST, await lockOf(rows));
    assert.is(prefer.get("liba"), "1.10");
    assert.is(held.get("liba"), "1.10");
  }
});

test("what was pinned or replaced since is seen", async () => {
  const lock = await lockOf([[asked("x"), { liba: "1.0" }]]);
  const liba = () => earlierPins(REQUEST, lock).prefer.get("liba");
  const write = (request: Partial<PinRequest>, version: string) =>
    lock.write(
      "debian",
      "t",
      requestJson({ ...REQUEST, ...request }),
      pinsJson({ suites: [OLD], packages: [pin("liba", version)], accounts: pin("base-passwd", "1") }),
    );
  assert.is(liba(), "1.0");
  write(asked("y"), "3.0");
  assert.is(liba(), "3.0");
  write(asked("y"), "2.0");
  assert.is(liba(), "2.0");
});

test("the request's own pins win, and what is renewed is not kept", async () => {
  const rows: Row[] = [
    [{}, { liba: "1.0", libb: "1.0" }],
    [asked("a", "b"), { liba: "2.0", libc: "2.0" }],
  ];
  const all = earlierPins(REQUEST, await lockOf(rows, { update: "libb" }));
  assert.equal(Object.fromEntries(all.prefer), { liba: "1.0", libc: "2.0", "base-passwd": "1" });
  assert.equal(Object.fromEntries(all.held), { liba: "1.0", libb: "1.0", libc: "2.0", "base-passwd": "1" });
  const renewed = earlierPins(REQUEST, await lockOf(rows, { update: "t" }));
  assert.is(renewed.prefer.size, 0);
  assert.is(renewed.held.get("liba"), "1.0");
});

test("other targets' versions are kept, but their state of the archive is not this source's", async () => {
  const rows: Row[] = [
    [{ target: "other" }, { liba: "1.0" }, NEW],
    [{ place: 1 }, { libb: "1.0" }, NEW],
    [asked("c"), { libc: "1.0" }, OLD],
    [{ suite: "trixie" }, { libd: "1.0" }, NEW],
    [{ architecture: "arm64" }, { libe: "1.0" }, NEW],
  ];
  const { prefer, held, suites } = earlierPins(REQUEST, await lockOf(rows));
  assert.equal([...prefer.keys()].toSorted(), ["base-passwd", "liba", "libb", "libc"]);
  assert.equal([...held.keys()].toSorted(), ["base-passwd", "libc"]);
  assert.equal([...suites], [["bookworm", OLD.date]]);
});

test("the newest date of each suite counts", async () => {
  const undated: PinnedSuite = { name: "bookworm", signed: false };
  for (const order of [
    [OLD, NEW, undated],
    [undated, NEW, OLD],
    [NEW, undated, OLD],
  ]) {
    const rows = order.map((each, index): Row => [asked(`a${index}`), { liba: "1" }, each]);
    assert.equal([...earlierPins(REQUEST, await lockOf(rows)).suites], [["bookworm", NEW.date]]);
  }
});

test.run();
