// @runtimes node
/** Tools that single packages bring for their own scripts and those of others. */
import * as assert from "uvu/assert";
import { suite } from "../../../harness.ts";
import { configure, refusal, textOf } from "./support.ts";

const test = suite("debian/scripts/package-tools");

test("the paper is what libpaper takes it for, which changed between releases", () => {
  const tool = { "usr/bin/paperconf": "\x7fELF" };
  const paper = (file?: string, release = "bookworm") => {
    const result = configure("paperconf > /out", { ...tool, ...(file && { "etc/papersize": file }) }, {}, release);
    return refusal(result) ?? textOf(result, "out");
  };
  assert.is(paper(), "letter\n");
  assert.is(paper("a5\n"), "a5\n");
  assert.match(paper("folio x\n")!, /not supported/);
  assert.is(paper(undefined, "trixie"), "a4\n");
  assert.match(paper("a5\n", "trixie")!, /not supported/);
});

test("locale says what it says in the C locale, and nothing of others", () => {
  const said = (script: string) => textOf(configure(`{ ${script}; } > /out`), "out");
  assert.is(said("locale width; locale height; locale charmap"), "210\n297\nANSI_X3.4-1968\n");
  assert.is(said("LC_ALL=C.UTF-8 locale charmap"), "UTF-8\n");
  assert.match(refusal(configure("LANG=de_DE.UTF-8 locale width"))!, /another locale/);
  assert.match(refusal(configure("locale -a"))!, /locale with such operands/);
});

test("Java's certificates are left to the one store for the image", () => {
  const script = `java -version 2> /dev/null && echo there > /out
java -Xmx64m -jar /usr/share/ca-certificates-java/ca-certificates-java.jar -storepass changeit < /dev/null`;
  const result = configure(script, { "usr/bin/java": "#!java\n" });
  assert.is(refusal(result), undefined);
  assert.is(textOf(result, "out"), "there\n");
  assert.match(result.notes[0]!.text, /store of certificates/);
  assert.match(refusal(configure(script))!, /^3 java where none is/);
  assert.match(refusal(configure("java -jar /x.jar", { "usr/bin/java": "#!java\n" }))!, /^3 java with such arguments/);
});

test("run-parts runs what may be run and has such a name, in order, and tells of a failure at the end", () => {
  const script = (text: string) => `#!/bin/sh\necho ${text} "$@" >> /out\n`;
  const layout = {
    "etc/parts/b": script("b"),
    "etc/parts/A1": script("A1"),
    "etc/parts/c_c-c": `${script("c")}exit 3\n`,
    "etc/parts/d.sh": script("no"),
    "etc/parts/plain": "text",
    "etc/parts/e": ["link", "/etc/parts/b"],
    "etc/parts/folder": null,
  } as const;
  const result = configure(
    'run-parts -a 1 -a "2 3" /etc/parts || echo "$?" >> /out; run-parts /etc/none || echo none >> /out',
    layout,
  );
  assert.is(refusal(result), undefined);
  assert.is(textOf(result, "out"), "A1 1 2 3\nb 1 2 3\nc 1 2 3\nb 1 2 3\n1\nnone\n");
});

test("ucf remembers a file that is there with the same text, and does not decide over another one", () => {
  const layout = { "usr/share/thing/conf": "a\n", "etc/same": "a\n", "etc/other": "b\n" };
  const over = (target: string) => configure(`ucf --debconf-ok /usr/share/thing/conf ${target}`, layout);
  assert.is(refusal(over("/etc/same")), undefined);
  assert.match(
    textOf(over("/etc/same"), "var/lib/ucf/hashfile")!,
    /^60b725f10c9c85c70d97880dfe8191b3 {2}\/etc\/same\n$/,
  );
  assert.match(refusal(over("/etc/other"))!, /which is there/);
});

test.run();
