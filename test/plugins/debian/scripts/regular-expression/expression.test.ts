/** The matcher against a slow definition of what leftmost and longest mean, and its promise to be linear. */
import fc from "fast-check";
import * as assert from "uvu/assert";
import { compileExpression } from "../../../../../plugins/debian/scripts/regular-expression/expression.ts";
import { parseExpression } from "../../../../../plugins/debian/scripts/regular-expression/syntax.ts";
import { suite } from "../../../../harness.ts";
import { runs } from "../../../../sampled.ts";
import { referenceSpan } from "../../../../reference/regular-expression.ts";
import { lineText, sample } from "../differential/patterns.ts";

const test = suite("debian/scripts/regular-expression");

const compile = (pattern: string, extended = true, spend: (units: number) => void = () => {}) =>
  compileExpression(pattern, { tool: "sed", extended, spend });

test("a match is the leftmost, and of those the longest", () => {
  fc.assert(
    fc.property(sample, lineText, ({ pattern, extended }, text) => {
      let expression;
      try {
        expression = compile(pattern, extended);
      } catch {
        return;
      }
      const { root } = parseExpression(pattern, { tool: "sed", extended, ignoreCase: false });
      const expected = referenceSpan(root, text);
      const found = expression.find(text);
      assert.equal(found && [found.start, found.end], expected);
      assert.is(expression.test(text), expected !== undefined);
    }),
    { numRuns: runs(1500), seed: 14 },
  );
});

test("the work grows with the text, not with its square", () => {
  for (const pattern of ["(a|a)*b", "(a*)*b", "(a+)+$b", "(.*)(.*)(.*)x", "a{1,200}b", "(a|aa)*(a|aa)*c"]) {
    const workOf = (length: number) => {
      let work = 0;
      const expression = compile(pattern, true, (units) => (work += units));
      assert.not.ok(expression.test("a".repeat(length)));
      assert.is(expression.find(`y${"a".repeat(length)}`, 1), undefined);
      return work;
    };
    assert.ok(workOf(8_000) < 2.5 * workOf(4_000), pattern);
  }
});

test("what is undefined, or differs between versions and tools, is refused", () => {
  const refused = [
    "\\1",
    "(a)\\1",
    "a{2",
    "*a",
    "a|*b",
    "a)",
    "(a",
    "[a",
    "[z-a]",
    "[[:nope:]]",
    "[[=a=]]",
    "[a-c-e]",
    "\\",
  ];
  for (const pattern of refused) assert.throws(() => compile(pattern), /not supported/, pattern);
  for (const pattern of ["\\{2\\}", "\\+a", "\\(a\\)\\1", "a\\)", "\\q", "[[.a.]]"])
    assert.throws(() => compile(pattern, false), /not supported/, pattern);
  assert.throws(() => compile("((((a{200}){200}){2}){2})"), /repeats too much/);
  const repeated = compile("(a|b)*");
  assert.throws(() => repeated.groups("ab", repeated.find("ab")!), /repeated group/);
  assert.throws(() => compile("(^a)*"), /repeated assertion/);
});

test.run();
