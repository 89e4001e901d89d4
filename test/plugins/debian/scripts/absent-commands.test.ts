/** Commands that no package brings: a shell says so and goes on; what every Debian system has is never one of them. */
import * as assert from "uvu/assert";
import type { ScriptPackage } from "../../../../plugins/debian/scripts/world.ts";
import { suite } from "../../../harness.ts";
import { ESSENTIAL, configure, evaluate, packageOf, programs, refusal, textOf, treeOf } from "./support.ts";

const test = suite("debian/scripts/absent-commands");

function outputOf(script: string, suiteName = "bookworm"): string {
  const result = configure(`{ ${script}; } > /out 2>&1`, {}, {}, suiteName);
  assert.is(refusal(result), undefined, script);
  return textOf(result, "out")!;
}

test("a command that neither the image nor any Debian system has ends with 127", () => {
  const own = "/var/lib/dpkg/info/thing.postinst";
  assert.is(outputOf("aa-enabled --quiet || echo $?"), `${own}: 3: aa-enabled: not found\n127\n`);
  assert.is(outputOf("/usr/sbin/aa-enabled || echo $?"), `${own}: 3: /usr/sbin/aa-enabled: not found\n127\n`);
  assert.is(outputOf("/usr/lib/thing/setup 2> /dev/null || echo $?"), "127\n");
  assert.is(outputOf("command -v aa-enabled || echo $?"), "127\n");
  assert.is(outputOf("which aa-enabled || echo $?"), "1\n");
  assert.is(outputOf("if ! etckeeper commit 2> /dev/null; then echo none; fi"), "none\n");
  const bash = configure("#!/bin/bash\nfrobnicate 2> /out || true\n");
  assert.is(textOf(bash, "out"), `${own}: line 2: frobnicate: command not found\n`);
});

test("where set -e bites, that is the end of the script", () => {
  assert.is(refusal(configure("frobnicate")), "3 postinst ends with status 127");
});

test("what every Debian system has is there, though the image lacks it", () => {
  assert.is(outputOf("command -v update-rc.d; command -v grep"), "/usr/sbin/update-rc.d\n/usr/bin/grep\n");
  assert.is(outputOf("test -x /usr/bin/deb-systemd-helper && [ -e /sbin/start-stop-daemon ] && echo yes"), "yes\n");
  assert.match(refusal(configure("lsblk || true"))!, /^3 the command lsblk is not emulated/);
  assert.match(refusal(configure("/bin/lsblk || true"))!, /^3 the command \/bin\/lsblk is not emulated/);
});

test("what a release gave up is absent from the next one", () => {
  assert.is(outputOf("command -v lastlog || echo none", "trixie"), "none\n");
  assert.is(outputOf("command -v lastlog"), "/usr/bin/lastlog\n");
});

test("what is common without being essential, or may be made by scripts that were left out, is not known", () => {
  for (const use of ["chattr +C /", "/usr/bin/chattr +C /", "command -v chattr"])
    assert.match(refusal(configure(`${use} || true`))!, /^3 whether (\/usr\/bin\/)?chattr is there is not known/);
  const maker = packageOf("maker", { postinst: "#!/bin/sh\nln -s /x /usr/bin/made\nlsblk\n" });
  const user = packageOf("user", { postinst: "#!/bin/sh\nmade || true\n" });
  const [, second] = evaluate([maker, user]).coverage;
  assert.is(second?.reason, "whether made is there is not known");
});

test("whether what scripts that were left out make is there is not known; what they only ask for is as it is", () => {
  const maker = packageOf("maker", {
    postinst: "#!/bin/sh\ndir=/var/lib/maker\n[ -e /etc/asked ] || mkdir -p $dir\nln -s /x /etc/made\nlsblk\n",
  });
  const after = (test: string) => {
    const user = packageOf("user", { postinst: `#!/bin/sh\nif ${test}; then echo yes >/out; fi\n` });
    return evaluate([maker, user]).coverage[1]?.reason ?? "covered";
  };
  assert.is(
    after("[ -d /var/lib/maker ]"),
    "whether /var/lib/maker is there is not known: a script that was left out makes it",
  );
  assert.match(after("test ! -L /etc/made"), /^whether \/etc\/made is there/);
  assert.is(after("[ -e /etc/asked ]"), "covered");
  assert.is(after("[ -e /etc/other ]"), "covered");
});

test("a script that was left out makes no command that it only runs or asks for", () => {
  const uses = 'if command -v made >/dev/null && [ -x /sbin/made ]; then\n # made\n made "$1"\nfi\nlsblk\n';
  const asker = packageOf("asker", { postinst: `#!/bin/sh\n${uses}` });
  const user = packageOf("user", { postinst: "#!/bin/sh\nmade 2>/dev/null || true\n" });
  assert.equal(
    evaluate([asker, user]).coverage.map(({ covered }) => covered),
    [false, true],
  );
  const installer = packageOf("asker", { postinst: `#!/bin/sh\n${uses}for each in made; do cp x /bin/$each; done\n` });
  assert.is(evaluate([installer, user]).coverage[1]?.reason, "whether made is there is not known");
});

test("a file that nobody may execute is no command, nor is one of ours that is not installed so", () => {
  const layout = { "usr/lib/thing/setup": "data", "usr/sbin/plain": "data", "usr/sbin/ucf": "data" };
  const result = configure(
    'for each in /usr/lib/thing/setup plain ucf /usr/sbin/ucf; do "$each" || echo $? >> /out; done',
    layout,
  );
  // dash finds none on PATH; real dash is the referee in differential/shell-snippets.txt.
  assert.is(textOf(result, "out"), "126\n127\n127\n126\n");
});

/** Tools of packages that no Debian system must have, each with a use that would succeed. */
const TOOLS = [
  "py3compile -p thing",
  "ucf --debconf-ok /etc/group /etc/group",
  "update-mime-database /usr/share/mime",
  "install-info /usr/share/info/x /usr/share/info/dir",
  "gtk-update-icon-cache /usr/share/icons/x",
  "glib-compile-schemas /usr/share/glib-2.0/schemas",
  "fc-cache -f",
  "systemctl daemon-reload",
  "systemd-sysusers",
  "openssl rand -hex -out /etc/key 8",
  "setcap cap_net_raw+ep /etc/group",
  "update-ca-certificates",
  "java -version 2>/dev/null",
  "python3 -E -S /usr/lib/python3.11/py_compile.py",
];

test("a tool that we run on paper ends with 127 where the image lacks it, and the script goes on as it would", () => {
  for (const use of TOOLS) {
    const [name] = use.split(" ", 1);
    const ask = `command -v ${name} >/dev/null || echo none`;
    for (const path of [name, `/usr/bin/${name}`]) {
      const run = use.replace(name!, path!);
      assert.is(outputOf(`${run} 2>/dev/null || echo $?; ${ask}`), "127\nnone\n", run);
      const bitten = configure(run);
      assert.is(refusal(bitten), "3 postinst ends with status 127", run);
      assert.is(configure(`${run} || true`).notes.length, 0, run);
    }
    const there = configure(`{ ${use}; } && { ${ask}; } > /out`, programs(name!));
    assert.is(refusal(there), undefined, use);
    assert.is(textOf(there, "out"), "", use);
  }
});

test("what other commands run is looked for as well", () => {
  assert.is(outputOf("env A=1 ucf a b 2>/dev/null || echo $?"), "127\n");
  assert.is(outputOf("echo a | xargs py3compile 2>/dev/null || echo $?"), "127\n");
  assert.is(outputOf("(exec ucf a b) 2>/dev/null || echo $?"), "127\n");
  assert.is(outputOf("PATH=/opt; grep x /etc/group 2>/dev/null || echo $?"), "127\n");
});

test("a tool is there through a link that an alternative makes, and not before or behind a broken one", () => {
  const script = `{ squid -k parse 2>/dev/null || echo $?
update-alternatives --install /usr/sbin/squid squid /usr/sbin/squid-gnutls 50
squid -k parse 2>/dev/null && echo parsed
rm /usr/sbin/squid-gnutls
squid -k parse 2>/dev/null || echo $?; } >/out`;
  const layout = { ...programs("/usr/sbin/squid-gnutls"), "etc/squid/squid.conf": "" };
  assert.is(textOf(configure(script, layout), "out"), "127\nparsed\n127\n");
});

test("a package's preinst lacks its own tool, and those of packages that are unpacked later", () => {
  const use = (path: string) => `#!/bin/sh\npy3compile -p x 2>/dev/null; echo $? > ${path}\n`;
  const turn = (unpacked: number, configured: number) => ({ turn: { unpacked, configured } });
  const packages = [
    { ...packageOf("early", { postinst: use("/early") }), ...turn(0, 0) },
    { ...packageOf("python", { preinst: use("/pre"), postinst: use("/post") }), ...turn(1, 1) },
    { ...packageOf("late", { postinst: use("/late") }), ...turn(1, 1) },
  ];
  const result = evaluate(packages, {}, treeOf(programs("py3compile"), "python"));
  assert.equal(
    ["early", "pre", "post", "late"].map((path) => textOf(result, path)),
    ["127\n", "127\n", "0\n", "0\n"],
  );
});

test("the tools for accounts are run without their packages, as in debootstrap's systems; asking for them is no answer", () => {
  assert.equal(Object.keys(configure("useradd -r x; /usr/sbin/adduser --system --quiet y").ids.users), ["x", "y"]);
  assert.is(refusal(configure("command -v adduser || true")), "3 whether adduser is there is not known");
  assert.is(refusal(configure("/opt/adduser --system y || true")), "3 whether /opt/adduser is there is not known");
});

test("debconf's functions are there once its module is read, in that shell alone", () => {
  const module = ". /usr/share/debconf/confmodule";
  assert.is(outputOf("db_go 2>/dev/null || echo $?"), "127\n");
  assert.is(outputOf(`${module}\ndb_go && command -v db_go`), "db_go\n");
  assert.is(outputOf(`${module}\ncommand db_go 2>/dev/null || echo $?`), "127\n");
  assert.is(outputOf(`${module}\nsh -c db_go 2>/dev/null || echo $?`), "127\n");
  assert.is(
    outputOf(`${module}\ndb_go() { echo own; }\ndb_go; unset -f db_go; db_go 2>/dev/null || echo $?`),
    "own\n127\n",
  );
  assert.is(outputOf(`db_go() { echo own; }\n${module}\ndb_go`), "");
  assert.match(refusal(configure(`${module}\ndb_x_loadtemplatefile /x`))!, /db_x_loadtemplatefile is not supported/);
});

test("a command of the minimal system is taken for granted as long as one of its packages is missing, or comes later", () => {
  const names = ESSENTIAL.split(" ");
  const seenBy = (present: readonly string[], turn?: ScriptPackage["turn"]) => {
    const script = "#!/bin/sh\ndeb-systemd-helper enable x.service\necho $? > /out\n";
    const packages = present.map((name) => ({ ...packageOf(name, {}), ...(turn && { turn }) }));
    return textOf(evaluate([...packages, packageOf("thing", { postinst: script })]), "out");
  };
  assert.is(seenBy(names), "127\n");
  assert.is(seenBy(names.filter((name) => name !== "init-system-helpers")), "0\n");
  assert.is(seenBy(names, { unpacked: 1, configured: 1 }), "0\n");
});

test.run();
