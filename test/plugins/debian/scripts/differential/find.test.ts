// @runtimes node
/** find on paper against GNU's: its expressions over a small tree. */
import fc from "fast-check";
import { suite } from "../../../../harness.ts";
import type { Layout } from "../support.ts";
import { assertSame, generate } from "./harness.ts";

const test = suite("debian/scripts/differential/find");

const FILES: Layout = {
  "w/real/f.conf": "text\n",
  "w/real/run": "#!/bin/sh\n",
  "w/real/sub/g": "",
  "w/real/in": ["link", "f.conf"],
  "w/link": ["link", "real"],
  "w/dangling": ["link", "nowhere"],
  "w/plain": "p\n",
  "w/.hidden": "h\n",
  "w/empty": null,
  "w/full/x": "x\n",
};

const one = fc.constantFrom(
  ..."-type f|-type d|-type l|-type f,l|-type s|-name '*'|-name f.conf|-name real|-name '[er]*'|-path '*/sub*'|-empty".split(
    "|",
  ),
  ..."-user root|-user daemon|-uid 0|-uid +0|-uid -2|-gid 1|-group root|-perm 644|-perm -700|-perm /111|-true|-false".split(
    "|",
  ),
  ..."-print|-print0|-printf '%f;\\n'|-prune|-maxdepth 1|-mindepth 1|-depth|-exec test -f {} ';'|-exec echo + {} ';'".split(
    "|",
  ),
);
const expression = fc.letrec<{ any: string; joined: string }>((tie) => ({
  any: fc.oneof(
    { weight: 3, arbitrary: one },
    tie("any").map((inner) => `! ${inner}`),
    tie("joined").map((inner) => `'(' ${inner} ')'`),
    tie("joined"),
  ),
  joined: fc
    .tuple(fc.constantFrom("", "-a", "-o"), fc.array(tie("any"), { minLength: 2, maxLength: 3 }))
    .map(([joint, list]) => list.join(` ${joint} `)),
})).any;

test("find meets and does what GNU find does", () => {
  const place = fc.constantFrom(
    "/w",
    "/w/",
    "w/real",
    "/w/link",
    "-H /w/link",
    "/w/link/",
    "/w/plain",
    "/w/none",
    ". ",
  );
  const command = fc.tuple(place, expression).map(([from, what]) => ({
    // A directory's order is nobody's promise, so lines are sorted; which are children of what is seen by their names.
    text: `chown daemon:daemon /w/plain; chmod 600 /w/full/x; cd /w/..\nfind ${from === ". " ? "./w" : from} ${what} >/out 2>/dev/null\necho $?\ntr '\\0' '\\n' </out | sort; rm /out`,
    files: FILES,
  }));
  assertSame(generate(command, 300), { refused: 40 });
});

test("what find removes", () => {
  const what = fc.constantFrom(
    "-delete",
    "-type f -delete",
    "-mindepth 1 -delete",
    "-name sub -exec rm -r {} ';'",
    "-name sub -prune -exec rm -r {} ';'",
    "-depth -name sub -exec rm -r {} ';'",
    "-name '*.conf' -exec rm {} +",
    "-type d -name none -exec rm {} +",
    "-empty -delete",
    "-type f -print0 | xargs -0 rm",
    "'(' -type l -o -empty ')' -delete",
    "! -user root -print0 -or ! -group daemon -print0 | xargs -0 -r chown -h daemon:daemon",
  );
  const command = fc.tuple(fc.constantFrom("/w", "/w/real", "/w/link", "/w/full/"), what).map(([from, how]) => ({
    text: `find ${from} ${how} 2>/dev/null; echo $?`,
    files: FILES,
  }));
  assertSame(generate(command, 100), { refused: 0 });
});

test.run();
