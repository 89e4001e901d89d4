/**
 * Users and groups as each release's tools make them. The texts are what adduser 3.134 and 3.152, shadow 4.13 and 4.17
 * left behind in minimal systems of bookworm and trixie, for these very lines.
 */
import * as assert from "uvu/assert";
import { suite } from "../../../harness.ts";
import { type Layout, configure, refusal, show, textOf } from "./support.ts";

const test = suite("debian/scripts/account-tools");

const LAYOUT: Layout = {
  "etc/skel/.profile": "p\n",
  "etc/subuid": "",
  "etc/subgid": "",
  "etc/adduser.conf": "#DSHELL=/x\n",
};

function run(script: string, suiteName: string) {
  const result = configure(`shadowconfig on\nset +e\n{ ${script}\n} > /out`, LAYOUT, {}, suiteName);
  assert.is(refusal(result), undefined, script);
  const added = (path: string) =>
    textOf(result, path)!
      .split("\n")
      .filter((line) => /^[a-z]\w?:/.test(line));
  return { result, added, statuses: textOf(result, "out")!.match(/^\d+$/gm)?.join(" ") };
}

test("a comment is four fields to bookworm's adduser and itself to trixie's", () => {
  const script = 'adduser --system --gecos "My daemon" x';
  assert.equal(run(script, "bookworm").added("etc/passwd"), [
    "x:x:100:65534:My daemon,,,:/nonexistent:/usr/sbin/nologin",
  ]);
  assert.equal(run(script, "trixie").added("etc/passwd"), ["x:x:100:65534:My daemon:/nonexistent:/usr/sbin/nologin"]);
  assert.equal(run("adduser --system --comment Y y", "trixie").added("etc/passwd"), [
    "y:x:100:65534:Y:/nonexistent:/usr/sbin/nologin",
  ]);
});

test("what goes wrong has the release's own status", () => {
  const script = `adduser --system root; echo $?
adduser --system a; adduser --system --uid 777 a; echo $?
adduser --system --ingroup none b; echo $?
adduser --system --group --ingroup adm b; echo $?
addgroup --gid 150 g; addgroup --gid 150 h; echo $?
addgroup --system --gid 150 h; echo $?
addgroup g; echo $?
adduser --system --home relative b; echo $?
addgroup --system c; addgroup --system --gid 5555 c; echo $?
deluser b; echo $?
deluser --system b; echo $?
deluser a adm; echo $?
delgroup zz; echo $?
delgroup --system zz; echo $?`;
  assert.is(run(script, "bookworm").statuses, "1 1 1 1 1 1 1 1 0 2 0 6 3 0");
  assert.is(run(script, "trixie").statuses, "13 13 12 53 21 13 11 32 13 12 0 42 12 0");
});

test("names with capitals need no leave in trixie", () => {
  assert.is(run("adduser --system Debian-x; echo $?", "bookworm").statuses, "1");
  assert.is(run("adduser --system Debian-x; echo $?", "trixie").statuses, "0");
});

test("users of people get a group, a home with the files of /etc/skel, and ids for their containers", () => {
  for (const suiteName of ["bookworm", "trixie"]) {
    const { result, added } = run(
      `adduser --disabled-password --gecos "A B,C" b
adduser --disabled-login --gecos "x" --home /srv/c c
adduser --disabled-password --no-create-home --ingroup adm --gecos x d`,
      suiteName,
    );
    const comma = suiteName === "bookworm" ? ",,," : "";
    assert.equal(added("etc/passwd"), [
      `b:x:1000:1000:A B,C${comma.slice(1)}:/home/b:/bin/bash`,
      `c:x:1001:1001:x${comma}:/srv/c:/usr/sbin/nologin`,
      `d:x:1002:4:x${comma}:/home/d:/bin/bash`,
    ]);
    assert.equal(added("etc/subuid"), ["b:100000:65536", "c:165536:65536", "d:231072:65536"]);
    assert.equal(added("etc/shadow")[0], "b:!::0:99999:7:::");
    assert.match(textOf(result, "etc/group")!, /^users:x:100:b,c,d$/m);
    assert.is(show(result, "home/b"), "700 1000:1000");
    assert.is(show(result, "srv/c/.profile"), "644 1001:1001");
    assert.is(show(result, "home/d"), undefined);
  }
});

test("adduser that would ask is refused", () => {
  assert.match(refusal(configure("adduser --gecos x b"))!, /^3 adduser that asks for a password/);
  assert.match(refusal(configure("adduser --disabled-password b"))!, /^3 adduser that asks for a full name/);
  assert.match(refusal(configure("echo a:b | chpasswd"))!, /^3 chpasswd/);
});

test("the home of a user whose group was there before has the next group's id", () => {
  const script = "addgroup --system a; adduser --system --group --home /var/lib/a a";
  for (const suiteName of ["bookworm", "trixie"]) {
    const { result, added } = run(script, suiteName);
    assert.equal(added("etc/passwd"), ["a:x:100:101::/var/lib/a:/usr/sbin/nologin"]);
    assert.is(show(result, "var/lib/a"), "755 100:102");
  }
});

test("useradd makes homes, and groups by the user's id where that may be", () => {
  const script = `useradd a
useradd -m b
useradd -r -m -d /var/lib/c c
useradd -N d
useradd -u 1500 i
useradd j
useradd -r -u 1600 k
useradd -p '*' y`;
  const { result, added } = run(script, "bookworm");
  assert.equal(added("etc/passwd"), [
    "a:x:1000:1000::/home/a:/bin/sh",
    "b:x:1001:1001::/home/b:/bin/sh",
    "c:x:999:999::/var/lib/c:/bin/sh",
    "d:x:1002:100::/home/d:/bin/sh",
    "i:x:1500:1500::/home/i:/bin/sh",
    "j:x:1501:1501::/home/j:/bin/sh",
    "k:x:1600:998::/home/k:/bin/sh",
    "y:x:1601:1601::/home/y:/bin/sh",
  ]);
  assert.is(added("etc/shadow").at(-1), "y:*::0:99999:7:::");
  assert.equal([show(result, "home/b"), show(result, "home/a")], ["755 1001:1001", undefined]);
  assert.is(show(run(script, "trixie").result, "home/b"), "700 1001:1001");
  assert.is(show(result, "var/lib/c/.profile"), "644 999:999");
});

test("system groups go on below the lowest", () => {
  const { added } = run("groupadd -r a; groupadd -r -g 450 b; groupadd -r c; useradd -r d", "bookworm");
  assert.equal(added("etc/group"), ["a:x:999:", "b:x:450:", "c:x:449:", "d:x:448:"]);
});

test("accounts are locked, changed and removed", () => {
  const { result, added, statuses } = run(
    `useradd a; useradd b; useradd c; groupadd g; groupadd -g 1600 h
passwd -l a; passwd -d b; passwd -l nobody2; echo $?
chage -d 0 -M 90 -E 2030-01-01 -I 3 b; chage -M -1 a
chfn -f "Full Name" -r 1 a; chfn -o other a; chsh -s /bin/false b
groupmod -g 2222 g; groupmod -n k h; groupmod -g 2222 k; echo $?
gpasswd -a a k; gpasswd -M a,b g; gpasswd -d b k; echo $?
usermod -e 1 -L c; usermod -rG k a; usermod -c C -d /new b; usermod -u 1777 c
useradd z; deluser z; userdel zz; echo $?; groupdel a; echo $?`,
    "trixie",
  );
  assert.is(statuses, "1 4 3 6 8");
  assert.equal(added("etc/passwd"), [
    "a:x:1000:1000:Full Name,1,,,other:/home/a:/bin/sh",
    "b:x:1001:1001:C:/new:/bin/false",
    "c:x:1777:1002::/home/c:/bin/sh",
  ]);
  assert.equal(added("etc/shadow"), ["a:!::0::7:::", "b::0:0:90:7:3:21915:", "c:!::0:99999:7::1:"]);
  assert.equal(added("etc/group"), ["a:x:1000:", "b:x:1001:", "c:x:1002:", "g:x:2222:a,b", "k:x:1600:"]);
  assert.match(textOf(result, "etc/subuid")!, /^c:[^z]*$/m);
});

test.run();
