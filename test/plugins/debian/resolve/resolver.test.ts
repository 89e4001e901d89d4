import * as assert from "uvu/assert";
import { ImageDslError } from "../../../../core/index.ts";
import { packageIndex } from "../../../../plugins/debian/resolve/package-index.ts";
import { reasonText, resolveClosure } from "../../../../plugins/debian/resolve/resolver.ts";
import { suite } from "../../../harness.ts";
import { namesOf, ONCE_ORDERED, ordersOf, resolveIn, universe } from "./universe.ts";

const test = suite("debian/resolver");

function failureOf(action: () => unknown): ImageDslError {
  try {
    action();
  } catch (error) {
    if (error instanceof ImageDslError) return error;
    throw error;
  }
  throw new Error("It did not fail");
}

test("a package comes with all that it needs, behind it, and each with its reason", () => {
  const text = universe({
    app: { Depends: "lib (>= 1), tool", "Pre-Depends": "init" },
    lib: { Depends: "base", Replaces: "tool (<< 2), base (<< 1)" },
    tool: { Depends: "lib" },
    init: {},
    base: { Depends: "lib" },
    other: {},
  });
  const { packages, open } = resolveIn(text, ["app"]);
  assert.equal(
    packages.map(({ name, reason }) => `${name}: ${reasonText(reason)}`),
    [
      "init: needed by debian:amd64/app=1 (Pre-Depends: init)",
      "lib: needed by debian:amd64/app=1 (Depends: lib (>= 1))",
      "base: needed by debian:amd64/lib=1 (Depends: base)",
      "tool: needed by debian:amd64/app=1 (Depends: tool)",
      "app: requested",
    ].toSorted((a, b) => order(a) - order(b)),
  );
  function order(line: string): number {
    return ["init", "base", "lib", "tool", "app"].indexOf(line.slice(0, line.indexOf(":")));
  }
  const app = packages.at(-1);
  assert.equal(app, {
    id: "debian:amd64/app=1",
    name: "app",
    version: "1",
    architecture: "amd64",
    archive: "here",
    filename: "pool/app_1.deb",
    size: 100,
    checksum: { algorithm: "SHA256", hex: "0".repeat(64) },
    depends: ["debian:amd64/init=1", "debian:amd64/lib=1", "debian:amd64/tool=1"],
    preDepends: ["debian:amd64/init=1"],
    replaces: [],
    reason: { kind: "requested", request: "app" },
  });
  assert.equal(packages.find(({ name }) => name === "lib")?.replaces, ["debian:amd64/tool=1"]);
  assert.equal(open, []);
});

test("SHA512 is taken where there is no SHA256; a damaged SHA256 is not made good by it", () => {
  const [sha256, sha512] = ["0".repeat(64), "5".repeat(128)];
  const text = universe({ app: {} });
  const alone = text.replace(`SHA256: ${sha256}`, `SHA512: ${sha512}`);
  assert.equal(resolveIn(alone, ["app"]).packages[0]?.checksum, { algorithm: "SHA512", hex: sha512 });
  const both = text.replace(`SHA256: ${sha256}`, `SHA512: ${sha512}\nSHA256: ${sha256}`);
  assert.equal(resolveIn(both, ["app"]).packages[0]?.checksum, { algorithm: "SHA256", hex: sha256 });
  for (const damaged of [both.replace(sha256, sha256.slice(1)), text.replace(/SHA256: .*\n/, "MD5sum: 00\n")]) {
    assert.throws(() => resolveIn(damaged, ["app"]), /no valid Filename, Size and SHA256 or SHA512 of "app"/);
  }
});

test("the first alternative that can be had is taken, and one that is there already before it", () => {
  const text = universe({
    first: { Depends: "missing | broken | good | better" },
    broken: { Depends: "missing" },
    good: {},
    better: {},
    user: { Depends: "better, good | better" },
  });
  assert.equal(namesOf(resolveIn(text, ["first"])), ["first", "good"]);
  assert.equal(namesOf(resolveIn(text, ["first", "better"])), ["better", "first"]);
  assert.equal(namesOf(resolveIn(text, ["user"])), ["better", "user"]);
});

test("an alternative that fails deep down is given up with what it brought", () => {
  const text = universe({
    app: { Depends: "one | two" },
    one: { Depends: "brought, deep" },
    brought: {},
    deep: { Depends: "deeper" },
    deeper: { Depends: "missing" },
    two: {},
  });
  assert.equal(namesOf(resolveIn(text, ["app"])), ["app", "two"]);
});

test("of providers the namesake is taken first, then the essential, then the more important", () => {
  const text = universe({
    app: { Depends: "mta" },
    plain: { Provides: "mta", Priority: "optional" },
    important: { Provides: "mta", Priority: "important" },
    needed: { Provides: "mta", Essential: "yes", Priority: "extra" },
  });
  assert.equal(namesOf(resolveIn(text, ["app"])), ["app", "needed"]);
  assert.equal(namesOf(resolveIn(text, ["app"], { exclude: ["needed"] })), ["app", "important"]);
  const withNamesake = `${text}\n${universe({ mta: { Priority: "extra" } })}`;
  assert.equal(namesOf(resolveIn(withNamesake, ["app"])), ["app", "mta"]);
  const { packages } = resolveIn(text, ["app"]);
  assert.is(
    reasonText(packages[0]?.reason ?? { kind: "essential" }),
    "needed by debian:amd64/app=1 (Depends: mta), as mta",
  );
});

test("a provision without a version fulfils no versioned dependency", () => {
  const text = universe({
    app: { Depends: "api (>= 2)" },
    plain: { Provides: "api" },
    old: { Provides: "api (= 1)" },
    fitting: { Provides: "api (= 2.1)", Priority: "extra" },
  });
  assert.equal(namesOf(resolveIn(text, ["app"])), ["app", "fitting"]);
});

test("multi-arch qualifiers: `:any` takes who allows it, other architectures nobody", () => {
  const text = universe({
    app: { Depends: "python:any" },
    python: { "Multi-Arch": "allowed", Architecture: "amd64" },
    own: { Depends: "data:amd64, data:native" },
    data: { Architecture: "all" },
    strict: { Depends: "data:any" },
    foreign: { Depends: "data:arm64" },
    virtual: { Depends: "interpreter:any" },
    provider: { Provides: "interpreter:any" },
  });
  assert.equal(namesOf(resolveIn(text, ["app"])), ["app", "python"]);
  assert.equal(namesOf(resolveIn(text, ["own"])), ["data", "own"]);
  assert.equal(namesOf(resolveIn(text, ["virtual"])), ["provider", "virtual"]);
  assert.is(failureOf(() => resolveIn(text, ["strict"])).code, "E_DEBIAN_UNSATISFIABLE");
  assert.is(failureOf(() => resolveIn(text, ["foreign"])).code, "E_DEBIAN_UNSATISFIABLE");
});

test("requests name versions and architectures, and virtual packages with one provider", () => {
  const text = universe({
    "a@1": { Version: "1" },
    "a@2": { Version: "2", Depends: "b" },
    b: {},
    only: { Provides: "virtual" },
    x: { Provides: "many" },
    y: { Provides: "many" },
  });
  assert.equal(
    resolveIn(text, ["a=1"]).packages.map(({ id }) => id),
    ["debian:amd64/a=1"],
  );
  assert.equal(namesOf(resolveIn(text, ["a:amd64"])), ["a", "b"]);
  const virtual = resolveIn(text, ["virtual"]).packages[0];
  assert.equal(
    [virtual?.name, virtual?.reason],
    ["only", { kind: "requested", request: "virtual", provides: "virtual" }],
  );

  const failures: readonly [string, RegExp, RegExp][] = [
    ["a=3", /no version "3"/, /There is: 2, 1/],
    ["a:arm64", /architecture amd64/, /:arm64/],
    ["many", /virtual one, and 2 packages/, /x, y/],
    ["onyl", /no package "onyl" for amd64 in here/, /"only"/],
    ["nothing-like-it", /no package/, /"suite"/],
    ["a b", /not a package's name/, /name=version/],
  ];
  for (const [request, message, hint] of failures) {
    const error = failureOf(() => resolveIn(text, [request]));
    assert.is(error.code, "E_DEBIAN_PACKAGE_UNKNOWN");
    assert.match(error.message, message);
    assert.match(error.hint ?? "", hint);
  }
});

test("what nothing fulfils is an error with the chain from the request down", () => {
  const text = universe({
    app: { Depends: "middle" },
    middle: { Depends: "ok, bottom | bottom2" },
    ok: {},
    bottom: { Depends: "lib (>= 2)" },
    lib: {},
  });
  const error = failureOf(() => resolveIn(text, ["app"]));
  assert.is(error.code, "E_DEBIAN_UNSATISFIABLE");
  assert.match(error.message, /"Depends: lib \(>= 2\)" of bottom 1 \(needed by app → middle\)/);
  assert.match(error.message, /the archives have "lib" 1/);
});

test("packages that exclude each other are an error naming both and their chains", () => {
  const text = universe({
    one: { Depends: "a" },
    two: { Depends: "b" },
    a: { Conflicts: "mta" },
    b: { Provides: "mta" },
    breaker: { Breaks: "b (<= 1)" },
    self: { Provides: "mta", Conflicts: "mta, self" },
  });
  const error = failureOf(() => resolveIn(text, ["one", "two"]));
  assert.is(error.code, "E_DEBIAN_CONFLICT");
  assert.match(error.message, /"a" and "b" cannot/);
  assert.match(error.message, /a 1 has "Conflicts: mta", and there is b 1, which provides mta/);
  assert.match(error.message, /a is needed by one, b is needed by two/);
  assert.is(failureOf(() => resolveIn(text, ["breaker", "b"])).code, "E_DEBIAN_CONFLICT");
  assert.equal(namesOf(resolveIn(text, ["self"])), ["self"]);
});

test("where there is a choice, a conflict is avoided", () => {
  const text = universe({
    app: { Depends: "one | two, three" },
    one: {},
    two: {},
    three: { Conflicts: "one" },
  });
  assert.equal(namesOf(resolveIn(text, ["app"])), ["app", "three", "two"]);
});

test("the order of the stanzas never decides what gives way in a conflict", () => {
  for (const { packages, requested, closure } of ONCE_ORDERED) {
    const expected = resolveIn(universe(packages), requested);
    assert.equal(namesOf(expected), closure);
    for (const order of ordersOf(Object.entries(packages))) {
      assert.equal(resolveIn(universe(Object.fromEntries(order)), requested), expected);
    }
  }
});

test("the order of the stanzas never decides which conflict is told", () => {
  const packages = {
    app: { Depends: "shared", Conflicts: "shared" },
    one: { Provides: "shared" },
    two: { Provides: "shared" },
  };
  for (const order of ordersOf(Object.entries(packages))) {
    const error = failureOf(() => resolveIn(universe(Object.fromEntries(order)), ["app"]));
    assert.match(error.message, /^Packages "app" and "one" cannot be in one image/);
  }
});

test("recommended packages come only when asked for, and never make a resolution fail", () => {
  const text = universe({
    app: { Depends: "lib", Recommends: "extra, missing, clash" },
    lib: { Conflicts: "clash" },
    extra: {},
    clash: {},
  });
  assert.equal(namesOf(resolveIn(text, ["app"])), ["app", "lib"]);
  const { packages } = resolveIn(text, ["app"], { recommends: true });
  assert.equal(packages.map(({ name }) => name).toSorted(), ["app", "extra", "lib"]);
  assert.equal(packages.find(({ name }) => name === "app")?.depends, ["debian:amd64/extra=1", "debian:amd64/lib=1"]);
});

test("excluded packages stay away: alternatives step in, else the dependency is left open and said so", () => {
  const text = universe({
    app: { Depends: "heavy | light, only" },
    heavy: {},
    light: {},
    only: { Depends: "more" },
    more: {},
  });
  const closure = resolveIn(text, ["app"], { exclude: ["heavy", "only"] });
  assert.equal(namesOf(closure), ["app", "light"]);
  assert.equal(closure.open, [{ of: "debian:amd64/app=1", relation: "Depends: only" }]);
  assert.is(failureOf(() => resolveIn(text, ["app"], { exclude: ["app"] })).code, "E_DEBIAN_CONFLICT");
});

test("satisfied names count as there in any version, and are not brought in", () => {
  const text = universe({
    app: { Depends: "usrmerge | usr-is-merged (>= 38~)" },
    usrmerge: { Depends: "perl" },
    "usr-is-merged": { Version: "37", Conflicts: "app" },
    perl: {},
  });
  assert.equal(namesOf(resolveIn(text, ["app"])), ["app", "perl", "usrmerge"]);
  assert.equal(namesOf(resolveIn(text, ["app"], { satisfied: ["usr-is-merged"] })), ["app"]);
});

test("essential adds what is essential or required, with its dependencies", () => {
  const text = universe({
    app: {},
    bash: { Essential: "yes", "Pre-Depends": "libc" },
    tar: { Priority: "required" },
    libc: {},
    other: { Priority: "important" },
  });
  const { packages } = resolveIn(text, ["app"], { essential: true });
  assert.equal(packages.map(({ name, reason }) => `${name} ${reason.kind}`).toSorted(), [
    "app requested",
    "bash essential",
    "libc dependency",
    "tar essential",
  ]);
});

test("locked versions are kept while they can be, and given up one by one", () => {
  const text = universe({
    app: { Depends: "lib, util" },
    strict: { Depends: "lib (>= 2)" },
    "lib@1": { Version: "1" },
    "lib@2": { Version: "2" },
    "util@1": { Version: "1" },
    "util@2": { Version: "2" },
  });
  const prefer = new Map([
    ["lib", "1"],
    ["util", "1"],
    ["app", "0.9"],
  ]);
  const ids = (packages: readonly string[]): readonly string[] =>
    resolveIn(text, packages, { prefer })
      .packages.map(({ id }) => id.replace("debian:amd64/", ""))
      .toSorted();
  assert.equal(ids(["app"]), ["app=1", "lib=1", "util=1"]);
  assert.equal(ids(["app", "strict"]), ["app=1", "lib=2", "strict=1", "util=1"]);
  assert.equal(ids(["app", "util=2"]), ["app=1", "lib=1", "util=2"]);
});

test("chains of thousands of packages do not overflow", () => {
  const length = 20_000;
  const packages = Object.fromEntries(
    Array.from({ length }, (_, number) => [`p${number}`, number + 1 < length ? { Depends: `p${number + 1}` } : {}]),
  );
  const closure = resolveIn(universe(packages), ["p0"]);
  assert.is(closure.packages.length, length);
  assert.is(closure.packages[0]?.name, `p${length - 1}`);
  const broken = universe({ ...packages, [`p${length - 1}`]: { Depends: "missing" } });
  const error = failureOf(() => resolveIn(broken, ["p0"]));
  assert.is(error.code, "E_DEBIAN_UNSATISFIABLE");
  assert.match(error.message, /needed by p0 → p1 → .* → \(19983 more\) → .* → p19998\)/);
});

test("a chosen package without a proper place, size or hash is an error; others do not matter", () => {
  for (const fields of [{ Filename: "../a.deb" }, { Filename: "/../a.deb" }, { Size: "-1" }, { SHA256: "abc" }]) {
    const text = universe({ a: fields, b: {} });
    assert.is(failureOf(() => resolveIn(text, ["a"])).code, "E_DEBIAN_METADATA");
    assert.equal(namesOf(resolveIn(text, ["b"])), ["b"]);
  }
});

test("several archives count as one, for any architecture", () => {
  const index = packageIndex(
    [
      {
        text: universe({ app: { Architecture: "riscv64", Depends: "lib" }, lib: { Architecture: "all" } }),
        archive: "main",
      },
      { text: universe({ lib: { Architecture: "riscv64", Version: "1+deb12u1" } }), archive: "security" },
    ],
    "riscv64",
  );
  const { packages } = resolveClosure({
    index,
    packages: ["app"],
    recommends: false,
    exclude: [],
    essential: false,
    prefer: new Map(),
    satisfied: [],
  });
  assert.equal(
    packages.map(({ id, archive }) => `${id} ${archive}`),
    ["debian:riscv64/lib=1+deb12u1 security", "debian:riscv64/app=1 main"],
  );
});

test.run();
