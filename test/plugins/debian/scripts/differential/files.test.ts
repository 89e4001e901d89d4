// @runtimes node
// @timeout 600
/** Commands that make, change and remove files, on paper against coreutils. */
import fc from "fast-check";
import { suite } from "../../../../harness.ts";
import type { Layout } from "../support.ts";
import { type Snippet, assertSame, generate } from "./harness.ts";

const test = suite("debian/scripts/differential/files");

const FILES: Layout = {
  "w/real/f": "text\n",
  "w/real/run": "#!/bin/sh\n",
  "w/real/sub/g": "g\n",
  "w/real/in": ["link", "f"],
  "w/link": ["link", "real"],
  "w/flink": ["link", "real/f"],
  "w/dangling": ["link", "nowhere"],
  "w/plain": "p\n",
  "w/other": "o\n",
  "w/empty": null,
  "w/full/x": "x\n",
};
const PATHS = [
  "real",
  "link",
  "flink",
  "dangling",
  "plain",
  "other",
  "empty",
  "full",
  "real/f",
  "real/run",
  "real/in",
  "link/",
  "missing",
  "new",
  "real/sub",
];

const path = fc.constantFrom(...PATHS);
const paths = fc.array(path, { minLength: 1, maxLength: 3 }).map((list) => list.join(" "));
const flags = (...options: readonly string[]) => fc.subarray([...options]).map((list) => list.join(" "));
const line = (...parts: readonly (string | fc.Arbitrary<string>)[]) =>
  fc
    .tuple(...parts.map((part) => (typeof part === "string" ? fc.constant(part) : part)))
    .map((words) => words.filter((word) => word !== "").join(" "));

/** Each with what it told, and a look at what is there now. */
function snippets(command: fc.Arbitrary<string>, count: number): readonly Snippet[] {
  const text = fc
    .array(command, { minLength: 1, maxLength: 2 })
    .map((commands) =>
      [
        "cd /w",
        "chmod 4755 real/run; chmod 2770 full",
        ...commands.map((each) => `${each} 2> /dev/null; echo $?`),
      ].join("\n"),
    );
  return generate(text, count).map((each) => ({ text: each, files: FILES }));
}

const mode = fc.constantFrom(
  "755",
  "0644",
  "2750",
  "u+s",
  "g+s",
  "go-rwx",
  "a+X",
  "u=rwX,go=rX",
  "+t",
  "-x",
  "g=u",
  "1777",
  "00755",
  "o+w",
  "ug+rw,o-r",
);
const owner = fc.constantFrom("daemon", "daemon:adm", ":adm", "1:4", "root:", "daemon:", "nobody-x", "0", "daemon.adm");

test("chown and chgrp", () => {
  const chown = line("chown", flags("-R", "-h", "-H", "-P", "-f"), owner, paths);
  const chgrp = line("chgrp", flags("-R", "-h", "-H", "-P"), fc.constantFrom("adm", "4", "none-x"), paths);
  assertSame(snippets(fc.oneof(chown, chgrp), 80), { refused: 60 });
});

test("chown -R of a link that is named changes the link alone", () => {
  assertSame([{ text: "cd /w; chown -R daemon:adm link; chown -R daemon flink plain", files: FILES }], { refused: 0 });
});

test("chmod", () => {
  assertSame(snippets(line("chmod", flags("-R", "-f"), mode, paths), 80), { refused: 60 });
});

test("cp", () => {
  const options = fc.constantFrom(
    "",
    "-a",
    "-r",
    "-p",
    "-dR",
    "-f",
    "-n",
    "-T",
    "-a -T",
    "--remove-destination",
    "-rp",
  );
  assertSame(snippets(line("cp", options, path, path), 100), { refused: 90 });
});

test("mv, rm and rmdir", () => {
  const mv = line("mv", flags("-f", "-T"), paths, path);
  const rm = line("rm", flags("-f", "-r", "-d"), paths);
  const rmdir = line("rmdir", flags("-p", "--ignore-fail-on-non-empty"), paths);
  assertSame(snippets(fc.oneof(mv, rm, rmdir), 100), { refused: 90 });
});

test("ln, install, mkdir and touch", () => {
  const ln = line("ln -s", flags("-f", "-n", "-T", "-r"), fc.constantFrom("real", "plain", "../x", "/w/real/f"), path);
  const install = line("install", flags("-d", "-D", "-m 2750", "-o daemon", "-g adm", "-T"), paths, path);
  const mkdir = line(
    "mkdir",
    flags("-p", "-m 1777", "-m u=rwx,go="),
    fc.constantFrom("new", "new/a/b", "link/q", "dangling", "full/z", "real", "plain/x", "dangling/x"),
  );
  const touch = line("touch", flags("-c", "-h"), paths);
  assertSame(snippets(fc.oneof(ln, install, mkdir, touch), 120), { refused: 90 });
});

test("readlink, realpath, stat, basename and test", () => {
  const readlink = line("readlink", flags("-f", "-e", "-m", "-n"), path);
  const realpath = line("realpath", flags("-e", "-m", "-s"), path);
  const stat = line("stat", flags("-L"), "-c", fc.constantFrom("%a", "%u:%g", "%U.%G", "%n", "%F"), paths);
  const check = line("test", fc.constantFrom("-e", "-f", "-d", "-L", "-s", "-x", "-r", "-u", "-g", "-O"), path);
  const two = line("test", path, "-ef", path);
  assertSame(snippets(fc.oneof(readlink, realpath, stat, check, two), 120), { refused: 90 });
});

test.run();
