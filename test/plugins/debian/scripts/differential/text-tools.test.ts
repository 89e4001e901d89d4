// @runtimes node
/** Filters of lines and words on paper against coreutils, diffutils and findutils. */
import fc from "fast-check";
import { suite } from "../../../../harness.ts";
import { type Snippet, assertSame, generate } from "./harness.ts";
import { lineText, quote } from "./patterns.ts";

const test = suite("debian/scripts/differential/text-tools");

const line = fc.oneof(
  { weight: 2, arbitrary: lineText },
  fc.constantFrom(
    "10",
    "9",
    "2",
    "-1",
    "1.5",
    "007",
    " 3",
    "a:b:c",
    "a\tb\tc",
    "b",
    "B",
    "",
    "a",
    "a",
    "x y  z",
    "1a",
    "+2",
    "\t",
    "A-z",
  ),
);
const text = fc
  .tuple(fc.array(line, { maxLength: 6 }), fc.boolean())
  .map(([lines, ended]) => lines.join("\n") + (ended && lines.length > 0 ? "\n" : ""));
const flags = (...options: readonly string[]) => fc.subarray([...options]).map((list) => list.join(" "));
const count = fc.constantFrom("0", "1", "2", "3", "20");

/** The tool after a look at two files. */
function over(command: fc.Arbitrary<string>, number: number): readonly Snippet[] {
  const snippet = fc.tuple(command, text, text).map(([script, one, other]) => ({
    text: `${script}; echo "=$?"`,
    files: { one, other, "folder/x": "x\n" },
  }));
  return generate(snippet, number);
}

const input = fc.constantFrom("/one", "< /one", "/one /other", "/missing", "/one /missing", "-- /one", "/folder");
const line1 = (...parts: readonly (string | fc.Arbitrary<string>)[]) =>
  fc
    .tuple(...parts.map((part) => (typeof part === "string" ? fc.constant(part) : part)))
    .map((words) => words.filter((word) => word !== "").join(" "));

test("head and tail", () => {
  const which = fc.oneof(
    count.map((number) => `-n ${number}`),
    count.map((number) => `-${number}`),
    count.map((number) => `-n${number}`),
    count.map((number) => `-c ${number}`),
    count.map((number) => `--lines=${number}`),
    fc.constantFrom("", "-n +2", "-n +1", "-n -1", "-q -n1", "-n +0", "-c +2", "-c -1"),
  );
  assertSame(over(line1(fc.constantFrom("head", "tail"), which, input), 100), { refused: 40 });
});

test("cut, paste and tr", () => {
  const list = fc.constantFrom("1", "2", "1,3", "2-", "-2", "2-3", "3,1", "9", "1-1,2-", "0", "2-1");
  const delimiter = fc.constantFrom("", "-d:", "-d ' '", "-d a", "-d ''", "--delimiter=:");
  const cut = line1("cut", fc.constantFrom("-f", "-c", "-b", "--fields="), list, delimiter, flags("-s"), input).map(
    (words) => words.replace("--fields= ", "--fields="),
  );
  const paste = line1("paste", fc.constantFrom("", "-s", "-d,", "-d ,:", "-sd,", "-d ''", "-d '\\n'"), input);
  const set = fc
    .constantFrom(
      "a",
      "ab",
      "a-c",
      "a-z",
      "A-Z",
      "[:lower:]",
      "[:upper:]",
      "\\n",
      " ",
      "\\t",
      "0-9",
      "[:digit:]",
      "[:space:]",
      ":",
      "x-",
      "-x",
      "\\012",
      "[a-b]",
      "z-a",
      "[:alnum:]",
      "a\\nb",
      "[:blank:]b",
      "",
      "\\\\",
    )
    .map(quote);
  const tr = fc
    .oneof(
      line1("tr", set, set),
      line1("tr", fc.constantFrom("-d", "-cd", "-s", "-cs", "-c", "-ds", "-t"), set, fc.oneof(fc.constant(""), set)),
    )
    .map((words) => `${words} < /one`);
  assertSame(over(fc.oneof(cut, paste, tr, tr), 160), { refused: 75 });
});

test("sort, uniq and comm", () => {
  const key = fc.constantFrom("", "", "-k2", "-k1,1", "-k2n", "-t: -k2", "-k 2,2", "-t: -k3r");
  const sort = line1("sort", fc.oneof(flags("-u", "-r", "-n", "-b", "-f"), fc.constantFrom("-g", "-gr")), key, input);
  const uniq = line1(fc.constantFrom("sort /one |", "cat /one |"), "uniq", flags("-c", "-d", "-u", "-i"));
  const comm = line1("sort /one > /a; sort /other > /b; comm", flags("-1", "-2", "-3"), "/a /b");
  assertSame(over(fc.oneof(sort, sort, uniq, comm), 150), { refused: 60 });
  const versions = fc.array(fc.constantFrom("15", "9.6", "17", "8", "-1", "10", "9"), { maxLength: 6 });
  const general = versions.map((list) => ({
    text: "sort -g /one | tail -n 1; sort -gru /one",
    files: { one: list.map((each) => `${each}\n`).join("") },
  }));
  assertSame(generate(general, 10), { refused: 0 });
});

test("wc, cmp, diff, tee and cat", () => {
  const wc = line1("wc", fc.constantFrom("-l", "-w", "-c", "--lines", "-lw"), input);
  const pair = fc.constantFrom(
    "/one /other",
    "/one /one",
    "/one /missing",
    "/missing /other",
    "- /other < /one",
    "/folder /one",
  );
  const cmp = line1(
    fc.constantFrom("cmp", "cmp -s", "cmp --silent", "cmp --quiet", "diff -q", "diff", "diff -u", "diff --brief"),
    pair,
  );
  const tee = line1(
    "cat /one | tee",
    flags("-a"),
    fc.constantFrom("/other", "/new", "/folder", "/new /other", ""),
    "> /dev/null; cat /other",
  );
  const cat = line1("cat", flags("-u"), input);
  assertSame(over(fc.oneof(wc, cmp, cmp, tee, cat), 120), { refused: 50 });
});

test("xargs, seq, mktemp, basename, dirname and checksums", () => {
  const xargs = line1(
    "cat /one | xargs",
    fc.constantFrom("", "-r", "-n1", "-n 2", "-0", "-I{}", "-r -0", "-rn1", "-I a"),
    fc.constantFrom("echo", "", "echo a", "echo {} {}-", "false", "sh -c 'exit 255'", "sh -c 'echo $#; test $# = 1' a"),
  );
  const number = fc.constantFrom("1", "3", "-2", "10", "2", "-1", "7");
  const seq = line1("seq", number, fc.oneof(fc.constant(""), number), fc.oneof(fc.constant(""), number));
  const path = fc
    .constantFrom("/a/b", "a", "/", "//", "a/", "/a/b//", "", "a.sh", "/x/.sh", ".", "..", "a//b")
    .map(quote);
  const names = fc.oneof(
    line1("basename", path, fc.constantFrom("", ".sh", "b", "sh")),
    line1("basename", fc.constantFrom("", "--"), path, path),
    line1("dirname", path, fc.oneof(fc.constant(""), path)),
  );
  const made = fc
    .constantFrom(
      "mktemp",
      "mktemp -d",
      "mktemp /tmp/a.XXXXXX",
      "mktemp -d -t a.XXXX",
      "mktemp --tmpdir x.XXXXXX",
      "mktemp -p /var y.XXX",
      "mktemp -u",
      "mktemp /tmp/aXX",
      "mktemp --suffix=.x /tmp/bXXXX",
      "mktemp -q /none/aXXXX",
    )
    .map((command) => `f=$(${command}); s=$?; test -n "$f" && stat -c %a "$f"; rm -rf "$f"; (exit $s)`);
  const sums = line1(
    fc.constantFrom("md5sum", "sha1sum", "sha256sum", "sha512sum"),
    fc.constantFrom("", "-b", "--text"),
    input,
  );
  assertSame(over(fc.oneof(xargs, xargs, seq, names, made, sums), 150), { refused: 60 });
});

test.run();
