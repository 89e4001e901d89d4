// @runtimes node
/** dpkg-statoverride and dpkg-divert on paper against the host's dpkg. */
import fc from "fast-check";
import { suite } from "../../../../harness.ts";
import { assertSame, generate } from "./harness.ts";

const test = suite("debian/scripts/differential/dpkg-records");

const files = {
  "var/lib/dpkg/statoverride": "",
  "var/lib/dpkg/diversions": "",
  "etc/a": "",
  "etc/b": "",
  opt: null,
};
const path = fc.constantFrom("/etc/a", "/etc/b", "/opt/c", "/opt/d", "/usr/sbin/postdrop", "/usr/sbin/postqueue");
/** Then the records as they are, without what dpkg keeps of the last ones. */
const asked = (commands: readonly string[]) => ({
  text: `${commands.map((each) => `${each}; echo $?`).join("\n")}\nrm -f /var/lib/dpkg/*-old`,
  files,
});

test("overrides are added, listed and removed as dpkg does it, in the order of its hash table", () => {
  const command = fc.oneof(
    fc.tuple(fc.constantFrom("0640", "4755", "02710"), path).map(([mode, on]) => `--add daemon adm ${mode} ${on}`),
    fc.tuple(fc.constantFrom("0640", "4755"), path).map(([mode, on]) => `--update --add daemon adm ${mode} ${on}`),
    path.map((on) => `--remove ${on}`),
    path.map((on) => `--force-all --remove ${on}`),
    path.map((on) => `--list ${on}`),
    fc.constantFrom("--list", "--list '/etc/*'", "--remove", "--remove /a /b"),
  );
  const script = fc
    .array(command, { minLength: 1, maxLength: 6 })
    .map((list) => asked(list.map((each) => `dpkg-statoverride --quiet ${each} 2>/dev/null`)));
  assertSame(generate(script, 100), { refused: 0 });
});

test("diversions are added, asked for and removed as dpkg does it", () => {
  const of = fc.constantFrom("--package thing", "--package other", "--local", "");
  const to = fc.constantFrom("--divert /opt/x", "--divert /opt/y", "");
  const command = fc.oneof(
    { weight: 2, arbitrary: fc.tuple(of, to, path).map((words) => `--no-rename --add ${words.join(" ")}`) },
    fc.tuple(of, to, path).map((words) => `--no-rename --remove ${words.join(" ")}`),
    path.map((on) => `--truename ${on}`),
    path.map((on) => `--listpackage ${on}`),
    path.map((on) => `--list ${on}`),
    fc.constantFrom("--list"),
  );
  const script = fc
    .array(command, { minLength: 1, maxLength: 6 })
    .map((list) => asked(list.map((each) => `dpkg-divert --quiet ${each} 2>/dev/null`)));
  assertSame(generate(script, 100), { refused: 0 });
});

test.run();
