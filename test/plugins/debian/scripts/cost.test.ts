// @runtimes node
/** What scripts name as theirs to make, without running them, and what a tree lacks of it. */
import * as assert from "uvu/assert";
import { FileTree } from "../../../../core/index.ts";
import { lackingIn, lackingText } from "../../../../plugins/debian/scripts/cost/lacking.ts";
import { namedByScripts } from "../../../../plugins/debian/scripts/cost/named.ts";
import { suite } from "../../../harness.ts";
import { BASE, type Layout, packageOf, treeOf } from "./support.ts";

const test = suite("debian/scripts/cost");

function lacking(script: string, layout: Layout = {}, of: "preinst" | "postinst" = "postinst"): string {
  const tree = FileTree.of(treeOf({ ...BASE, ...layout }));
  return lackingText(lackingIn(tree, namedByScripts(packageOf("thing", { [of]: `#!/bin/sh\n${script}\n` }), tree)));
}

const CASES: readonly (readonly [script: string, lacking: string])[] = [
  ["adduser --system --group --home /var/lib/t --gecos 'A b' t", "users t; groups t; directories /var/lib/t"],
  ["adduser --system --no-create-home --home=/var/lib/t --ingroup adm t", "users t"],
  ["/usr/sbin/adduser --quiet t adm", ""],
  ["addgroup --system t; groupadd -r -g 70 u", "groups t, u"],
  ["useradd -r -U -m -d /srv/t -s /bin/false t", "users t; groups t; directories /srv/t"],
  ["adduser --system daemon", ""],
  ["mkdir -p -m 750 /srv/a /srv/b; mkdir relative /usr", "directories /srv/a, /srv/b"],
  ["install -d -o daemon -m 755 /srv/a; install -m 644 /usr/x /etc/conf", "directories /srv/a; files /etc/conf"],
  ["ln -s ../x /etc/l; ln -sf /usr/lib/y.conf /etc; ln /usr/a /usr/b", "links /etc/l, /etc/y.conf"],
  ["cp -a /usr/share/t/one /usr/share/t/two /etc/; cp /usr/x /usr", "files /etc/one, /etc/two, /usr/x"],
  ["ucf --three-way --debconf-ok /usr/share/t/t.conf /etc/t.conf", "files /etc/t.conf"],
  ["echo x > /etc/a; cat >> /etc/b <<EOF\nx\nEOF\n", "files /etc/a, /etc/b"],
  ["echo x 2>/dev/null >&2; echo > /run/x; touch /var/run/y /tmp/z", ""],
  [
    "update-alternatives --install /usr/bin/a a /usr/bin/b 5 --slave /usr/share/c c /d",
    "links /usr/bin/a, /usr/share/c",
  ],
  // Variables that hold one text each, and lists that a loop goes through.
  ['D=/srv/d; U="t"; mkdir "$D/${U}"; chown $U $D', "directories /srv/d/t"],
  ["for d in /srv/a /srv/b; do mkdir $d; done", "directories /srv/a, /srv/b"],
  ['L="/srv/a\n/srv/b"; for d in $L; do mkdir $d; done', "directories /srv/a, /srv/b"],
  ["D=/srv/a; D=/srv/b; mkdir $D; mkdir /srv/$(hostname) /srv/*", ""],
  // What a first installation does not come to.
  ['case "$1" in configure) mkdir /srv/a;; abort-upgrade) mkdir /srv/b;; esac', "directories /srv/a"],
  ['if [ -n "$2" ]; then mkdir /srv/a; else mkdir /srv/b; fi', "directories /srv/b"],
  ['if dpkg --compare-versions "$2" lt-nl 2; then mkdir /srv/a; fi; [ -n "$2" ] && mkdir /srv/b', ""],
  ['if dpkg --compare-versions "$2" lt 2; then mkdir /srv/a; fi', "directories /srv/a"],
  ["f() { mkdir /srv/a; }; g() { mkdir /srv/b; }; f", "directories /srv/a"],
  // What is taken away again.
  ["echo x > /etc/a.tmp; mv /etc/a.tmp /etc/a; mkdir /srv/d; rmdir /srv/d", "files /etc/a"],
  ["if ! getent passwd t; then (adduser --system t || true) | cat; fi", "users t"],
];

for (const [script, expected] of CASES)
  test(script.replaceAll("\n", "\\n"), () => assert.is(lacking(script), expected));

test("files for systemd-sysusers and systemd-tmpfiles are read", () => {
  const layout = {
    "usr/lib/sysusers.d/t.conf": "u t - 'T t' /var/lib/t\nu! n 7:adm\ng other\nm t adm\n",
    "usr/lib/tmpfiles.d/t.conf": "d /var/lib/t 0750 t t\nL /var/l - - - - x\nd /run/t\n",
  };
  assert.is(lacking("systemd-sysusers t.conf", layout), "users n, t; groups other, t");
  assert.is(lacking("systemd-tmpfiles --create t.conf", layout), "directories /var/lib/t; links /var/l");
});

test("what is there is not lacking, and a link that leads nowhere is there", () => {
  const layout: Layout = { "srv/d": null, "srv/l": ["link", "nowhere"] };
  assert.is(lacking("mkdir -p /srv/d/ /srv//d; ln -s x /srv/l; ln -s x /srv/d/l", layout), "links /srv/d/l");
});

test("preinst's actions are its own, and a script of another language names nothing", () => {
  const script = 'case "$1" in install) adduser --system a;; upgrade) adduser --system b;; esac';
  assert.is(lacking(script, {}, "preinst"), "users a");
  const tree = FileTree.of(treeOf(BASE));
  const perl = packageOf("thing", { postinst: "#!/usr/bin/perl\nmkdir '/srv/a';\n" });
  assert.is(lackingText(lackingIn(tree, namedByScripts(perl, tree))), "");
});

test.run();
