import * as assert from "uvu/assert";
import { globMatcher, treePath } from "../../../core/index.ts";
import { suite } from "../../harness.ts";

const test = suite("tree/glob");

const TABLE: readonly (readonly [glob: string, matching: readonly string[], other: readonly string[]])[] = [
  ["etc", ["etc", "etc/passwd", "etc/a/b"], ["etcetera", "usr/etc"]],
  ["/etc/*.conf", ["etc/a.conf", "etc/.conf"], ["etc/a/b.conf", "etc/aconf"]],
  ["**/*.so", ["a.so", "usr/lib/b.so", "b.so/inside"], ["a.so.1"]],
  ["usr/**/bin", ["usr/bin", "usr/local/bin", "usr/a/b/bin/x"], ["usr/binary"]],
  ["usr/**", ["usr/a", "usr/a/b"], ["usr2"]],
  ["lib?/x", ["lib6/x"], ["lib/x", "lib64/x", "lib//x"]],
  ["lib{,32,64}/ld*", ["lib/ld.so", "lib64/ld"], ["libx32/ld"]],
  ["[a-c]/[!x]", ["a/b", "c/y"], ["d/b", "a/x"]],
  ["a\\*b", ["a*b"], ["axb"]],
  ["{a,{b,c}d,}/*{.x,}", ["a/y.x", "bd/y", "cd/y.x/z"], ["b/y", "d/y"]],
  ["{a,b,**/c}", ["a", "b/x", "c", "x/y/c"], ["ab", "xc"]],
  ["x**/y", ["xa/y", "xa/b/y", "xy", "xy/z"], ["x/y"]],
  ["[z-a]", [], ["z", "a", "-"]],
  ["[a-]/[]x]", ["-/x", "a/]"], ["b/x"]],
  ["é*", ["été"], ["ete"]],
  ["a+(b).$", ["a+(b).$"], ["aab"]],
];
for (const [glob, matching, other] of TABLE) {
  test(`"${glob}"`, () => {
    const matches = globMatcher([glob]);
    for (const path of matching) assert.ok(matches(treePath(path)), path);
    for (const path of other) assert.not.ok(matches(treePath(path)), path);
  });
}

test("an unclosed bracket is an error", () => {
  assert.throws(() => globMatcher(["a[b"]), /opens a "\["/);
  assert.throws(() => globMatcher(["a{b"]), /opens a "\{"/);
});

test("a pattern of very many braces is refused at once", () => {
  // Found by the fuzzer: what stands before a brace was copied for each.
  for (const glob of ["**/{a,b}".repeat(8000), `${"{a".repeat(20_000)}${"}".repeat(20_000)}`]) {
    const { user } = process.cpuUsage();
    assert.throws(() => globMatcher([glob]), /is longer than any path/);
    assert.ok((process.cpuUsage().user - user) / 1000 < 1000);
  }
});

test("a pattern of many stars takes no longer than another one", () => {
  const matches = globMatcher([`**/${"*a".repeat(200)}b`, `${"**/".repeat(200)}b`]);
  assert.not.ok(matches(treePath(`${"a".repeat(250)}/`.repeat(16).slice(0, -1))));
});

test.run();
