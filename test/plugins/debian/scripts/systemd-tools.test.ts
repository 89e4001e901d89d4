/** systemd-tmpfiles and systemd-sysusers on paper against the programs themselves, over the same files. */
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import * as assert from "uvu/assert";
import { isRoot, treePath } from "../../../../core/index.ts";
import { requireTool, suite, tmp } from "../../../harness.ts";
import { BASE, type Layout, configure as configureIn, programs, refusal, show, textOf } from "./support.ts";

const test = suite("debian/scripts/systemd-tools");

const TOOLS = programs("systemd-tmpfiles", "systemd-sysusers");

function configure(script: string, layout: Layout = {}, control = {}, release = "bookworm") {
  return configureIn(script, { ...TOOLS, ...layout }, control, release);
}

const TMPFILES = `# a comment
d /var/lib/thing 0750 daemon adm -
d /var/lib/thing/inner - - - 10d
D /run/thing 2775 root staff -
f /var/log/thing.log 0640 root adm - a line\\nand more
f /var/log/thing.log 0600 - - - first line counts
f+ /etc/truncated - - - - new
f /etc/kept 0600 - - - not written
f /deep/er/file
L /var/lib/link - - - - ../log/thing.log
L /etc/there - - - - /elsewhere
L+ /etc/replaced - - - - /new/target
L /etc/factory
q /srv 0711 - - -
e /etc/dir 0700 daemon - -
z /etc/*.conf 0600 daemon :staff -
Z /etc/dir ~0777 - adm -
d /nobody-there 0755 no-such-user - -
d! /boot-only 0755 - - -
r /etc/kept
x /tmp/x
f^ /etc/motd - - - - a.credential
d /var/%%/x
d /var/cache/:new :0700 :daemon - -
d /etc/old :0700 :daemon - -
C /etc/copied - - - - /no/such/source
a+ /none - - - - group:adm:r-x
w /none - - - - text
`;

const FILES: Layout = {
  etc: null,
  "etc/truncated": "old",
  "etc/kept": "old",
  "etc/there": "a file",
  "etc/replaced": ["link", "/old/target"],
  "etc/a.conf": "",
  "etc/b.conf": "",
  "etc/dir": null,
  "etc/dir/file": "",
  "etc/dir/program": "#!/bin/sh\\n",
  "etc/old": null,
  "usr/lib": null,
  "usr/lib/tmpfiles.d": null,
  "usr/lib/tmpfiles.d/thing.conf": TMPFILES,
  run: null,
  "var/lib": null,
  "var/cache": null,
  "var/log": null,
};

test("systemd-tmpfiles --create leaves what the real one leaves", () => {
  const result = configure("systemd-tmpfiles --create thing.conf >/dev/null || echo $? >/tmp/status", FILES);
  assert.is(refusal(result), undefined);
  const root = laidOut({ ...BASE, ...TOOLS, ...FILES });
  const done = spawnSync(requireTool("systemd-tmpfiles"), [`--root=${root}`, "--create", "thing.conf"], {
    encoding: "utf8",
  });
  assert.is(textOf(result, "tmp/status"), `${done.status}\n`, done.stderr);
  for (const path of paths(root)) {
    if (path === "tmp/status") continue;
    assert.is(show(result, path), shown(root, path), path);
    if (lstatSync(join(root, path)).isFile())
      assert.is(textOf(result, path), readFileSync(join(root, path), "latin1"), path);
  }
  const ours = result.tree.entries().map(({ path }) => path as string);
  assert.equal(ours.filter((path) => path !== "tmp/status").sort(), [...paths(root)].sort());
});

test("systemd-tmpfiles skips what speaks of the machine, and refuses what it does not know", () => {
  const run = (line: string, layout: Layout = {}, suite?: string) =>
    configure("systemd-tmpfiles --create a.conf", { "usr/lib/tmpfiles.d/a.conf": `${line}\n`, ...layout }, {}, suite);
  assert.is(refusal(run("d /run/%m 0755 - - -")), undefined);
  const log = run("h /var/log - - - - +C", { "var/log": null });
  assert.is(refusal(log), undefined);
  assert.match(log.notes[0]!.text, /attributes of \/var\/log/);
  assert.match(refusal(run("p /run/pipe 0600 - - -"))!, /a line of the type p/);
  assert.match(refusal(run("d /run/%H - - - -"))!, /%H/);
  assert.match(refusal(run("d= /run/x - - - -"))!, /the line/);
  const purged = run("L$ /var/link - - - - ../etc/there", { var: null }, "trixie");
  assert.is(purged.tree.get(treePath("var/link"))?.type, "symlink");
  assert.match(refusal(run("L$ /var/link - - - - ../etc/there", { var: null }))!, /the line/);
  const unsafe = run("d /var/user/x/y 0755 - - -", { "var/user": null });
  assert.is(refusal(unsafe), undefined);
  assert.match(refusal(configure("systemd-tmpfiles --create missing.conf"))!, /status 1/);
});

test("systemd-sysusers makes the users that the real one makes", () => {
  const layout: Layout = {
    etc: null,
    "etc/shadow": "root:*::0:99999:7:::\n",
    "etc/gshadow": "root:*::\n",
    "usr/lib": null,
    "usr/lib/sysusers.d": null,
    "usr/lib/sysusers.d/a.conf":
      'g jj - -\nu net - "Net Mgmt"\nu z 77 - /x /bin/sh\nu adm - "F"\nm net jj\ng later 80 -\n',
    "usr/lib/sysusers.d/b.conf": 'u q - "Q" /q\nu root 0 - /root\n',
  };
  const result = configure("systemd-sysusers a.conf b.conf", layout);
  assert.is(refusal(result), undefined);
  const root = laidOut({ ...BASE, ...TOOLS, ...layout });
  execFileSync(requireTool("systemd-sysusers"), [`--root=${root}`, "a.conf", "b.conf"], {
    stdio: "pipe",
    env: { ...process.env, SOURCE_DATE_EPOCH: "1" },
  });
  const real = (name: string) => readFileSync(join(root, "etc", name), "latin1");
  for (const name of ["passwd", "group", "gshadow"]) assert.is(textOf(result, `etc/${name}`), real(name), name);
  // Day 0 would say that the password must be changed: left empty, as everywhere.
  assert.is(textOf(result, "etc/shadow"), real("shadow").replaceAll(":!*:0:", ":!*::"));
  assert.equal(result.ids.users["net"], { uid: 998, gid: 998 });
});

function laidOut(layout: Layout): string {
  if (!isRoot()) requireTool("root-privileges-for-owners");
  const root = tmp();
  for (const [path, value] of Object.entries(layout)) {
    const place = join(root, path);
    mkdirSync(dirname(place), { recursive: true });
    if (value === null) mkdirSync(place, { recursive: true });
    else if (typeof value === "string") {
      writeFileSync(place, value, "latin1");
      chmodSync(place, value.startsWith("#!") ? 0o755 : 0o644);
      chownSync(place, 0, 0);
    } else execFileSync("ln", ["-s", value[1], place]);
  }
  return root;
}

function* paths(root: string, folder = ""): Generator<string> {
  for (const name of readdirSync(join(root, folder))) {
    const path = folder === "" ? name : `${folder}/${name}`;
    yield path;
    if (lstatSync(join(root, path)).isDirectory()) yield* paths(root, path);
  }
}

function shown(root: string, path: string): string {
  const stat = lstatSync(join(root, treePath(path)));
  if (stat.isSymbolicLink()) return `-> ${readlinkSync(join(root, path))}`;
  return `${(stat.mode & 0o7777).toString(8)} ${stat.uid}:${stat.gid}`;
}

test("systemd-sysusers without names reads every file of its directories", () => {
  const layout: Layout = {
    etc: null,
    "etc/shadow": "root:*::0:99999:7:::\n",
    "etc/gshadow": "root:*::\n",
    "etc/sysusers.d": null,
    "etc/sysusers.d/c.conf": 'u own - "In its place" /own\n',
    "etc/sysusers.d/m.conf": ["link", "/dev/null"],
    "usr/lib": null,
    "usr/lib/sysusers.d": null,
    "usr/lib/sysusers.d/a.conf": "u first - - /\n",
    "usr/lib/sysusers.d/c.conf": "u shipped - - /\n",
    "usr/lib/sysusers.d/m.conf": "u masked - - /\n",
    "usr/lib/sysusers.d/none": "u none - - /\n",
    "usr/local": null,
    "usr/local/lib": null,
    "usr/local/lib/sysusers.d": null,
    "usr/local/lib/sysusers.d/b.conf": "g local - -\n",
  };
  const result = configure("systemd-sysusers", layout);
  assert.is(refusal(result), undefined);
  const root = laidOut({ ...BASE, ...TOOLS, ...layout });
  execFileSync(requireTool("systemd-sysusers"), [`--root=${root}`], { stdio: "pipe" });
  for (const name of ["passwd", "group"])
    assert.is(textOf(result, `etc/${name}`), readFileSync(join(root, "etc", name), "latin1"), name);
});

test("systemd-sysusers makes locked users, members and what they need, from files, lines and its input", () => {
  const lines = [
    'u aa - "A user" /var/lib/aa /bin/bash',
    'u! bb - "B user" -',
    "u cc 333:adm C -",
    "g hh 340",
    "m aa hh",
    "m aa newg",
    "m newu hh",
  ];
  const layout = { "usr/lib/sysusers.d/t.conf": `${lines.join("\n")}\n` };
  const script =
    "shadowconfig on; systemd-sysusers t.conf; systemd-sysusers --inline 'g yy'; echo 'u z' | systemd-sysusers -";
  // Said by systemd 257 in a minimal trixie.
  const result = configure(script, layout, {}, "trixie");
  assert.is(refusal(result), undefined);
  const added = (path: string) =>
    textOf(result, path)!
      .split("\n")
      .filter((line) => /^(aa|bb|cc|hh|newg|newu|yy|z):/.test(line));
  assert.equal(added("etc/passwd"), [
    "aa:x:998:998:A user:/var/lib/aa:/bin/bash",
    "bb:x:997:997:B user:/:/usr/sbin/nologin",
    "cc:x:333:4:C:/:/usr/sbin/nologin",
    "newu:x:996:996::/:/usr/sbin/nologin",
    "z:x:994:994::/:/usr/sbin/nologin",
  ]);
  assert.equal(added("etc/group"), [
    "hh:x:340:aa,newu",
    "newg:x:999:aa",
    "aa:x:998:",
    "bb:x:997:",
    "newu:x:996:",
    "yy:x:995:",
    "z:x:994:",
  ]);
  assert.is(added("etc/shadow")[1], "bb:!*::::::1:");
  // Bookworm's does not know such a line, and makes nothing.
  assert.is(refusal(configure("systemd-sysusers t.conf", layout)), "3 postinst ends with status 1");
});

test.run();
