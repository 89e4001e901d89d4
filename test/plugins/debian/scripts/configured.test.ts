/** What is made once for the whole image, and what stays of a package whose scripts are not covered. */
import { createHash } from "node:crypto";
import * as assert from "uvu/assert";
import { FileTree, treePath } from "../../../../core/index.ts";
import { atOnce } from "../../../../core/tree/turns.ts";
import { configureTree } from "../../../../plugins/debian/scripts/configure.ts";
import { suite } from "../../../harness.ts";
import {
  BASE,
  configure,
  evaluate,
  packageOf,
  programs,
  refusal,
  show,
  textOf,
  treeOf,
  type Layout,
} from "./support.ts";

const test = suite("debian/scripts/configured");

const CERTIFICATE = `-----BEGIN CERTIFICATE-----\n${Buffer.from("no real one").toString("base64")}\n-----END CERTIFICATE-----\n`;

function configured(layout: Layout, packages = [packageOf("thing", {})]) {
  const tree = FileTree.of([...treeOf({ ...BASE, ...layout }), ...treeOf({ usr: null }, "thing").slice(1)]);
  return atOnce(configureTree({ tree, packages, architecture: "amd64", suite: "bookworm" }));
}

test("a config script that cannot be evaluated matters to those that ask for its answers", () => {
  const control = {
    config: "#!/bin/sh\n. /usr/share/debconf/confmodule\nmkdir /srv\nlsblk\n",
    templates: "Template: thing/a\nType: string\nDefault: x\n",
  };
  const layout = { "usr/share": null, "usr/share/debconf": null, "usr/share/debconf/confmodule": "" };
  const silent = configure(". /usr/share/debconf/confmodule\nmkdir /opt", layout, control);
  assert.is(refusal(silent), undefined);
  assert.is(show(silent, "opt"), "755 0:0");
  assert.is(show(silent, "srv"), undefined);
  const asking = configure(". /usr/share/debconf/confmodule\ndb_get thing/a", layout, control);
  assert.match(refusal(asking)!, /^4 the command lsblk is not emulated \(config:4\)/);
});

test("Java gets a trust store where its link leads to none", () => {
  const result = configured({
    "usr/share": null,
    "usr/share/ca-certificates": null,
    "usr/share/ca-certificates/One.crt": CERTIFICATE,
    "usr/lib": null,
    "usr/lib/jvm": null,
    "usr/lib/jvm/cacerts": ["link", "/etc/ssl/certs/java/cacerts"],
  });
  const entry = result.tree.get(treePath("etc/ssl/certs/java/cacerts"));
  assert.ok(entry?.type === "file" && entry.content.kind === "inline");
  const bytes = Buffer.from(entry.content.bytes);
  // JDK's own reading: magic, version, count, then a trusted certificate by its alias.
  assert.is(bytes.subarray(0, 16).toString("hex"), "feedfeed000000020000000100000002");
  assert.is(bytes.subarray(18, 18 + bytes.readUInt16BE(16)).toString(), "debian:one.pem");
  const password = Buffer.from("changeit", "utf16le").swap16();
  const digest = createHash("sha1").update(password).update("Mighty Aphrodite").update(bytes.subarray(0, -20)).digest();
  assert.ok(digest.equals(bytes.subarray(-20)));
});

test("Java's link stays as it is where a store is there, leads elsewhere, or nothing is trusted", () => {
  const link = (target: string): Layout => ({ "usr/cacerts": ["link", target] });
  for (const layout of [link("/etc/ssl/certs/java/cacerts"), link("/opt/cacerts")]) {
    const result = configured(layout);
    assert.is(result.tree.has(treePath("etc/ssl/certs/java/cacerts")), false);
    assert.is(result.tree.has(treePath("opt/cacerts")), false);
  }
});

test("dpkg's records are there where dpkg is, and only there", () => {
  const control = {
    control:
      "Package: thing\nVersion: 1.0-1\nArchitecture: amd64\nMulti-Arch: same\nPre-Depends: usr-is-merged\nDescription: a\n thing\n",
    conffiles: "/etc/thing.conf\nremove-on-upgrade /etc/old.conf\n",
    triggers: "interest-noawait /usr/share/x\ninterest thing-name # why\nactivate other\n",
    postinst: "#!/bin/sh\n",
  };
  const tree = FileTree.of(treeOf({ etc: null, "etc/thing.conf": "text", usr: null, lib: null, "lib/thing": "" }));
  const packages = [{ ...packageOf("thing", control), tree }];
  const layout: Layout = { etc: null, "etc/thing.conf": "text", "var/lib": null, "var/lib/dpkg": null };
  const status: Layout = { "var/lib/dpkg/status.d": null, "var/lib/dpkg/status.d/thing": "Package: thing\n" };
  const without = configured({ ...layout, ...status }, packages);
  assert.is(without.tree.has(treePath("var/lib/dpkg/status")), false);
  assert.is(without.tree.has(treePath("var/lib/dpkg/status.d/thing")), true);

  const result = configured({ ...layout, ...status, "usr/bin": null, "usr/bin/dpkg": "" }, packages);
  const md5 = createHash("md5").update("text").digest("hex");
  assert.match(
    textOf(result, "var/lib/dpkg/status")!,
    `Package: thing\nStatus: install ok installed\nArchitecture: amd64\nMulti-Arch: same\nVersion: 1.0-1\n` +
      `Pre-Depends: usr-is-merged\nConffiles:\n /etc/thing.conf ${md5}\nDescription: a\n thing\n\n`,
  );
  // The skeleton stands for a package that is depended on.
  assert.match(textOf(result, "var/lib/dpkg/status")!, /\nPackage: usr-is-merged\nStatus: install ok installed\n/);
  const info = "var/lib/dpkg/info/thing:amd64";
  assert.is(textOf(result, `${info}.list`), "/.\n/etc\n/etc/thing.conf\n/lib\n/lib/thing\n/usr\n");
  assert.is(show(result, `${info}.postinst`), "755 0:0");
  assert.is(show(result, `${info}.conffiles`), "644 0:0");
  assert.is(show(result, `${info}.control`), undefined);
  assert.is(textOf(result, "var/lib/dpkg/triggers/File"), "/usr/share/x thing:amd64/noawait\n");
  assert.is(textOf(result, "var/lib/dpkg/triggers/thing-name"), "thing:amd64\n");
  assert.is(result.tree.has(treePath("var/lib/dpkg/status.d")), false);
});

test("packages of a base image stay in dpkg's list", () => {
  const before = "Package: aaa\nArchitecture: amd64\nVersion: 1\n\nPackage: thing\nArchitecture: amd64\nVersion: 0\n\n";
  const result = configured(
    { "usr/bin": null, "usr/bin/dpkg": "", "var/lib": null, "var/lib/dpkg": null, "var/lib/dpkg/status": before },
    [packageOf("thing", { control: "Package: thing\nArchitecture: amd64\nVersion: 1.0-1\n" })],
  );
  assert.is(
    textOf(result, "var/lib/dpkg/status"),
    "Package: aaa\nArchitecture: amd64\nVersion: 1\n\nPackage: thing\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.0-1\n\n",
  );
});

test("a web server's modules are links, with what they depend on, and a marker", () => {
  const available = (name: string, text = ""): Layout => ({ [`etc/apache2/mods-available/${name}`]: text });
  const layout: Layout = {
    etc: null,
    "etc/apache2": null,
    "etc/apache2/mods-available": null,
    "etc/apache2/mods-enabled": null,
    "var/lib": null,
    ...available("a.load", "# Depends: b\n# Conflicts: c\nLoadModule a\n"),
    ...available("b.load"),
    ...available("b.conf"),
    ...available("c.load", "# Conflicts: a\n"),
    ...programs("a2enmod", "a2query", "a2dismod"),
  };
  const result = configure(
    "a2enmod -m -q a; a2enmod c || echo $? > /tmp/c; a2query -m b > /tmp/b; a2dismod -m a",
    layout,
  );
  assert.is(refusal(result), undefined);
  assert.is(show(result, "etc/apache2/mods-enabled/b.conf"), "-> ../mods-available/b.conf");
  assert.is(show(result, "etc/apache2/mods-enabled/a.load"), undefined);
  assert.is(textOf(result, "tmp/c"), "1\n");
  assert.is(textOf(result, "tmp/b"), "b (enabled by maintainer script)\n");
  assert.is(show(result, "var/lib/apache2/module/disabled_by_maint/a"), "644 0:0");
  assert.is(show(result, "var/lib/apache2/module/enabled_by_maint/a"), undefined);
});

test("update-alternatives --query prints what dpkg's own prints", () => {
  const result = configure(
    "update-alternatives --install /usr/l x /usr/a 10 --slave /usr/s xs /usr/a1; update-alternatives --install /usr/l x /usr/b 20; update-alternatives --query x > /tmp/out",
    { etc: null, "usr/a": "", "usr/b": "", "usr/a1": "", "var/lib": null },
  );
  assert.is(
    textOf(result, "tmp/out"),
    `Name: x
Link: /usr/l
Slaves:
 xs /usr/s
Status: auto
Best: /usr/b
Value: /usr/b

Alternative: /usr/a
Priority: 10
Slaves:
 xs /usr/a1

Alternative: /usr/b
Priority: 20
Slaves:
`,
  );
});

test("find takes tests in parentheses, Emacs's expressions and formats", () => {
  const layout = { "usr/a.ini": "", "usr/b.ini~": "", "usr/8.2": null };
  const result = configure(
    "find /usr -mindepth 1 ! \\( -name '*~' -type f \\) -printf '%f\\n' > /tmp/out; find /usr -mindepth 1 -regex '.*[0-9]\\.[0-9]' -printf '%p' >> /tmp/out",
    layout,
  );
  assert.is(refusal(result), undefined);
  assert.is(textOf(result, "tmp/out"), "8.2\na.ini\n/usr/8.2");
});

test("the state of another package is that of its turn", () => {
  const ask = "dpkg-query -f '${Status}' -W other > /tmp/out";
  const other = packageOf("other", { postinst: "#!/bin/sh\n" });
  const asking = packageOf("thing", { postinst: `#!/bin/sh\n${ask}\n` });
  assert.is(textOf(evaluate([other, asking]), "tmp/out"), "install ok installed");
  assert.is(textOf(evaluate([asking, other]), "tmp/out"), "install ok unpacked");
});

test.run();
