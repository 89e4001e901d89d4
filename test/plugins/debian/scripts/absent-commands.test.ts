/** Commands that no package brings: a shell says so and goes on; what every Debian system has is never one of them. */
import * as assert from "uvu/assert";
import { suite } from "../../../harness.ts";
import { configure, evaluate, packageOf, refusal, textOf } from "./support.ts";

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
  assert.is(outputOf("command -v update-rc.d grep"), "/usr/sbin/update-rc.d\n/usr/bin/grep\n");
  assert.is(outputOf("test -x /usr/bin/deb-systemd-helper && [ -e /sbin/start-stop-daemon ] && echo yes"), "yes\n");
  assert.match(refusal(configure("lsblk || true"))!, /^3 the command lsblk is not emulated/);
  assert.match(refusal(configure("/bin/lsblk || true"))!, /^3 the command \/bin\/lsblk is not emulated/);
});

test("what a release gave up is absent from the next one", () => {
  assert.is(outputOf("command -v lastlog || echo none", "trixie"), "none\n");
  assert.is(outputOf("command -v lastlog"), "/usr/bin/lastlog\n");
});

test("what is common without being essential, or may be made by scripts that were left out, is not known", () => {
  assert.match(refusal(configure("chattr +C / || true"))!, /^3 the command chattr is not emulated/);
  assert.match(refusal(configure("command -v chattr || true"))!, /^3 whether chattr is there is not known/);
  const maker = packageOf("maker", { postinst: "#!/bin/sh\nln -s /x /usr/bin/made\nlsblk\n" });
  const user = packageOf("user", { postinst: "#!/bin/sh\nmade || true\n" });
  const [, second] = evaluate([maker, user]).coverage;
  assert.is(second?.reason, "the command made is not emulated");
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
  assert.is(evaluate([installer, user]).coverage[1]?.reason, "the command made is not emulated");
});

test("a file that nobody may execute is no command", () => {
  const layout = { "usr/lib/thing/setup": "data", "usr/sbin/plain": "data" };
  const result = configure("/usr/lib/thing/setup || echo $? > /out; plain || echo $? >> /out", layout);
  assert.is(textOf(result, "out"), "126\n126\n");
});

test.run();
