// @runtimes node
/** The shell itself on paper against dash and bash: a table of what is easily got wrong, and generated snippets. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { suite } from "../../../../harness.ts";
import { type Snippet, assertSame, generate } from "./harness.ts";
import { quote } from "./patterns.ts";

const test = suite("debian/scripts/differential/shell", { timeout: 240_000 });

const files = { "lib.sh": "L=lib\nfalse\nreturn 3\n" };

for (const shell of ["sh", "bash"] as const) {
  test(`what a script for ${shell} prints, gives back and leaves behind is the shell's`, () => {
    const table = readFileSync(join(import.meta.dirname, "shell-snippets.txt"), "utf8");
    // One snippet a line; `⏎` stands for a line end.
    const lines = table.split("\n").filter((line) => line !== "");
    assertSame(
      lines.map((line) => ({ text: line.replaceAll("⏎", "\n"), shell, files })),
      { refused: 80, isTable: true },
    );
  });
}

const shell = fc.constantFrom("sh", "bash");
const assertAlike = (texts: fc.Arbitrary<string>, count: number, refused: number) => {
  const snippet: fc.Arbitrary<Snippet> = fc.tuple(texts, shell).map(([text, name]) => ({ text, shell: name }));
  assertSame(generate(snippet, count), { refused });
};
const textOver = (characters: string, most: number) =>
  fc.array(fc.constantFrom(...characters), { maxLength: most }).map((list) => list.join(""));

test("conditions are decided as the shells decide them", () => {
  const operand = fc.constantFrom("a", "b", "''", "1", "2", "x", "/etc", "/etc/group", "/no", "-n", "!", "'('");
  const operator = fc.constantFrom("=", "!=", "==", "-eq", "-lt", "-ge", "\\<", "-a", "-o", "-ef");
  const unary = fc.tuple(fc.constantFrom("-n", "-z", "-f", "-d", "-e", "-L", "-s", "-x"), operand).map(joined);
  const binary = fc.tuple(operand, operator, operand).map(joined);
  const simple = fc.oneof(operand, unary, binary, fc.tuple(operand, operand).map(joined));
  const negated = simple.map((inner) => `! ${inner}`);
  const both = fc.tuple(simple, fc.constantFrom("-a", "-o"), simple).map(joined);
  const grouped = fc.oneof(simple, both).map((inner) => `'(' ${inner} ')'`);
  const condition = fc.oneof(simple, negated, both, grouped);
  assertAlike(
    condition.map((inner) => `[ ${inner} ]; echo $?`),
    150,
    60,
  );
});

test("arithmetic is the shells'", () => {
  const { expression } = fc.letrec<{ expression: string; leaf: string }>((tie) => ({
    leaf: fc.constantFrom("0", "1", "7", "010", "0x1F", "x", "$x", "y", "none", "-3"),
    expression: fc.oneof(
      { depthSize: "small" },
      tie("leaf"),
      fc
        .tuple(
          tie("expression"),
          fc.constantFrom(..."+-*/%<>&|^", "<=", "==", "!=", "&&", "||", "<<", ">>"),
          tie("expression"),
        )
        .map(joined),
      fc.tuple(fc.constantFrom("-", "!", "~", "+"), tie("leaf")).map(joined),
      tie("expression").map((inner) => `(${inner})`),
      fc.tuple(tie("expression"), tie("expression"), tie("expression")).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
      fc.tuple(fc.constantFrom("x", "z"), fc.constantFrom("=", "+=", "*="), tie("leaf")).map(joined),
    ),
  }));
  assertAlike(
    expression.map((inner) => `x=5; y=-2; echo $(( ${inner} )); echo "$x $z"`),
    150,
    60,
  );
});

test("parameters are expanded, cut and split as the shells do it", () => {
  const value = textOver("ab*.:\\ []", 7).map(quote);
  const pattern = textOver("ab*?.[]!^", 4);
  const operation = fc.oneof(
    fc.tuple(fc.constantFrom("#", "##", "%", "%%"), pattern).map((parts) => parts.join("")),
    fc
      .tuple(fc.constantFrom("-", ":-", "+", ":+", "=", ":="), fc.constantFrom("", "a b", '"a  b"', "$y", "'q'", "*"))
      .map((parts) => parts.join("")),
  );
  const separators = fc.constantFrom("' '", "':'", "' :'", "''", "'a'");
  const show = (word: string) => `set -- ${word}; echo $#; for i; do echo "<$i>"; done`;
  const snippet = fc
    .tuple(value, value, operation, separators, fc.constantFrom("x", "y", "none"))
    .map(([x, y, what, ifs, name]) => {
      const word = `\${${name}${what}}`;
      return `x=${x} y=${y}\n${show(`"${word}"`)}\nIFS=${ifs}\n${show(word)}\n${show('$x"$y"$y')}`;
    });
  assertAlike(snippet, 200, 90);
});

test("patterns of case match as the shells' do", () => {
  const pattern = textOver("ab*?[]!^-c", 6).filter((text) => text !== "");
  const snippet = fc
    .tuple(pattern, textOver("ab-^!c]", 4), fc.boolean())
    .map(([body, text, kept]) =>
      kept
        ? `p=${quote(body)}; case ${quote(text)} in $p) echo yes;; *) echo no;; esac`
        : `case ${quote(text)} in ${body.replace(/!/g, "\\!")}) echo yes;; *) echo no;; esac`,
    );
  assertAlike(snippet, 200, 60);
});

test("lines are read and printed as the shells do it", () => {
  const input = textOver("ab:\\ \t\n", 9);
  const read = fc
    .tuple(input, fc.constantFrom("' '", "':'", "' :'", "''"), fc.constantFrom("x", "x y", "x y z", "-r x y", "-r x"))
    .map(([text, ifs, names]) => `printf %s ${quote(text)} | { IFS=${ifs} read ${names}; echo "$?[$x][$y][$z]"; }`);
  const escape = textOver("ab\\tn01c%s -e", 8);
  const echo = escape.map((text) => `echo ${quote(text)} x`);
  const format = fc
    .array(
      fc.constantFrom("%s", "%d", "%5s|", "%-4d|", "%03d", "%x", "%c", "%%", "\\n", "\\t", "a", "%.2s", "%b", "%i"),
      {
        maxLength: 4,
      },
    )
    .map((list) => list.join(""));
  const argument = fc.constantFrom("a", "abc", "12", "-7", "''", "'a\\tb'", "0x1f", "010");
  const printf = fc
    .tuple(format, fc.array(argument, { maxLength: 3 }))
    .map(([text, args]) => `printf ${quote(`${text}.\n`)} ${args.join(" ")}; echo $?`);
  assertAlike(fc.oneof(read, echo, printf), 240, 90);
});

function joined(parts: readonly string[]): string {
  return parts.join(" ");
}

test.run();
