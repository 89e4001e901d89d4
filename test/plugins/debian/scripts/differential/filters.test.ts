// @runtimes node
/** grep and sed on paper against GNU's. */
import fc from "fast-check";
import { suite } from "../../../../harness.ts";
import { assertSame, generate } from "./harness.ts";
import { lineText, patternOf, quote, sample } from "./patterns.ts";

const test = suite("debian/scripts/differential/filters");

const lines = fc.array(lineText, { minLength: 1, maxLength: 5 });
const input = fc.tuple(lines, fc.boolean()).map(([list, ended]) => list.join("\n") + (ended ? "\n" : ""));

test("grep finds what GNU grep finds", () => {
  const options = fc.constantFrom(
    "",
    "-v",
    "-c",
    "-o",
    "-n",
    "-x",
    "-w",
    "-i",
    "-ow",
    "-on",
    "-m1",
    "-io",
    "-vx",
    "-l",
  );
  const command = fc.tuple(sample, options, input).map(([{ pattern, extended }, flags, text]) => ({
    text: `grep ${flags} ${extended ? "-E" : ""} -e ${quote(pattern)} /in`,
    files: { in: text },
  }));
  assertSame(generate(command, 300), { refused: 90 });
});

test("sed substitutes what GNU sed substitutes", () => {
  const flags = fc.constantFrom("", "", "g", "g", "2", "2g", "p", "I", "gI");
  const target = fc.constantFrom("X", "<&>", "", "[\\1]", "\\n", "\\t&\\t", "\\&", "<\\1|\\2>");
  const command = fc.tuple(sample, target, flags, input).map(([{ pattern, extended }, to, flag, text]) => ({
    text: `sed ${extended ? "-E" : ""} ${quote(`s/${pattern}/${to}/${flag}`)} /in`,
    files: { in: text },
  }));
  assertSame(generate(command, 300), { refused: 170 });
});

test("sed's commands and addresses are GNU sed's", () => {
  const match = patternOf(false, 1).map((pattern) => `/${pattern || "a"}/`);
  const address = fc.oneof(fc.constantFrom("1", "2", "3", "$", "1~2", "0~2"), match);
  const range = fc.oneof(
    fc.tuple(address, fc.oneof(address, fc.constantFrom("+1", "~2", "2", "1"))).map((ends) => ends.join(",")),
    match.map((end) => `0,${end}`),
  );
  const where = fc.oneof(
    fc.constant(""),
    address,
    range,
    address.map((one) => `${one}!`),
  );
  const simple = fc.constantFrom(..."dDgGhHnNpPx=", "q", "q3", "Q", "s/a/X/", "s//Y/", "y/ab/ba/", "s/^/>/", "b", "te");
  const text = fc.constantFrom("a\\\nnew", "i\\\nnew\\\nlines", "a one line", "i one", "c changed", "$!N");
  const one = fc.tuple(where, fc.oneof({ weight: 4, arbitrary: simple }, text)).map((parts) => parts.join(""));
  const block = fc.tuple(where, one, one).map(([place, a, b]) => `${place}{\n${a}\n${b}\n}`);
  const script = fc.array(fc.oneof(one, one, block), { minLength: 1, maxLength: 4 }).map((list) => list.join("\n"));
  const command = fc
    .tuple(script, fc.constantFrom("", "-n", "-s", "-i", "-i.bak"), input)
    .map(([list, flag, before]) => ({
      text: `sed ${flag} ${quote(`${list}\n:e`)} /in`,
      files: { in: before },
    }));
  assertSame(generate(command, 300), { refused: 100 });
});

test("fold breaks lines where GNU fold does", () => {
  const text = fc.string({ unit: fc.constantFrom(..."ab \t\n\b\r"), maxLength: 40 });
  const flags = fc.constantFrom("-w 5", "-sw 5", "-s -w 9", "-bw 3", "-sbw 8", "-s");
  const command = fc.tuple(flags, text).map(([flag, before]) => ({
    text: `fold ${flag} < /in`,
    files: { in: before.includes("\t") ? before.repeat(3) : before },
  }));
  assertSame(generate(command, 150), { refused: 0 });
});

test("what is special to one of the tools is read as that tool reads it", () => {
  assertSame(
    [
      { text: "printf 'k\\t=  tt\\n' | sed -E 's/[ \\t]+/ /g'" },
      { text: "printf 'a\\nb\\n' | sed 'N;s/[\\n]/+/;s/\\n/-/'" },
      { text: "printf 'a\\\\tb\\n' | sed 's/[\\.]/X/g;s/[\\]t]/Y/'" },
      { text: "printf 'a\\tb\\natb\\n' | grep -c 'a[\\t]b'" },
      { text: "printf 'a|b\\n' | sed 's|a\\|b|X|'; echo a/b | sed 's/[/]/x/'; echo a,b | sed 's,a\\,b,X,'" },
      { text: "echo 'a+b aab' | sed 's/a+b/X/'; echo 'a+b aab' | sed -E 's/a\\+b/X/;s/a+b/Y/'" },
      {
        text: "echo '*a' | sed 's/*a/X/'; echo '^a' | grep 'x*^a'; echo 'a*' | grep '\\(*\\)'; echo 'a$b' | grep 'a$b'",
      },
      { text: "printf 'x\\n' | sed p; printf 'x' | sed p; printf 'x' | sed -n '$='; printf 'a\\nb' | sed '$d'" },
      { text: "echo one >/a; echo two >/b; sed -n '$p;1p' /a /b; sed -i 1d /a /b; sed 'x;G' /etc/group" },
      { text: "printf 'a\\n' >/a; sed -ie 's/a/b/' /a; cat /a*" },
      {
        text: "sed -n 's/^root:\\([^:]*\\):.*/\\1/p' /etc/passwd; sed '/daemon/,$d' /etc/passwd; sed 's/:/\\\n/3' /etc/passwd",
      },
      { text: "sed -n '/^r/{s/x/y/;T;p;:x};/d/{=;p}' /etc/passwd; sed ':a;N;$!ba;s/\\n/,/g' /etc/group" },
      {
        text: "grep -q root /etc/passwd /no/such; echo $?; grep root /etc/passwd /no/such; echo $?; grep -s x /no; echo $?",
      },
      {
        text: "grep -F -e a.b -e '*' /in; grep -Fx 'a.b' /in; grep -Fw b /in; grep -Fi 'A.' /in",
        files: { in: "a.b\naxb\n*\n" },
      },
      { text: "grep -E '(a|a)*b' /in; echo $?", files: { in: `${"a".repeat(3000)}\n` } },
      {
        text: "grep -E '^(|x)a$' /in; grep -E 'a{2}' /in; grep 'a\\{2,\\}' /in; grep -E '()b' /in",
        files: { in: "xa\naa\nb\n" },
      },
    ],
    { refused: 1 },
  );
});

test.run();
