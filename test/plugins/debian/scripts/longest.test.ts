// @runtimes node
/** How long one script can keep everything else waiting: it is worked out in one go, and a second is promised after Ctrl-C. */
import * as assert from "uvu/assert";
import { FileTree } from "../../../../core/index.ts";
import { namedByScripts } from "../../../../plugins/debian/scripts/cost/named.ts";
import { mayMakeCommand } from "../../../../plugins/debian/scripts/named-otherwise.ts";
import { suite } from "../../../harness.ts";
import { sampled } from "../../../sampled.ts";
import { BASE, configure, evaluate, packageOf, programs, refusal, treeOf } from "./support.ts";

const test = suite("debian/scripts/longest");

/** What does least for as long as a script may: a machine that is slow, or has much else to do, takes longer for all of them. */
const IDLE = "while :; do :; done";
/** Times the processor time of that one, which is a tenth of the second that is promised. */
const BOUND = 12;

/** Microseconds. */
function processorTime(work: () => void): number {
  const before = process.cpuUsage();
  work();
  return process.cpuUsage(before).user;
}

let idle: number;
test.before(() => {
  // The first is compiled, too.
  idle = Math.min(...[1, 2].map(() => processorTime(() => void configure(IDLE, FILES))));
});

function assertSoon(used: number): void {
  assert.ok(used < BOUND * idle, `${used / 1000} ms, of ${idle / 1000} ms`);
}

const MANY = "a ".repeat(18_000);
const NAMES = 'i=0; while [ $i -lt 9000 ]; do i=$((i+1)); eval "v$i=1"; done';
const STARS =
  "i=0; while [ $i -lt 300 ]; do i=$((i+1)); : > /$l$i; done; while :; do echo /*a*a*a*a*a*a*a*a*a*ab; done";

/** Each took four seconds or more, most of them up to a minute. */
const LOOPS: Readonly<Record<string, string>> = {
  "a long expression": `while :; do i=$((${"1+".repeat(2000)}1)); done`,
  "parameters, handed on": `set -- ${MANY}; f() { :; }; while :; do f "$@"; done`,
  "words that are split": `a="${MANY}"; while :; do set -- $a; done`,
  "words of nothing": `while :; do : ${'"" '.repeat(18_000)}; done`,
  "a text, parsed":
    "a=:; for i in 1 2 3 4 5 6 7 8 9 a b c d e f; do a=\"$a;$a\"; done; while :; do eval 'f() { '\"$a\"'; }'; done",
  "a long pattern, of nothing": `while :; do case "" in ${"x".repeat(50_000)}) ;; esac; done`,
  "a long document, a line of it": `while :; do read x <<E\na\n${"a".repeat(300_000)}\nE\ndone`,
  "a subshell of many variables": `${NAMES}; while :; do (:); done`,
  "names and stars": `l=${"a".repeat(200)}; ${STARS}`,
  "no such command, far down": `${"\n".repeat(400_000)}while :; do nosuch || :; done`,
  "lines sorted by a field": "while :; do sort -k2 /lines > /dev/null; done",
  "brackets, none of which closes": `while :; do case "" in ${"[".repeat(50_000)}) ;; esac; done`,
  "brackets with classes, none of which closes": `a="${"[[:digit:]".repeat(4_000)}"; while :; do b=\${b#$a}; done`,
  "documents, none of which begins": `cat ${"<<E ".repeat(100_000)}`,
};

const FILES = {
  ...programs("sort", "mkdir", "update-alternatives"),
  lines: "abc def ghi\n".repeat(30_000),
  "var/lib/dpkg/alternatives/thing": `auto\n/usr/bin/thing\n${"a\n/b\n".repeat(200_000)}\n`,
};

for (const name of sampled(Object.keys(LOOPS), 4)) {
  test(`${name}: not worked out, and soon`, () => {
    let result: ReturnType<typeof configure> | undefined;
    assertSoon(processorTime(() => (result = configure(LOOPS[name]!, FILES))));
    assert.match(refusal(result!) ?? "covered", /bytes are handled|steps are taken|here-documents/);
  });
}

test("a command that a script left out names thousands of times, asked for again and again: soon, too", () => {
  const sh = (text: string) => `#!/bin/sh\n${text}\n`;
  let result: ReturnType<typeof evaluate> | undefined;
  const work = () => {
    result = evaluate([
      packageOf("left", { postinst: sh(`nosuch\n${"tool;".repeat(60_000)}`) }),
      packageOf("thing", { postinst: sh("i=0; while [ $i -lt 9000 ]; do i=$((i+1)); tool || :; done") }),
    ]);
  };
  assertSoon(processorTime(work));
  assert.equal(
    result!.coverage.map(({ covered }) => covered),
    [false, true],
  );
});

test("functions deeper than the stack goes, very many words, and an alternative without a choice, are refused", () => {
  const calls = Array.from({ length: 20_000 }, (_, index) => `f${index + 1}() { f${index}; };`).join("\n");
  const cases: readonly (readonly [string, RegExp])[] = [
    ["a() ".repeat(100_000), /nested too deep/],
    [`f0() { :; }; ${calls} f20000`, /nested/],
    [`mkdir ${"a ".repeat(240_000)}`, /more than 20000 arguments/],
    ["update-alternatives --query thing", /the state of the alternative thing is not supported/],
  ];
  for (const [script, reason] of cases) {
    assert.match(refusal(configure(script, FILES)) ?? "covered", reason);
    const postinst = `#!/bin/sh\n${script}\n`;
    const subject = packageOf("thing", { postinst });
    assert.not.throws(() => namedByScripts(subject, FileTree.of(treeOf(BASE))));
    assert.not.throws(() => mayMakeCommand(subject, "a"));
  }
});

test.run();
