// @runtimes node
/** The shell on paper against dash itself: the same text must print the same and end with the same status. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { requireTool, suite } from "../../../harness.ts";
import { configure, refusal, textOf } from "./support.ts";

const test = suite("debian/scripts/shell");

for (const name of ["language", "filters"]) {
  test(`the shell's ${name} means what it means to dash`, () => {
    const dash = requireTool("dash");
    // One snippet a line; `⏎` stands for a line end.
    const table = readFileSync(join(import.meta.dirname, `shell-${name}.txt`), "utf8");
    const snippets = table.split("\n").filter((line) => line.trim() !== "");
    assert.ok(snippets.length > 15);
    const differences: string[] = [];
    for (const line of snippets) {
      const snippet = line.replaceAll("⏎", "\n");
      const real = spawnSync(dash, ["-c", snippet], { cwd: "/", encoding: "latin1", env: ENVIRONMENT, input: "" });
      const result = configure(`#!/bin/sh\n(exec >/tmp/out; set --\n${snippet}\n)\necho "$?" > /tmp/status\n`, {
        etc: null,
        "usr/bin/true": "#!/bin/sh\n",
      });
      const ours = refusal(result) ?? `${textOf(result, "tmp/out")}status ${textOf(result, "tmp/status")}`;
      const theirs = `${real.stdout}status ${real.status}\n`;
      if (ours !== theirs) differences.push(`${snippet}\nOURS:\n${ours}\nDASH:\n${theirs}`);
    }
    assert.is(differences.join("\n\n"), "");
  });
}

const ENVIRONMENT = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  HOME: "/root",
  LC_ALL: "C",
};

test("what is not known ends the package, with its line", () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["echo a\nlsblk /etc", /^4 the command lsblk is not emulated/],
    ["f() {\n  awk getline\n}\nf", /^4 awk: getline is not supported/],
    ["sleep 5 &", /^3 a background command/],
    ["x=$(\nperl -pe 1\n)", /^4 perl is not supported/],
    [": $x\nset -u\necho $nothing", /^5 \$nothing is not set/],
    ["false", /^3 postinst ends with status 1/],
    ["exit 7", /^3 postinst ends with status 7/],
    ["while :; do :; done", /more than 100000 steps/],
    ["f() { f; }\nf", /nested deeper than/],
    ["x=aaaaaaaaaa\nwhile :; do x=$x$x; done", /grows beyond/],
    ["if true; then", /cannot be parsed/],
    ["chown nobody-there /etc/passwd", /ends with status 1/],
    [". /no/such", /\/no\/such cannot be read/],
    ["rm -rf /usr", /rm of \/usr/],
    ["sed -i 'w /etc/other' /etc/passwd", /sed script/],
  ];
  for (const [script, reason] of cases) {
    const result = configure(script);
    assert.match(refusal(result) ?? `covered: ${script}`, reason);
    assert.is(result.changes.length, 0, script);
  }
});

test("hostile texts run out of steps or bytes, not of time", () => {
  const grow = "x=aaaaaaaa; for i in 1 2 3 4 5 6 7 8 9 a b c d e f g; do x=$x$x; done";
  const cases: readonly string[] = [
    `${grow}; while :; do echo $x >> /tmp/big; done`,
    `${grow}; case $x in *a*a*b$x) ;; esac; while :; do case $x in *a*$x*b) ;; esac; done`,
    `${grow}; echo $x > /tmp/t; while :; do cat /tmp/t >/dev/null; done`,
    `${grow}; while :; do y=$x; done`,
    "while :; do find / >/dev/null; done",
    "while :; do seq 10000 | sed 's/\\(.*\\)\\(.*\\)x/\\2/' >/dev/null; done",
  ];
  for (const script of cases) {
    const result = configure(script);
    assert.match(
      refusal(result) ?? `covered: ${script}`,
      /too many steps|steps are taken|bytes are handled|larger|too large|status/,
    );
  }
});

test("work is counted whatever the command: each is refused with its line, and soon", () => {
  const files = Object.fromEntries(Array.from({ length: 9_000 }, (_none, index) => [`f${index}`, ""]));
  const deep = "d=/a; i=0; while [ $i -lt 14 ]; do d=$d$d; i=$((i+1)); done; mkdir -p $d; find / >/dev/null";
  const grow = "sed 's/././g;" + "s/.*/&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&/;".repeat(6) + "' /etc/group";
  const cases: readonly (readonly [string, RegExp])[] = [
    [deep, /^3 (a path is longer|more than .* bytes are handled)/],
    [grow, /^3 (sed's text grows beyond|more than .* bytes are handled)/],
    ["for a in /f*; do cat /f* >/dev/null; done", /^3 more than .* (bytes are handled|steps)/],
    ["while :; do echo /f* >/dev/null; done", /^3 more than .* (bytes are handled|steps)/],
    ["while :; do [ -e /f1 ]; done", /^3 more than .* steps/],
    [`eval "${"(".repeat(3_000)}:${")".repeat(3_000)}"`, /^3 (commands are nested|.*cannot be parsed)/],
  ];
  for (const [script, reason] of cases) assert.match(refusal(configure(script, files)) ?? `covered: ${script}`, reason);
  assert.is(refusal(configure("echo aaa > /in\ngrep -E '(a|a)*b' /in || true")), undefined);
});

test.run();
