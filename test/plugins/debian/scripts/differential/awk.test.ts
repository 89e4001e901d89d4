// @runtimes node
/** awk on paper against mawk. */
import fc from "fast-check";
import { suite } from "../../../../harness.ts";
import { assertSame, generate } from "./harness.ts";
import { patternOf, quote } from "./patterns.ts";

const test = suite("debian/scripts/differential/awk");

const word = fc.constantFrom("a", "bc", "12", "7", "-3", "0.5", "1e2", "x1", "aab", "", "B:c", "10", "+4", "003");
const line = fc.array(word, { maxLength: 5 }).map((words) => words.join(" "));
const input = fc.tuple(fc.array(line, { maxLength: 5 }), fc.boolean());
const texts = input.map(([lines, ended]) => lines.join("\n") + (ended ? "\n" : ""));

/** Without what awk does not have, or not every awk reads alike. */
const pattern = patternOf(true, 1)
  .filter((text) => !/\\[A-Za-z<>]|[{/]|\(\)|\(\||\|\||\|\)|^\||\|$/.test(text))
  .map((text) => `/${text || "a"}/`);
const place = fc.constantFrom("$1", "$2", "$NF", "$0", "x", "y", "a[1]", "a[$1]", "$3");
const { value } = fc.letrec<{ value: string }>((tie) => {
  const inner = tie("value");
  const sign = fc.constantFrom("+", "-", "*", " ", " ", "<", "<=", "==", "!=", ">", ">=", "&&", "||", "%", "/");
  return {
    value: fc.oneof(
      { maxDepth: 3, depthSize: "small" },
      { weight: 3, arbitrary: place },
      fc.constantFrom("0", "1", "2", "10", '"a"', '"10"', '""', '"x y"', "NR", "NF", "FNR", "length", "1.5", '"3x"'),
      fc.tuple(inner, sign, inner).map(([left, by, right]) => `(${left} ${by} ${right})`),
      fc.tuple(inner, fc.constantFrom("~", "!~"), pattern).map((parts) => `(${parts.join(" ")})`),
      fc.tuple(fc.constantFrom("-", "!", "+"), inner).map(([by, one]) => `(${by} ${one})`),
      fc.tuple(inner, inner, inner).map(([test, yes, no]) => `(${test} ? ${yes} : ${no})`),
      fc.tuple(place, fc.constantFrom("=", "+=", "-=", "="), inner).map((parts) => `(${parts.join(" ")})`),
      fc.constantFrom("(x++)", "(y--)", "(++$1)", "(--a[1])", "(a[$1]++)"),
      fc.tuple(fc.constantFrom("length", "int", "tolower", "toupper"), inner).map(([name, one]) => `${name}(${one})`),
      fc.tuple(inner, inner).map(([text, part]) => `index(${text}, ${part})`),
      fc
        .tuple(inner, fc.constantFrom("1", "2", "0", "-1", "9"), fc.constantFrom("", ", 1", ", 2", ", 0", ", 9"))
        .map(([text, from, count]) => `substr(${text}, ${from}${count})`),
      fc.tuple(inner, pattern).map(([text, by]) => `match(${text}, ${by}) RSTART RLENGTH`),
      fc
        .tuple(
          inner,
          fc.oneof(
            fc.constantFrom("", ', ":"', ', " "', ', "b"'),
            pattern.map((by) => `, ${by}`),
          ),
        )
        .map(([text, by]) => `split(${text}, s${by}) s[1] "|" s[2]`),
      fc
        .tuple(fc.constantFrom("%s", "%d", "%5s|", "%-4d|", "%03d", "%x", "%.2s", "%c", "%.1f", "%g", "%%"), inner)
        .map(([format, one]) => `sprintf("${format}", ${one})`),
    ),
  };
});
const { statement } = fc.letrec<{ statement: string }>((tie) => {
  const inner = tie("statement");
  return {
    statement: fc.oneof(
      { maxDepth: 2, depthSize: "small" },
      { weight: 3, arbitrary: value.map((one) => `print ${one}`) },
      fc.tuple(value, value).map(([one, two]) => `print ${one}, ${two}`),
      value.map((one) => `printf "%s-", ${one}`),
      { weight: 2, arbitrary: fc.tuple(place, value).map(([where, one]) => `${where} = ${one}`) },
      fc.constantFrom(
        "print",
        "next",
        "NF = 2",
        "NF = 4; print",
        '$5 = "e"; print',
        "x++",
        'OFS = "-"; $1 = $1; print',
      ),
      fc.constantFrom("exit", "exit 3", 'FS = ":"', "delete a[1]", 'print > "/dev/stderr"', "y = y $1"),
      fc
        .tuple(
          fc.constantFrom("sub", "gsub"),
          pattern,
          fc.constantFrom('"X"', '"<&>"', '"\\\\&"', '""'),
          fc.constantFrom("", ", $2", ", x"),
        )
        .map(([name, from, to, where]) => `print ${name}(${from}, ${to}${where}), $0, x`),
      fc.tuple(value, inner).map(([test, yes]) => `if (${test}) { ${yes} }`),
      fc.tuple(value, inner, inner).map(([test, yes, no]) => `if (${test}) { ${yes} } else { ${no} }`),
      inner.map((body) => `for (i = 1; i <= NF; i++) { ${body}; if (i > 3) break }`),
      inner.map((body) => `while (n++ < 2) { ${body} }`),
      inner.map((body) => `do { ${body} } while (m++ < 1)`),
    ),
  };
});
const when = fc.oneof(
  { weight: 4, arbitrary: fc.constant("") },
  pattern,
  value,
  fc.constantFrom("NR == 2", "NR > 1", "$1 ~ /a/, $1 ~ /b/", "NF", "END", "END", "BEGIN", "NR == 1, NR == 2", "!/a/"),
);
const rule = fc.tuple(when, statement).map(([where, what]) => `${where} { ${what} }`);
const program = fc
  .array(fc.oneof(rule, rule, pattern, value), { minLength: 1, maxLength: 3 })
  .map((rules) => rules.join("\n"));
const options = fc.constantFrom("", "", "-F:", "-F ' '", "-F b", "-v x=10", "-v x=a", "-v OFS=:", "-F '[ab]+'");

test("programs print what mawk prints, and end as they end there", () => {
  const snippet = fc.tuple(options, program, texts).map(([flags, text, lines]) => ({
    text: `awk ${flags} ${quote(text)} /in; echo $?`,
    files: { in: lines },
  }));
  assertSame(generate(snippet, 400), { refused: 120 });
});

test("what maintainer scripts ask awk for", () => {
  const files = { in: 'LANG="C"\n# x\nuser:x:1:2\nFilesystem 1K Used\n/dev/sda1 100 50 2000 5% /\n' };
  assertSame(
    [
      `awk '/^LANG=/ {gsub("\\"", ""); sub("LANG=", ""); lang=$0;} END {print lang}' /in`,
      "awk '{ exit ($4>1000) }' /in; echo $?; tail -1 /in | awk '{ exit ($4>1000) }'; echo $?",
      "awk '$1 ~ /^[^#]/ { print $1 }' /in; awk -F: '$3 == 1 {print $1 \" \" $NF}' /in; awk 'END { print NR }' /in",
      "awk -v w=210 -v h=297 'NF == 3 && int($2*72/2.54 + 0.5) == w { print $1; exit } NF == 4 && $2 == w && $3 == h { print $1; exit }' /in",
      "awk '{ print length, $0 }' /in | sort -n | cut -d ' ' -f 2-",
      'awk \' BEGIN { DB=0; SUF=""; DIR="" } ;\n/^u/ { DB=1 } ;\nDB==1 && $1 ~ /:/ { SUF=$1 } ;\nEND { if (DB) print SUF, DIR }\' /in',
      "awk 'BEGIN { while (i < 3) print i++; printf \"%s %d\\n\", \"a\", 3.9 }'; echo a b | awk '{ $2 = \"\"; print }' | tr ' ' _",
      'export V=7; awk \'BEGIN { print ENVIRON["V"] + 1; print 1 == 1.0, "a" < "b", 2 < 10, "2" < "10"; print -1 " " -1 }\'',
      "awk 'NR==1{next} {n+=$1; c[$1]++} END {print n+0, length(c[1])}' /in; awk 'BEGIN { print 2^10, 7 % 3, 1e6, 0.1 + 0.2, 1000 * 100000 }'",
      'awk \'{if ($1 ~ /^Package:/) {package=$2;inst=0} else if (NR) print package}\' /in; awk \'BEGIN { print substr("hello", 2, 3) toupper("x") index("abc","c") }\'',
    ].map((text) => ({ text, files })),
    { refused: 0 },
  );
});

test.run();
