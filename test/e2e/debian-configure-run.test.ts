// @runtimes node
// @timeout 900
/** `debian({ configure: "run" })`: maintainer scripts run by the image's own dpkg, in a virtual machine or in namespaces. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { requireTool, suite } from "../harness.ts";
import { sharedCache } from "../shared-cache.ts";
import { SUITE, openArchive, type TestPackage } from "./debian-archive.ts";
import { digestOf, must, openFolder, refusals } from "./support.ts";
import { listTree } from "./tree-listing.ts";

const test = suite("e2e/debian-configure-run", { timeout: 880_000 });
requireTool("qemu-system-x86_64");

/** What no evaluator of scripts would work out: a program of the package's own, an answer in its config, randomness. */
const THING: TestPackage = {
  name: "thing",
  fields: { Depends: "watcher, activates" },
  files: {
    "etc/thing.conf": "shipped\n",
    "DEBIAN/conffiles": "/etc/thing.conf\n",
    "usr/share/thing/another": "",
    "usr/share/thing/make": "#!/usr/bin/perl\nprint 6 * 7, qq(\\n);\n",
    "DEBIAN/templates": "Template: thing/word\nType: string\nDefault: nothing\nDescription: A word\n",
    "DEBIAN/preinst": `#!/bin/sh
set -e
echo "$DPKG_MAINTSCRIPT_NAME $DPKG_MAINTSCRIPT_PACKAGE $* $([ -e "$(dirname "$0")/templates" ] && echo beside)" > /var/lib/thing-preinst
`,
    "DEBIAN/postinst": `#!/bin/sh
set -e
. /usr/share/debconf/confmodule
db_get thing/word
useradd --system --uid 777 thing
install -d -o thing /var/lib/thing
echo "$RET" > /var/lib/thing/answer
perl /usr/share/thing/make > /var/lib/thing/made
invoke-rc.d --force thing start > /dev/null 2>&1 || true
find /usr/share/thing -type f > /var/lib/thing/unsorted
mkdir -p /var/log/thing; date +%N > /var/log/thing/when; : > /var/log/thing/empty
mkdir -p /etc/ssh; head -c 16 /dev/urandom > /etc/ssh/ssh_host_rsa_key; ln -s ssh_host_rsa_key "/etc/ssh/$(md5sum < /etc/ssh/ssh_host_rsa_key)"
echo "$DPKG_MAINTSCRIPT_NAME $*" > /var/lib/thing-postinst
`,
  },
};

/** Configured before the other one, whose files it waits for. */
const WATCHER: TestPackage = {
  name: "watcher",
  files: {
    "DEBIAN/triggers": "interest-noawait /usr/share/thing\ninterest named-trigger\n",
    "DEBIAN/postinst": `#!/bin/sh
echo "$*" >> /var/lib/watched
`,
  },
};
/** Configured before the package that needs it, whose configuration is not in place then. */
const ACTIVATES: TestPackage = {
  name: "activates",
  files: {
    "DEBIAN/triggers": "activate named-trigger\n",
    "DEBIAN/postinst": "#!/bin/sh\nls /etc/thing.conf* > /var/lib/conffiles\n",
  },
};

test("scripts run over what lies unpacked: answers, users, triggers; what is random is gone; twice the same", () => {
  const archive = openArchive([WATCHER, THING, ACTIVATES]);
  const folder = openFolder("debian-configure-run");
  try {
    const source = (options: object): string =>
      `debian(${JSON.stringify({ suite: SUITE, mirror: archive.uri, keyring: archive.keyring, essential: false, configure: "run", ...options })})`;
    const thing = { packages: ["thing", "activates"], debconf: { "thing/word": "héllo $x" } };
    writeFileSync(
      join(folder.path, "image.config.mjs"),
      `import { buildLayeredImage, debian, text } from "image-dsl";
const minimal = buildLayeredImage({ name: "minimal", contents: debian({ suite: "bookworm", packages: [], essential: true }) });
const below = buildLayeredImage({ name: "below", fromImage: minimal, contents: ${source({ packages: ["watcher"] })} });
const on = (thing) => buildLayeredImage({ name: "on", fromImage: below,
  contents: [thing, text("etc/ssh/ssh_host_given_key", "ours\\n"), text("var/log/given", "ours\\n")],
  fakeRootCommands: "cp var/lib/thing/made seen" });
export default { images: {
  on: on(${source(thing)}),
  "on-namespace": on(${source({ ...thing, executor: "namespace" })}),
  executors: buildLayeredImage({ name: "executors", fromImage: minimal,
    contents: [${source({ packages: ["thing"] })}, ${source({ packages: ["activates"], executor: "auto" })}] }),
  mixed: buildLayeredImage({ name: "mixed", fromImage: minimal,
    contents: [${source({ packages: ["thing"] })}, ${source({ packages: ["activates"], configure: "work-out" })}] }),
  alone: buildLayeredImage({ name: "alone", contents: ${source({ packages: ["thing"] })} }),
} };
`,
    );
    const options = { cwd: folder.path, env: { IMAGE_DSL_CACHE: sharedCache() } };
    const expected = digestOf(["on", "-o", "rootfs:on.tar"], options);
    const tar = join(folder.path, "on.tar");
    const entries = listTree(tar);
    const read = (path: string): string => must(["tar", "-xOf", tar, path], { cwd: "/" }).toString();
    assert.is(read("var/lib/thing-preinst"), "preinst thing install beside\n");
    assert.is(read("var/lib/thing-postinst"), "postinst configure \n");
    assert.is(read("var/lib/thing/answer"), "héllo $x\n");
    assert.is(read("var/lib/thing/made"), "42\n");
    assert.is(read("seen"), "42\n");
    assert.is(entries.get("var/lib/thing")?.uid, 777);
    assert.match(read("etc/passwd"), /^thing:x:777:/m);
    assert.is(read("etc/thing.conf"), "shipped\n");
    assert.is(read("var/lib/conffiles"), "/etc/thing.conf.dpkg-new\n");
    const [first, ...triggered] = read("var/lib/watched").trimEnd().split("\n");
    assert.is(first, "configure ");
    assert.equal(triggered.flatMap((line) => line.replace("triggered ", "").split(" ")).toSorted(), [
      "/usr/share/thing",
      "named-trigger",
    ]);
    assert.match(read("var/lib/dpkg/status"), /^Package: thing\nStatus: install ok installed$/m);
    assert.not.match(read("var/lib/dpkg/status"), /^Status: .* (unpacked|half-|triggers-)/m);
    const left = [...entries.keys()].filter((path) =>
      /image-dsl|log\/thing\/when|sbin\/policy-rc\.d|ssh_host_rsa|dpkg\.log|tmp\.ci|status-old|\.dpkg-/.test(path),
    );
    assert.equal(left, []);
    assert.equal(
      [...entries.keys()].filter((path) => path.startsWith("etc/ssh/")),
      ["etc/ssh/ssh_host_given_key"],
    );
    assert.is(read("etc/ssh/ssh_host_given_key"), "ours\n");
    assert.is(read("var/log/given"), "ours\n");
    assert.is(entries.get("var/log/thing/empty")?.type, "file");

    // Run once in a machine and twice in namespaces, it gave the same three times.
    assert.is(digestOf(["on-namespace", "--check"], options), expected);

    const told = refusals(options, ["executors", "mixed", "alone"]);
    assert.match(told("executors"), /"executors" name several executors/);
    assert.match(told("mixed"), /E_DEBIAN_CONFIGURE|configured in one way/);
    assert.match(told("alone"), /the image has no dpkg[^]*essential: false/);
  } finally {
    archive.dispose();
    folder.dispose();
  }
});

test.run();
