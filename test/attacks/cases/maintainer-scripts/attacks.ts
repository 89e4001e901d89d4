/** A package's scripts, which are worked out without running them: whatever they ask for costs work, and may never stop the build. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Attack, Made, Refused } from "../../attack.ts";
import { debOf } from "../../make/deb.ts";
import type { RawMember } from "../../make/tar.ts";
import { openArchive, SUITE } from "../../../e2e/debian-archive.ts";

const archive = openArchive([]);
export const dispose = () => archive.dispose();

let count = 0;

/** `control`: the members of its control.tar. */
function attack(name: string, control: readonly RawMember[], ends: Made | Refused): Attack {
  const packageName = `evil${count++}`;
  writeFileSync(join(archive.directory, `pool/${packageName}_1_all.deb`), debOf(packageName, control));
  const options = { suite: SUITE, mirror: archive.uri, keyring: archive.keyring, packages: [packageName] };
  return {
    name,
    make() {},
    image: `dsl.image({ name: "t", contents: dsl.debian(${JSON.stringify(options)}) })`,
    ends,
  };
}

/** The text is not gone on with, and that is told with what it asked for. */
function script(name: string, text: string, why: string): Attack {
  const body = `#!/bin/sh\nset -e\n${text}\n`;
  const told = ["0 of 1 maintainer scripts worked out", /not covered: evil\d+ postinst/, why];
  return attack(name, [{ name: "./postinst", mode: 0o755, body }], { told });
}

const LONG = "a".repeat(3000);
const FIFTY = "&".repeat(50);
const OTHER: RawMember = { name: "./other", mode: 0o755, body: "#!/bin/sh\necho it-was-linked > /linked\n" };

export const attacks: readonly Attack[] = [
  script(
    "grep -E with a choice of equals, repeated",
    `echo ${LONG} | grep -qE '(a|a)*b' || while :; do :; done`,
    "steps are taken",
  ),
  script(
    "a pattern of thirty stars",
    `case ${LONG} in ${"*a".repeat(30)}b) ;; *) while :; do :; done ;; esac`,
    "steps are taken",
  ),
  script(
    "16,384 folders, and all of them searched",
    `mkdir -p ${"a/".repeat(16_384)}; find / > /list`,
    "bytes are handled",
  ),
  script(
    "a text that sed makes fifty times longer, six times",
    `cat /big | ${`sed 's/./${FIFTY}/g' | `.repeat(6)} cat > /out`,
    "sed's text grows beyond",
  ),
  script(
    "9,000 empty files, all read for each of them",
    "i=0; while [ $i -lt 9000 ]; do : > /f$i; i=$((i+1)); done; for a in /f*; do cat /f* > /dev/null; done",
    "bytes are handled",
  ),
  script(
    "a long text whose end is looked for by many stars, again and again",
    `a=${LONG}; while :; do b=\${a%%*b*c*d*}; done`,
    "bytes are handled",
  ),
  script(
    "a long text that sed goes through by single letters, again and again",
    `a=${LONG}; while :; do echo $a | sed 's/a/b/g;s/b/a/g' > /x; done`,
    "bytes are handled",
  ),
  script(
    "18,000 parameters, handed to a function again and again",
    `set -- ${"a ".repeat(18_000)}; f() { :; }; while :; do f "$@"; done`,
    "bytes are handled",
  ),
  script("100,000 here-documents, none of which begins", `cat ${"<<E ".repeat(100_000)}`, "here-documents"),
  script(
    "100,000 brackets, none of which closes, made out again and again",
    `while :; do case $(printf '%s' '') in ${"[".repeat(100_000)}) ;; esac; done`,
    "bytes are handled",
  ),
  script("100,000 functions, each in the one before", "f() ".repeat(100_000), "is nested too deep"),
  script("240,000 words", `mkdir ${"a ".repeat(240_000)}`, "more than 20000 arguments"),
  script("a loop without end", "while :; do :; done", "steps are taken"),
  script("a function that calls itself", "f() { f; }; f", "calls are nested deeper"),
  script(
    "a text that is doubled sixty times",
    'a=a; for i in $(seq 60); do a=$a$a; done; echo "$a" > /out',
    "a text grows beyond",
  ),
  script(
    "10,000 substitutions, each in the one before",
    `echo ${"$(echo ".repeat(10_000)}${")".repeat(10_000)}`,
    "cannot be parsed",
  ),
  script("a script of 20 MB", "# a\n".repeat(5_000_000), "postinst is longer than"),
  attack("a script that is a link to another member", [OTHER, { name: "./postinst", type: "2", link: "other" }], {
    code: "E_ARCHIVE_FORMAT",
    says: ["evil", "has postinst as a link or device"],
  }),
  attack(
    "a script that is a hard link to another member, as dpkg takes it",
    [OTHER, { name: "./postinst", type: "1", link: "./other" }],
    {
      told: ["1 of 1 maintainer scripts worked out"],
      holds: "it-was-linked\n",
    },
  ),
];
archive.sign();
