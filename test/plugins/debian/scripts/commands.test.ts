/** What single commands do to the tree: owners, modes, links, accounts, overrides. */
import * as assert from "uvu/assert";
import { suite } from "../../../harness.ts";
import { treePath } from "../../../../core/index.ts";
import { type Layout, configure, evaluate, packageOf, programs, refusal, show, textOf } from "./support.ts";

const test = suite("debian/scripts/commands");

/** Runs a script that must be covered. */
function run(script: string, layout: Layout = {}, control: Readonly<Record<string, string>> = {}) {
  const result = configure(script, layout, control);
  assert.is(refusal(result), undefined, script);
  return result;
}

function scriptOf(text: string) {
  return packageOf("thing", { postinst: `#!/bin/sh\nset -e\n${text}\n` });
}

test("a system user with its group gets 100 and 101, since 100 is the group users", () => {
  const result = run("shadowconfig on; adduser --system --quiet --group --home /var/lib/db --gecos 'The DB' db");
  assert.match(textOf(result, "etc/passwd")!, /\ndb:x:100:101:The DB,,,:\/var\/lib\/db:\/usr\/sbin\/nologin\n$/);
  assert.match(textOf(result, "etc/group")!, /\ndb:x:101:\n$/);
  assert.is(show(result, "var/lib/db"), "755 100:101");
  assert.is(show(result, "var/lib"), "755 0:0");
  assert.equal(result.ids, { users: { db: { uid: 100, gid: 101 } }, groups: { db: 101 } });
});

test("the account tools give the ids that Debian's give, in the same order", () => {
  // Said by adduser 3.134 and shadow 4.13 in a minimal bookworm, for these very lines.
  const result = run(`shadowconfig on
adduser --system --group --home /var/lib/a --quiet a
addgroup --system b
useradd -r c
useradd -r -g nogroup d
groupadd -r e
groupadd -r f
adduser --system g
useradd -r -U h
groupadd i
useradd -r -M -d /x -s /bin/false -c "A B" -G adm,a j
adduser a adm
usermod -a -G adm g
useradd -r -u 500 k
useradd -r l
groupadd -g 1005 m
groupadd n
adduser --system --group --gecos "A, B" --uid 250 o
addgroup --quiet p
adduser --system --no-create-home --gecos "" --force-badname Q-q`);
  const added = (text: string) =>
    text
      .split("\n")
      .filter((line) => /^([a-p]|Q-q):|^adm/.test(line))
      .join("\n");
  assert.is(
    added(textOf(result, "etc/passwd")!),
    `a:x:100:101::/var/lib/a:/usr/sbin/nologin
c:x:999:999::/home/c:/bin/sh
d:x:998:65534::/home/d:/bin/sh
g:x:101:65534::/nonexistent:/usr/sbin/nologin
h:x:997:996::/home/h:/bin/sh
j:x:996:995:A B:/x:/bin/false
k:x:500:500::/home/k:/bin/sh
l:x:995:994::/home/l:/bin/sh
o:x:250:250:A, B,,:/nonexistent:/usr/sbin/nologin
Q-q:x:102:65534:,,,:/nonexistent:/usr/sbin/nologin`,
  );
  assert.is(
    added(textOf(result, "etc/group")!),
    `adm:x:4:j,a,g
a:x:101:j
b:x:102:
c:x:999:
e:x:998:
f:x:997:
h:x:996:
i:x:1000:
j:x:995:
k:x:500:
l:x:994:
m:x:1005:
n:x:1006:
o:x:250:
p:x:1001:`,
  );
  assert.is(show(result, "etc/shadow"), "640 0:42");
  assert.match(textOf(result, "etc/shadow")!, /^root:\*::0:99999:7:::\ndaemon:.*\na:!:::::::\n/);
  assert.match(textOf(result, "etc/gshadow")!, /\nadm:\*::j,a,g\n[\s\S]*\na:!::j\n/);
});

test("asking for what is there is no error, unless it is somebody else's", () => {
  const result = run(
    `
adduser --system --group a; adduser --system --group a; addgroup --system a
adduser --system root && exit 9; addgroup --system adm && exit 9
useradd -r a && exit 9; useradd -r b -g nothing && exit 9; groupadd adm && exit 9; groupadd -f adm
getent passwd a >/dev/null; getent group a | grep -q ':101:'; getent passwd nobody-here && exit 9
[ "$(id -u a)" = 100 ]; [ "$(id -gn a)" = a ]; id -Gn a | grep -qw a; id nobody-here && exit 9
deluser --system gone; deluser gone && exit 9
true`
      .replaceAll("; ", "\n")
      .replace(/^(.*) && exit 9$/gm, "if $1; then exit 9; fi"),
  );
  assert.equal(Object.keys(result.ids.users), ["a"]);
});

test("owners and modes of files, directories and what a set-group-id parent hands on", () => {
  const result = run(`
mkdir -p /srv/a/b; chmod 2770 /srv/a; chown daemon:adm /srv/a; mkdir /srv/a/c; touch /srv/a/f; install -d -m 1777 -o daemon /srv/t
chmod u+s,g-w,o=r /srv/a/f; chown :daemon /srv/a/b; chmod -R go-rwx /srv/a/b; mkdir -m 700 /srv/m; umask 077; touch /srv/u; mkdir /srv/ud
ln -s a /srv/link; chown -h daemon /srv/link; chown 33:33 /srv/link; chgrp adm /srv/u; chmod 755 /srv/a`);
  assert.is(show(result, "srv/a"), "2755 33:33");
  assert.is(show(result, "srv/a/c"), "2755 0:4");
  assert.is(show(result, "srv/a/f"), "4644 0:4");
  assert.is(show(result, "srv/a/b"), "700 0:1");
  assert.is(show(result, "srv/t"), "1777 1:0");
  assert.is(show(result, "srv/m"), "700 0:0");
  assert.is(show(result, "srv/u"), "600 0:4");
  assert.is(show(result, "srv/ud"), "700 0:0");
  assert.is(show(result, "srv/link"), "-> a");
});

test("a file that loses its owner loses its set-id bits, if it can be run", () => {
  const result = run("chmod 6755 /usr/tool; chmod 2644 /usr/text; chown daemon:adm /usr/tool /usr/text", {
    "usr/tool": "#!/bin/sh\n",
    "usr/text": "x",
  });
  assert.is(show(result, "usr/tool"), "755 1:4");
  assert.is(show(result, "usr/text"), "2644 1:4");
});

test("files are copied, moved, linked and removed", () => {
  const result = run(
    `
cp -p /usr/share/x/default.conf /etc/x.conf; cp -a /usr/share/x /etc/xd; mv /etc/old /etc/new; rm -f /etc/gone /etc/none; rm -rf /etc/dir
ln -sf ../usr/share/x /etc/link; ln -s /elsewhere /etc/xd/; rmdir --ignore-fail-on-non-empty /etc/xd; [ -L /etc/link ]; [ -f /etc/link/default.conf ]
cat /etc/link/default.conf > /etc/copy; echo more >> /etc/copy; install -m 600 -o daemon /etc/copy /etc/deep; cp /etc/copy /etc/xd/default.conf
test "$(readlink /etc/link)" = ../usr/share/x; test "$(readlink -f /etc/link/default.conf)" = /usr/share/x/default.conf
test "$(stat -c '%a %u:%g %U' /etc/deep)" = "600 1:0 daemon"; find /etc/xd -type f -name '*.conf' -empty -delete; find /usr/share/x -type f | grep -q conf
T=$(mktemp); echo t > "$T"; mv "$T" /etc/temporary; D=$(mktemp -d); rmdir "$D"; sed -i 's/one/1/' /etc/xd/default.conf`,
    { "usr/share/x/default.conf": "one\n", "etc/old": "old", "etc/gone": "", "etc/dir/file": "" },
  );
  assert.is(textOf(result, "etc/x.conf"), "one\n");
  assert.is(textOf(result, "etc/xd/default.conf"), "1\nmore\n");
  assert.is(textOf(result, "etc/new"), "old");
  assert.is(show(result, "etc/old"), undefined);
  assert.is(show(result, "etc/gone"), undefined);
  assert.is(show(result, "etc/dir"), undefined);
  assert.is(show(result, "etc/xd/elsewhere"), "-> /elsewhere");
  assert.is(textOf(result, "etc/copy"), "one\nmore\n");
  assert.is(show(result, "etc/temporary"), "600 0:0");
  assert.equal(result.tree.under("tmp" as never).length, 0);
});

test("all names of one file change together", () => {
  const meta = { mode: 0o644, uid: 0, gid: 0, mtime: 1 };
  const first = { ...meta, path: treePath("usr/a"), type: "file", size: 4 } as const;
  const content = { kind: "inline", bytes: Buffer.from("text") } as const;
  const second = { ...meta, path: treePath("usr/b"), type: "hardlink", target: first.path } as const;
  const owned = [{ ...first, content }, second];
  const changed = evaluate([scriptOf("chmod 600 /usr/b; chown daemon /usr/a; cat /usr/b > /usr/copy")], {}, owned);
  assert.is(show(changed, "usr/a"), "600 1:0");
  assert.is(show(changed, "usr/b"), "600 1:0");
  assert.is(textOf(changed, "usr/copy"), "text");
  const removed = evaluate([scriptOf("rm /usr/a; echo new > /usr/b; mv /usr/b /usr/c")], {}, owned);
  assert.is(textOf(removed, "usr/c"), "new\n");
  assert.is(show(removed, "usr/a"), undefined);
  assert.is(show(removed, "usr/b"), undefined);
});

test("an override is listed, applied and kept", () => {
  const result = run(
    `if ! dpkg-statoverride --list /etc/x.conf >/dev/null 2>&1; then dpkg-statoverride --update --add daemon adm 640 /etc/x.conf; fi
dpkg-statoverride --list /etc/x.conf`,
    { "etc/x.conf": "" },
  );
  assert.is(show(result, "etc/x.conf"), "640 1:4");
  assert.is(textOf(result, "var/lib/dpkg/statoverride"), "daemon adm 640 /etc/x.conf\n");
});

test("the alternative of the highest priority is linked, with the slaves it has", () => {
  const result = run(
    `
update-alternatives --install /usr/bin/pager pager /usr/bin/less 77 --slave /usr/share/man/pager.1 pager.1 /usr/share/man/less.1 --slave /usr/share/man/p.5 p.5 /usr/share/man/none.5
update-alternatives --install /usr/bin/pager pager /usr/bin/more 50
update-alternatives --install /usr/bin/editor editor /usr/bin/more 1
update-alternatives --install /usr/bin/editor editor /usr/bin/less 1
update-alternatives --set editor /usr/bin/more
update-alternatives --remove nothing /usr/bin/none
if update-alternatives --install /usr/bin/x x /usr/bin/missing 1; then exit 9; fi`,
    { "usr/bin/less": "#!", "usr/bin/more": "#!", "usr/share/man/less.1": "" },
  );
  assert.is(show(result, "usr/bin/pager"), "-> /etc/alternatives/pager");
  assert.is(show(result, "etc/alternatives/pager"), "-> /usr/bin/less");
  assert.is(show(result, "usr/share/man/pager.1"), "-> /etc/alternatives/pager.1");
  assert.is(show(result, "etc/alternatives/p.5"), undefined);
  assert.is(show(result, "etc/alternatives/editor"), "-> /usr/bin/more");
  assert.is(
    textOf(result, "var/lib/dpkg/alternatives/pager"),
    "auto\n/usr/bin/pager\np.5\n/usr/share/man/p.5\npager.1\n/usr/share/man/pager.1\n\n" +
      "/usr/bin/less\n77\n/usr/share/man/none.5\n/usr/share/man/less.1\n/usr/bin/more\n50\n\n\n\n",
  );
  assert.match(textOf(result, "var/lib/dpkg/alternatives/editor")!, /^manual\n/);
});

test("a diversion is recorded, and moves another package's file away", () => {
  const result = run(
    "dpkg-divert --package thing --rename --divert /usr/x.real --add /usr/x; dpkg-divert --truename /usr/x | grep -q real",
    {
      "usr/x": "other",
    },
  );
  assert.is(textOf(result, "usr/x.real"), "other");
  assert.is(show(result, "usr/x"), undefined);
  assert.is(textOf(result, "var/lib/dpkg/diversions"), "/usr/x\n/usr/x.real\nthing\n");
});

test("debconf answers with what config scripts set, else with the template's default", () => {
  const templates = `Template: thing/a
Type: string
Default: from template
Default-de.UTF-8: vorgegeben

Template: thing/b
Type: select
Choices: x, y
Description: B
 more text
`;
  const config =
    "#!/bin/sh\nset -e\n. /usr/share/debconf/confmodule\ndb_set thing/b y\ndb_input high thing/b || true\ndb_go\n";
  const result = run(
    `. /usr/share/debconf/confmodule
db_version 2.0
db_get thing/a; A="$RET"
db_get thing/b; B="$RET"
if db_get thing/none; then exit 9; fi
db_fget thing/a seen; F="$RET"
db_fset thing/a seen true; db_fget thing/a seen
db_stop
echo "$A|$B|$F|$RET" > /etc/answers`.replaceAll("; ", "\n"),
    { etc: null },
    { templates, config },
  );
  assert.is(textOf(result, "etc/answers"), "from template|y|false|true\n");
});

test("isdefault is what seen was called once, the other way round", () => {
  const script = `. /usr/share/debconf/confmodule
db_fget thing/a isdefault; A="$RET"
db_fset thing/a seen true; db_fget thing/a isdefault; B="$RET"
db_fset thing/a isdefault true; db_fget thing/a seen
echo "$A|$B|$RET" > /etc/flags`;
  const result = run(script, { etc: null }, { templates: "Template: thing/a\nType: string\n" });
  assert.is(textOf(result, "etc/flags"), "true|false|false\n");
});

test("services are noted and not started; what is left out on purpose says why", () => {
  const script = `update-rc.d thing defaults >/dev/null
invoke-rc.d thing start || exit 1
deb-systemd-helper unmask thing.service >/dev/null || true
if deb-systemd-helper --quiet was-enabled thing.service; then deb-systemd-helper enable thing.service; fi
if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
ldconfig
py3compile -p thing`;
  const result = run(script, programs("py3compile"));
  assert.equal(
    result.notes.map((note) => [note.line, note.kind, note.text.split(":")[0]]),
    [
      [3, "service", "update-rc.d thing defaults"],
      [4, "service", "invoke-rc.d thing start"],
      [6, "service", "deb-systemd-helper enable thing.service"],
      [8, "left-out", "ldconfig"],
      [9, "left-out", "py3compile"],
    ],
  );
  assert.is(result.changes.length, 0);
});

test("file capabilities become the attribute the kernel reads", () => {
  const result = run("setcap cap_net_raw,cap_net_admin+ep /usr/ping", {
    "usr/ping": "#!",
    ...programs("setcap"),
  });
  const value = result.tree.get("usr/ping" as never)?.xattrs?.["security.capability"];
  assert.is(Buffer.from(value!, "latin1").toString("hex"), "0100000200300000000000000000000000000000");
});

test("scripts of the tree are run with the environment they are given", () => {
  const helper = '#!/bin/sh\necho "$0 $NAME-$1-$HIDDEN" > /etc/helped\nexit 3\n';
  const result = run("HIDDEN=x\nNAME=n /usr/lib/thing/helper arg || echo $? >> /etc/helped", {
    etc: null,
    "usr/lib/thing/helper": helper,
  });
  assert.is(textOf(result, "etc/helped"), "/usr/lib/thing/helper n-arg-\n3\n");
});

test("lighttpd that nobody has configured gets its page and the configuration for it", () => {
  const script = `nconfs=$(ls /etc/lighttpd/conf-enabled/*.conf 2>/dev/null | wc -l)
idx=$(grep index-file\\.names /etc/lighttpd/lighttpd.conf 2>/dev/null | sed -E 's/[ \t]+/ /g')
if [ "$nconfs" = "0" -a ! -r /var/www/html/index.html ]; then
  if [ "$idx" = 'index-file.names = ( "index.php", "index.html" )' ] && lighty-enable-mod unconfigured; then
    cp /usr/share/lighttpd/index.html /var/www/html/index.lighttpd.html
  fi
fi`;
  const result = run(script, {
    "etc/lighttpd/conf-available/99-unconfigured.conf": "# x\n",
    "etc/lighttpd/conf-enabled": null,
    "etc/lighttpd/lighttpd.conf": 'index-file.names            = ( "index.php", "index.html" )\n',
    "usr/share/lighttpd/index.html": "page\n",
    "var/www/html": null,
    ...programs("lighty-enable-mod"),
  });
  assert.is(
    show(result, "etc/lighttpd/conf-enabled/99-unconfigured.conf"),
    "-> ../conf-available/99-unconfigured.conf",
  );
  assert.is(textOf(result, "var/www/html/index.lighttpd.html"), "page\n");
});

test.run();
