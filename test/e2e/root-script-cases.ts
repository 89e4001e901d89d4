/** Small scripts made at random, each in a folder of its own with the same files: what an overlay, a tar and a tree may get wrong. */
import fc from "fast-check";
import * as assert from "uvu/assert";
import { compareWithChroot } from "./chroot-referee.ts";
import type { Visitor } from "./visitor.ts";

/** What the scripts need. */
export const CASE_PACKAGES = ["bash", "coreutils", "findutils", "attr", "libcap2-bin"];

/** Files of the base; a and b are one, as are d/x and l/x. */
const BASE = `mkdir -p d/e l m/s
echo 1 > a; echo 2 > d/x; echo 3 > d/e/z; echo 4 > m/f; echo 5 > m/s/g; echo 6 > c
ln a b; ln d/x l/x; ln -s d link; ln -s nowhere dangling; printf 7 > "d/new"$'\\n'"line"
chmod 2750 d/e; chmod 4711 c; truncate -s 70000 sparse; chown 5:6 c m/f`;

const FILES = ["a", "b", "c", "d/x", "l/x", "d/e/z", "fresh", "d/fresh", "sparse", `$'d/new\\nline'`, `$'\\377\\376'`];
const FOLDERS = ["d", "d/e", "l", "new", "link", "m", "m/s", "n"];
const MOVED_FILES = ["m/f", "m/s/g", "n/f", "n/x", "l/e/z"];
/** Nobody writes to them: that would wait for who reads. */
const FIFOS = ["fifo", "d/fifo", "m/fifo"];

const MAX_COMMANDS = 12;

type CaseScript = readonly string[];

/** Throws where one of them makes other files in the guest than in a chroot of the host. `scripts`: in each run, which is a build. */
export function checkRandomScripts(
  visitor: Visitor,
  { runs, scripts: count }: { runs: number; scripts: number },
): void {
  const script = fc.array(command(), { minLength: 1, maxLength: MAX_COMMANDS });
  let run = 0;
  const property = fc.property(fc.array(script, { minLength: count, maxLength: count }), (scripts) => {
    const verdict = compareWithChroot(visitor, `random-${String(++run)}`, {
      packages: CASE_PACKAGES,
      before: baseText(count),
      script: scriptText(scripts),
    });
    assert.equal(
      verdict.differences.map((each) => withScript(each, scripts)),
      [],
    );
    assert.is(verdict.attributes.ours, verdict.attributes.theirs);
  });
  fc.assert(property, { numRuns: runs, endOnFailure: true, reporter: tellFirst });
}

/** The path that differs tells which script it was: no need to look for fewer, or to print all. */
function withScript(difference: string, scripts: readonly CaseScript[]): string {
  const number = /^case-(\d+)/.exec(difference)?.[1];
  return number === undefined ? difference : `${difference}\n${scripts[Number(number)]!.join("\n")}`;
}

function tellFirst<Values>({ failed, seed, errorInstance }: fc.RunDetails<Values>): void {
  if (!failed) return;
  console.error(`With the seed ${String(seed)}:`);
  throw errorInstance;
}

function command(): fc.Arbitrary<string> {
  const file = fc.constantFrom(...FILES);
  const folder = fc.constantFrom(...FOLDERS);
  const any = fc.constantFrom(...FILES, ...FOLDERS, ...MOVED_FILES);
  const content = fc.constantFrom(...FILES, ...MOVED_FILES);
  const number = fc.nat(4000);
  const mode = fc.nat(0o7777).map((value) => value.toString(8));
  const made = (text: (...parts: string[]) => string, ...parts: fc.Arbitrary<unknown>[]): fc.Arbitrary<string> =>
    fc.tuple(...parts).map((values) => text(...values.map(String)));
  return fc.oneof(
    made((to, what) => `echo ${what} > ${to}`, content, number),
    made((to, what) => `echo ${what} >> ${to}`, content, number),
    made((to, size) => `truncate -s ${size}00 ${to}`, content, number),
    made((name) => `rm -rf ${name}`, any),
    made((name) => `mkdir -p ${name}`, folder),
    made((name) => `rm -rf ${name}; mkdir ${name}`, any),
    made((name, to) => `rm -rf ${name}; ln -s ${to} ${name}`, any, any),
    made((name) => `rm -rf ${name}; echo file > ${name}`, folder),
    made((from, to) => `mv -T ${from} ${to}`, file, file),
    made((from, to) => `mv -T ${from} ${to}`, folder, folder),
    made((from, to) => `ln -fT ${from} ${to}`, file, file),
    made((from, to) => `cp -aT ${from} ${to}`, file, file),
    made((name, to) => `chmod ${to} ${name}`, any, mode),
    made((name, uid, gid) => `chown -h ${uid}:${gid} ${name}`, any, number, number),
    made((name, value) => `setfattr -n user.note -v ${value} ${name}`, any, number),
    made((name) => `setfattr -x user.note ${name}`, any),
    made((name) => `setcap cap_net_raw=ep ${name}`, content),
    made((name, major, minor) => `mknod ${name} c ${major} ${minor}`, file, fc.integer({ min: 1, max: 300 }), number),
    made((name) => `mkfifo -m 640 ${name}`, fc.constantFrom(...FIFOS)),
    // Not into itself: what is there then depends on the order in which a folder is read.
    fc.constantFrom("cp -rT m n", "cp -rT n m", "cp -rT m/s n"),
  );
}

/** What makes the base: a folder for each script. */
function baseText(count: number): string {
  return eachCase(Array.from({ length: count }, () => BASE));
}

/** All of them. One of their commands that fails in the one place fails in the other. */
function scriptText(scripts: readonly CaseScript[]): string {
  return eachCase(
    scripts.map((commands) =>
      commands.map((command) => `{ ${command}; } 2> /dev/null || echo $? >> status`).join("\n"),
    ),
  );
}

function eachCase(texts: readonly string[]): string {
  return texts.map((text, index) => `mkdir -p case-${index}; cd case-${index}\n${text}\ncd ..`).join("\n");
}
