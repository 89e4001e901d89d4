import fc from "fast-check";
import * as assert from "uvu/assert";
import { ImageDslError } from "../../../../core/index.ts";
import { alternativesText, parseRelations } from "../../../../plugins/debian/resolve/dependency.ts";
import { suite } from "../../../harness.ts";

const test = suite("debian/dependency");

const texts = (field: string, architecture = "amd64"): readonly string[] =>
  parseRelations(field, architecture, "a package").map(alternativesText);

test("groups, alternatives, versions and qualifiers are read, however they are spaced", () => {
  assert.equal(texts("libc6 (>= 2.36), python3:any(>=3.11~)|python3.11 ,\n awk:native, perl:arm64 ( << 5 ) ,"), [
    "libc6 (>= 2.36)",
    "python3:any (>= 3.11~) | python3.11",
    "awk:native",
    "perl:arm64 (<< 5)",
  ]);
  assert.equal(texts(""), []);
});

test("the old forms of two operators mean what dpkg takes them for", () => {
  assert.equal(texts("a (< 1), b (> 2)"), ["a (<= 1)", "b (>= 2)"]);
});

test("restrictions to architectures drop what does not apply", () => {
  const field = "a [amd64 i386], b [!amd64] | c, d [any-amd64], e [linux-any], f [!arm64 !i386] | g [hurd-any]";
  assert.equal(texts(field), ["a", "c", "d", "e", "f"]);
  assert.equal(texts(field, "arm64"), ["b | c", "e"]);
  assert.equal(texts("x [hurd-any]", "hurd-i386"), ["x"]);
});

test("build profiles are read over", () => {
  assert.equal(texts("a <!nocheck> <cross stage1>, b (>= 1) [amd64] <stage1>"), ["a", "b (>= 1)"]);
});

test("malformed relations are refused", () => {
  for (const bad of [
    "a b",
    "a (1)",
    "a (>= )",
    "a (== 1)",
    "a |",
    "a | | b",
    "(>= 1)",
    "a (>= 1",
    "ä",
    "a:",
    "../a",
    "a (= 1_2)",
  ]) {
    try {
      texts(bad);
    } catch (error) {
      assert.instance(error, ImageDslError);
      assert.is((error as ImageDslError).code, "E_DEBIAN_METADATA", bad);
      continue;
    }
    assert.unreachable(`"${bad}" was taken`);
  }
});

test("what is read and written again is the same", () => {
  const relation = fc
    .record({
      name: fc.stringMatching(/^[a-z0-9][a-z0-9+.-]{1,8}$/),
      qualifier: fc.option(fc.constantFrom("any", "native", "arm64")),
      constraint: fc.option(fc.tuple(fc.constantFrom("<<", "<=", "=", ">=", ">>"), fc.constantFrom("1", "2:3~a-1+b2"))),
    })
    .map(
      ({ name, qualifier, constraint }) =>
        `${name}${qualifier === null ? "" : `:${qualifier}`}${constraint === null ? "" : ` (${constraint.join(" ")})`}`,
    );
  const group = fc.array(relation, { minLength: 1, maxLength: 4 }).map((alternatives) => alternatives.join(" | "));
  fc.assert(fc.property(fc.array(group), (groups) => assert.equal(texts(groups.join(", ")), groups)));
});

test.run();
