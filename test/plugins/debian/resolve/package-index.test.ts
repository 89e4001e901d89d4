import * as assert from "uvu/assert";
import { newestOf, packageIndex } from "../../../../plugins/debian/resolve/package-index.ts";
import { suite } from "../../../harness.ts";
import { ordersOf, stanza, universe } from "./universe.ts";

const test = suite("debian/package-index");

test("the highest version wins, whichever archive and order it is in", () => {
  const old = stanza("a", { Version: "1" });
  const middle = stanza("a", { Version: "1.5" });
  const recent = stanza("a", { Version: "1:0" });
  for (const texts of [
    [`${old}\n${recent}`, middle],
    [`${recent}\n${old}`, middle],
    [middle, `${old}\n\n\n${recent}`],
  ]) {
    const index = packageIndex(
      texts.map((text, number) => ({ text, archive: `archive ${number}` })),
      "amd64",
    );
    assert.is(newestOf(index, "a")?.version, "1:0");
    assert.equal(
      index.packages.get("a")?.map(({ version }) => version),
      ["1:0", "1.5", "1"],
    );
  }
});

test("of one version in two archives, the first archive's is taken", () => {
  const index = packageIndex(
    [
      { text: stanza("a", { Filename: "pool/z-first.deb" }), archive: "main" },
      { text: stanza("a", { Filename: "pool/a-second.deb" }), archive: "security" },
    ],
    "amd64",
  );
  const record = newestOf(index, "a");
  assert.ok(record);
  assert.is(index.packages.get("a")?.length, 1);
  assert.is(index.archives[record.archive], "main");
  assert.is(index.stanzaOf(record).get("filename"), "pool/z-first.deb");
});

test("only the own architecture and `all` are taken", () => {
  const text = universe({
    own: { Architecture: "arm64" },
    all: { Architecture: "all" },
    foreign: { Architecture: "amd64" },
  });
  const index = packageIndex([{ text, archive: "main" }], "arm64");
  assert.equal(Array.from(index.packages.keys()), ["all", "own"]);
});

test("the order of the stanzas is nowhere to be seen, not even where two give one version", () => {
  const stanzas = [
    stanza("b", { Provides: "x" }),
    stanza("a", { Version: "1-0", Provides: "x (= 3)" }),
    stanza("a", { Version: "1", Provides: "x (= 2), y" }),
    stanza("a", { Version: "1", Provides: "x (= 1)" }),
    stanza("a", { Version: "2", Provides: "x (= 4)" }),
  ];
  for (const order of ordersOf(stanzas)) {
    const index = packageIndex([{ text: order.join("\n"), archive: "main" }], "amd64");
    const versions = Array.from(index.packages, ([name, records]) => [name, ...records.map(({ version }) => version)]);
    assert.equal(versions, [
      ["a", "2", "1", "1-0"],
      ["b", "1"],
    ]);
    const provisions = Array.from(index.provisions, ([name, list]) => [name, ...list.map(({ version }) => version)]);
    assert.equal(provisions, [["x", "4", "1", "3", undefined]]);
  }
});

test("bytes and byte strings give the same, in any case of the field names, with folded fields", () => {
  const text =
    "PACKAGE: a\nversion: 1\nArchitecture:all\nPROVIDES: x (= 2),\n y,\n z:any\nEssential: yes\nPriority: required\nDescription: Zoë\n Package: b\n";
  const indexes = [
    packageIndex([{ text: Buffer.from(text), archive: "main" }], "amd64"),
    packageIndex([{ text: Buffer.from(text).toString("latin1"), archive: "main" }], "amd64"),
  ];
  for (const index of indexes) {
    const record = newestOf(index, "a");
    assert.ok(record?.essential);
    assert.is(record.priority, 1);
    assert.equal(
      Array.from(index.provisions, ([name, [provision]]) => [name, provision?.version, provision?.qualifier]),
      [
        ["x", "2", undefined],
        ["y", undefined, undefined],
        ["z", undefined, "any"],
      ],
    );
    assert.is(Buffer.from(index.stanzaOf(record).get("Description") ?? "", "latin1").toString(), "Zoë\n Package: b");
    assert.equal(Array.from(index.packages.keys()), ["a"]);
  }
});

test("stanzas without what every package has are refused, with archive and place", () => {
  const good = stanza("good");
  const damaged: readonly [string, RegExp][] = [
    ["Version: 1\nArchitecture: amd64\n", /Package field/],
    ["Package: a\nArchitecture: amd64\n", /Version field/],
    ["Package: a\nVersion: 1\n", /Architecture field/],
    ["Package: ../a\nVersion: 1\nArchitecture: amd64\n", /Package field: "..\/a"/],
    ["Package: a\nVersion: 1 2\nArchitecture: amd64\n", /Version field: "1 2"/],
    ["Package: a\nVersion: 1\nVersion: 2\nArchitecture: amd64\n", /twice/],
  ];
  for (const [text, problem] of damaged) {
    const make = (): unknown => packageIndex([{ text: `${good}\n${text}`, archive: "bookworm/main" }], "amd64");
    assert.throws(make, problem);
    assert.throws(make, new RegExp(`byte ${good.length + 1} of "bookworm/main"`));
  }
});

test("names are met in the archive's order, however the text is shuffled", () => {
  const stanzas = [
    stanza("alpha", { Source: "zoo (2)", Depends: "late" }),
    stanza("beta", { Depends: "early | alpha:any, middle (>= 1)" }),
    stanza("late"),
    stanza("early"),
    stanza("middle"),
  ];
  for (const order of [stanzas, stanzas.toReversed()]) {
    const index = packageIndex([{ text: order.join("\n"), archive: "main" }], "amd64");
    const names = ["late", "middle", "alpha", "early", "beta"].toSorted(index.compareMentions);
    // beta names two; early, late and middle come next by their own names; alpha's source is zoo.
    assert.equal(names, ["beta", "early", "middle", "late", "alpha"]);
  }
});

test.run();
