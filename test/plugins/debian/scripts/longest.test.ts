// @runtimes node
/** How long one script can keep everything else waiting: it is worked out in one go, and a second is promised after Ctrl-C. */
import * as assert from "uvu/assert";
import { suite } from "../../../harness.ts";
import { sampled } from "../../../sampled.ts";
import { configure, programs, refusal } from "./support.ts";

const test = suite("debian/scripts/longest");

/** Milliseconds of processor time. A second is promised, which is up to three where the machine has much else to do. */
const BOUND = 3000;

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
  "documents, none of which begins": `cat ${"<<E ".repeat(100_000)}`,
};

const FILES = { ...programs("sort"), lines: "abc def ghi\n".repeat(30_000) };

for (const name of sampled(Object.keys(LOOPS), 4)) {
  test(`${name}: not worked out, and soon`, () => {
    const before = process.cpuUsage();
    const result = configure(LOOPS[name]!, FILES);
    const { user } = process.cpuUsage(before);
    assert.match(refusal(result) ?? "covered", /bytes are handled|steps are taken|here-documents/);
    assert.ok(user < BOUND * 1000, `${user / 1000} ms`);
  });
}

test.run();
