// @runtimes node
/** expr on paper against coreutils'. */
import fc from "fast-check";
import { suite } from "../../../../harness.ts";
import { assertSame, generate } from "./harness.ts";
import { quote, sample } from "./patterns.ts";

const test = suite("debian/scripts/differential/expr");

test("expr calculates, compares and matches as coreutils' does", () => {
  const word = fc.constantFrom("0", "1", "2", "10", "-3", "007", "a", "ab", "b c", "", "-", "00", "-0", "1x", "10");
  const sign = fc.constantFrom("+", "-", "*", "/", "%", "<", "<=", "=", "==", "!=", ">", ">=", "|", "&", ":");
  const { value } = fc.letrec<{ value: readonly string[] }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3, depthSize: "small" },
      { weight: 2, arbitrary: word.map((one) => [one]) },
      fc.tuple(tie("value"), sign, tie("value")).map(([left, by, right]) => [...left, by, ...right]),
      tie("value").map((inner) => ["(", ...inner, ")"]),
    ),
  }));
  const command = value.map((words) => ({ text: `expr ${words.map(quote).join(" ")}; echo $?` }));
  assertSame(generate(command, 300), { refused: 110 });
});

test("expr's patterns are coreutils'", () => {
  const basic = sample.filter(({ extended }) => !extended);
  const text = fc.constantFrom("aab", "abc", "", "a b", "xaay", "/usr/lib", ", None,");
  const command = fc.tuple(text, basic).map(([from, { pattern }]) => ({
    text: `expr ${quote(from)} : ${quote(pattern)}; echo $?`,
  }));
  assertSame(generate(command, 150), { refused: 80 });
});

test("what maintainer scripts ask expr for", () => {
  assertSame(
    [
      'expr ", a b, None, c," : ".*, None,.*" >/dev/null 2>&1; echo $?; expr ", a," : ".*, None,.*"; echo $?',
      "expr abc.tar.gz : '\\(.*\\)\\.gz'; expr /usr/lib/x : '/usr/lib/\\(.*\\)'; expr 5 + 3 \\* 2; expr 1 = 1 \\& 2 = 2",
      "expr 10 \\< 9; expr a10 \\< a9; expr 7 / -2; expr -7 % 3; expr '(' 1 + 2 ')' \\* 3; i=0; i=`expr $i + 1`; echo $i",
    ].map((text) => ({ text })),
    { refused: 0 },
  );
});

test.run();
