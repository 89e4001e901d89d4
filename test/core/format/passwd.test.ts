/** The user databases: what is read is what is written, and what is no database is refused by line. */
import { execFileSync } from "node:child_process";
import * as fc from "fast-check";
import * as assert from "uvu/assert";
import {
  formatGroup,
  formatGshadow,
  formatPasswd,
  formatShadow,
  parseGroup,
  parseGshadow,
  parsePasswd,
  parseShadow,
} from "../../../core/format/passwd.ts";
import { requireTool, suite } from "../../harness.ts";

const test = suite("format/passwd");

test("the host's own databases are written back byte for byte", () => {
  const getent = requireTool("getent");
  const passwd = execFileSync(getent, ["passwd"], { encoding: "latin1" });
  const group = execFileSync(getent, ["group"], { encoding: "latin1" });
  assert.is(formatPasswd(parsePasswd(passwd)), passwd);
  assert.is(formatGroup(parseGroup(group)), group);
  assert.ok(parsePasswd(passwd).some((entry) => entry.name === "root" && entry.uid === 0));
});

test("fields are what passwd(5), group(5), shadow(5) and gshadow(5) say", () => {
  assert.equal(parsePasswd("a:x:1:2:A, B:/home/a:/bin/sh\n"), [
    { name: "a", password: "x", uid: 1, gid: 2, gecos: "A, B", home: "/home/a", shell: "/bin/sh" },
  ]);
  assert.equal(parseGroup("g:*:7:a,b\n"), [{ name: "g", password: "*", gid: 7, members: ["a", "b"] }]);
  const shadow = "a:*:20000:0:99999:7:::\nb:!:::::::\n";
  assert.is(parseShadow(shadow)[0]?.lastChange, 20000);
  assert.is(parseShadow(shadow)[1]?.maximum, undefined);
  assert.is(formatShadow(parseShadow(shadow)), shadow);
  const gshadow = "g:!:root:a,b\nh:*::\n";
  assert.equal(parseGshadow(gshadow)[0]?.administrators, ["root"]);
  assert.is(formatGshadow(parseGshadow(gshadow)), gshadow);
});

test("what is no database is refused, with its line", () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["root:x:0:0:root:/root\n", /passwd:1: it has 6 fields/],
    ["root:x:0:0:r:/:/b\nroot:x:1:1:r:/:/b\n", /passwd:2: .*a second time/],
    ["a:x:-1:0:::\n", /"-1" where an id/],
    ["a:x:4294967295:0:::\n", /where an id/],
    ["a:x:1e3:0:::\n", /where an id/],
    [":x:1:1:::\n", /which is not one/],
    ["a b:x:1:1:::\n", /which is not one/],
    ["a:x:1:1:::\0\n", /control character/],
    ["\n", /1 fields/],
  ];
  for (const [text, message] of cases) {
    assert.throws(
      () => parsePasswd(text),
      (error: Error & { code?: string }) => error.code === "E_PASSWD_INVALID" && message.test(error.message),
    );
  }
  assert.throws(() => formatPasswd([{ ...parsePasswd("a:x:1:1:::\n")[0]!, gecos: "a:b" }]), /Cannot write "a:b"/);
});

test("any entries survive being written and read", () => {
  const field = fc.string({ unit: fc.constantFrom(..."abXY09 -_/,é".split("")), maxLength: 12 });
  const name = fc.stringMatching(/^[a-z_][a-z0-9_-]{0,9}$/);
  const id = fc.integer({ min: 0, max: 0xffff_fffe });
  const entry = fc.record(
    { name, password: field, uid: id, gid: id, gecos: field, home: field, shell: field },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(fc.uniqueArray(entry, { selector: (item) => item.name }), (entries) => {
      assert.equal(parsePasswd(formatPasswd(entries)), entries);
    }),
  );
});

test.run();
