// @runtimes node
/** What is told to dpkg: who is configured when, which triggers are set off, which answers there are, what stays as it is. */
import * as assert from "uvu/assert";
import { FileTree, inlineFile, treePath } from "../../../../core/index.ts";
import { debian } from "../../../../plugins/debian/options.ts";
import type { OrderedPackage } from "../../../../plugins/debian/ordered-packages.ts";
import { configurationOf } from "../../../../plugins/debian/run/configure.ts";
import { configuredBefore } from "../../../../plugins/debian/run/configured-before.ts";
import { driverText } from "../../../../plugins/debian/run/driver.ts";
import { selectionsText } from "../../../../plugins/debian/run/selections.ts";
import { activatedTriggers } from "../../../../plugins/debian/run/triggers.ts";
import { suite } from "../../../harness.ts";

const test = suite("debian/run");

function item(
  name: string,
  turn: readonly [unpacked: number, configured: number],
  control: Readonly<Record<string, string>> = {},
  files: readonly string[] = [],
): OrderedPackage {
  return {
    id: name,
    name,
    version: "1",
    architecture: "amd64",
    control: new Map(Object.entries(control).map(([member, text]) => [member, Buffer.from(text)])),
    tree: FileTree.of(files.map((path) => inlineFile(treePath(path), Buffer.from("x")))),
    turn: { unpacked: turn[0], configured: turn[1] },
  };
}

/** The commands that differ from one driver to the next. */
function commands(packages: readonly OrderedPackage[], triggersBelow: readonly string[] = []): readonly string[] {
  const text = driverText({ packages, selections: "", triggersBelow });
  return text.split("\n").filter((line) => /^(preinst |dpkg --(force|no-triggers)|dpkg-trigger )/.test(line));
}

test("the minimal set's core goes one by one, the rest of it at once; then each run of dpkg after the scripts of what it unpacks", () => {
  const script = { preinst: "#!/bin/sh\n" };
  const packages = [
    item("base-files", [0, 0], script),
    item("libc6", [0, 0], { control: "Multi-Arch: same\n" }),
    item("sed", [0, 0], script),
    item("early", [1, 1], script),
    item("late", [1, 2]),
    item("last", [2, 2], script),
  ];
  assert.equal(commands(packages), [
    "preinst base-files amd64",
    "dpkg --force-depends --configure base-files",
    "dpkg --force-depends --configure libc6:amd64",
    "preinst sed amd64",
    "dpkg --force-depends --configure sed",
    "preinst early amd64",
    "dpkg --no-triggers --configure early",
    "preinst last amd64",
    "dpkg --no-triggers --configure late last",
  ]);
});

test("unpacking sets off the triggers of who is configured already, below or in an earlier run, and no others", () => {
  const interested = item("watcher", [0, 0], {
    triggers: "# none\ninterest-noawait /usr/share/man\ninterest named # that one\ninterest /usr/share/ma\n",
  });
  const unpacked = [
    item("a", [1, 1], { triggers: "activate-noawait named\nactivate ldconfig\n" }, ["usr/share/man/man1/a.1"]),
  ];
  assert.equal(activatedTriggers(unpacked, [interested], ["ldconfig", "/usr/lib/other", "unheard"]), [
    "/usr/share/man",
    "ldconfig",
    "named",
  ]);
  assert.equal(
    commands([...unpacked], ["it's", "/usr/share/man"]).filter((line) => line.startsWith("dpkg-trigger")),
    ["dpkg-trigger --no-await --by-package=dpkg '/usr/share/man'"],
  );
});

test("answers are for whoever asks, with the question's type, in UTF-8", () => {
  const templates =
    "Template: shared/word\nType: string\nDescription: x\n\nTemplate: own/flag\nType: boolean\nDescription: x\n";
  const packages = [item("one", [1, 1], { templates }), item("two", [1, 1])];
  const answer = Buffer.from("é $x").toString("latin1");
  assert.is(selectionsText({ "shared/word": answer }, packages), "one shared/word string é $x\n");
});

test("what an image below has configured stays as it is, and another version of it is refused by name", () => {
  const status = `Package: kept
Status: install ok installed
Architecture: amd64
Version: 1

Package: other
Status: hold ok installed
Architecture: amd64
Version: 0.9

Package: removed
Status: deinstall ok config-files
Architecture: amd64
Version: 0.9
`;
  const base = FileTree.of([inlineFile(treePath("var/lib/dpkg/status"), Buffer.from(status))]);
  const isConfigured = configuredBefore(base, "image");
  assert.is(isConfigured(item("kept", [1, 1])), true);
  assert.is(isConfigured(item("removed", [1, 1])), false);
  assert.is(isConfigured(item("new", [1, 1])), false);
  assert.throws(() => isConfigured(item("other", [1, 1])), /other 1 of "image" would replace 0\.9 of the image below/);
  assert.is(configuredBefore(undefined, "image")(item("kept", [1, 1])), false);
});

test("packages of another architecture than the image's are refused, and so is an image without dpkg", () => {
  const platform = { os: "linux", architecture: "amd64" } as const;
  const configure = (architecture: string) => () =>
    configurationOf(
      FileTree.empty,
      new Map(),
      { architecture, answers: [], executor: "vm", machines: [] },
      { target: "image", platform },
    );
  assert.throws(configure("arm64"), /scripts of packages for arm64 cannot run in "image", which is for linux\/amd64/);
  assert.throws(configure("amd64"), /the image has no dpkg/);
});

test("an executor and its sizes are of scripts that are run, and one of those that there are", async () => {
  const problems = async (options: object): Promise<string> => {
    const result = await debian.schema["~standard"].validate({ suite: "bookworm", packages: ["sed"], ...options });
    return (result.issues ?? []).map(({ message }) => message).join("\n");
  };
  for (const executor of ["vm", "namespace", "auto"]) assert.is(await problems({ configure: "run", executor }), "");
  assert.match(await problems({ executor: "vm" }), /only configure: "run" has run/);
  assert.match(await problems({ configure: "work-out", executor: "vm" }), /only configure: "run" has run/);
  assert.is(await problems({ configure: "run", diskSize: 99, buildVMMemorySize: 300 }), "");
  assert.match(await problems({ diskSize: 99 }), /only configure: "run" has run/);
  assert.match(await problems({ configure: "run", buildVMMemorySize: 16 }), /at least 256/);
  const none = { configure: "run", executor: "namespace", buildVMMemorySize: 300 };
  assert.match(await problems(none), /"namespace" has none/);
  assert.match(await problems({ configure: "run", executor: "qemu" }), /"auto" \| "vm" \| "namespace"/);
});

test.run();
