// @runtimes node
/** Patterns of the loader's configuration, against the shell's own. */
import { execFileSync } from "node:child_process";
import fc from "fast-check";
import * as assert from "uvu/assert";
import { ticks } from "../../../core/host.ts";
import { componentMatcher } from "../../../plugins/ldconfig/file-pattern.ts";
import { requireTool, suite } from "../../harness.ts";

const test = suite("ldconfig/file-pattern");

/** `case` of dash uses fnmatch(3)'s rules, but for the leading dot. */
function shellSays(cases: readonly (readonly [pattern: string, name: string])[]): readonly boolean[] {
  const script = `while [ $# -gt 0 ]; do case $2 in $1) echo y;; *) echo n;; esac; shift 2; done`;
  const out = execFileSync(requireTool("bash"), ["--norc", "-c", script, "sh", ...cases.flat()], {
    encoding: "utf8",
    env: { LC_ALL: "C" },
  });
  return out
    .trim()
    .split("\n")
    .map((line) => line === "y");
}

test("patterns match what the shell's match", () => {
  const pieces = fc.constantFrom(
    "a",
    "b",
    "-",
    "*",
    "?",
    "[ab]",
    "[!a]",
    "[a-c]",
    "[z-a]",
    "[]a]",
    "[a",
    "]",
    "\\*",
    "**",
    "[[:alpha:]]",
  );
  const pattern = fc.array(pieces, { maxLength: 6 }).map((parts) => parts.join(""));
  const name = fc
    .array(fc.constantFrom("a", "b", "c", "-", "*", "]", "[", "z"), { maxLength: 6 })
    .map((parts) => parts.join(""));
  const cases = fc.sample(fc.tuple(pattern, name), { numRuns: 1500, seed: 7 });
  const expected = shellSays(cases);
  for (const [index, [glob, text]] of cases.entries())
    assert.is(componentMatcher(glob)(text), expected[index], `${glob} of ${text}`);
});

test("a leading dot is matched by a dot alone", () => {
  for (const glob of ["*", "?a", "[.]a", "[!b]a"]) assert.not.ok(componentMatcher(glob)(".a"), glob);
  for (const glob of [".*", ".a", "\\.a"]) assert.ok(componentMatcher(glob)(".a"), glob);
});

test("no pattern takes longer than name times pattern", () => {
  const begun = ticks();
  const name = "a".repeat(255);
  for (const glob of [`${"*a".repeat(120)}*b`, `${"*?".repeat(120)}b`, `${"*[a]".repeat(120)}[z-a]`])
    for (let round = 0; round < 100; round++) assert.not.ok(componentMatcher(glob)(name));
  assert.ok(ticks() - begun < 5000);
});

test.run();
