import { execFileSync } from "node:child_process";
import { lstatSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import {
  FileTree,
  ImageDslError,
  STAGE,
  directoryEntry,
  inlineFile,
  treePath,
  withEntries,
  type Entry,
  type Plugin,
  type Source,
} from "../../../core/index.ts";
import { elf } from "../../../plugins/elf/index.ts";
import { binSh, caCertificates, fakeNss, tmp as tmpSource, usrBinEnv } from "../../../plugins/environment/index.ts";
import { files, text } from "../../../plugins/files/index.ts";
import { requireTool, suite, tmp } from "../../harness.ts";
import { buildRoot } from "./built-root.ts";
import { makeCertificate } from "./certificate.ts";

const test = suite("environment/links");

const BUNDLES = ["etc/ssl/certs/ca-bundle.crt", "etc/ssl/certs/ca-certificates.crt", "etc/pki/tls/certs/ca-bundle.crt"];

/** A source of one node with these files; a text that begins with `->` is a link. */
function brings(layout: Readonly<Record<string, string>>): { source: Source; plugins: readonly Plugin[] } {
  const entries = Object.entries(layout).map(([name, body]): Entry => {
    const path = treePath(name);
    if (body === "/") return directoryEntry(path);
    if (body.startsWith("->")) {
      return { type: "symlink", path, target: body.slice(2), mode: 0o777, uid: 0, gid: 0, mtime: 1 };
    }
    return inlineFile(path, Buffer.from(body), { mode: 0o755 });
  });
  const tree = FileTree.of(entries);
  const node = { id: "thing:a", kind: "thing", name: "a", tree, size: tree.contentSize(), needs: [] };
  const plugin: Plugin = {
    name: "thing",
    sources: [{ kind: "thing", schema: anything }],
    apply: (builder) =>
      builder.hooks.build.tap("thing", ({ hooks }) =>
        hooks.collect.for("thing").tap("thing", () => ({ nodes: [node], roots: [node.id] })),
      ),
  };
  return { source: { kind: "thing", options: {} }, plugins: [plugin] };
}

const anything = { "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) } } as const;

function link(root: string, path: string): string | undefined {
  return lstatSync(join(root, path)).isSymbolicLink() ? readlinkSync(join(root, path)) : undefined;
}

async function failure(work: Promise<unknown>): Promise<ImageDslError> {
  const thrown = await work.then(
    () => assert.unreachable("it was built"),
    (error: unknown) => error,
  );
  if (thrown instanceof ImageDslError) return thrown;
  throw thrown;
}

test("binSh and usrBinEnv with what brings the programs: scripts start, as root and as others", async () => {
  const script = text("/usr/local/bin/hello", "#!/usr/bin/env bash\necho hello $0 $UID\n", { mode: 0o755 });
  const root = await buildRoot([
    binSh({ from: elf({ files: "bash" }) }),
    // Debian's env is where the link would be: nothing to link.
    usrBinEnv({ from: elf({ files: "env" }), path: "/usr/bin/env" }),
    text("/plain", "#!/bin/sh\necho plain\n", { mode: 0o755 }),
    script,
    tmpSource(),
  ]);
  assert.equal(root.warnings, []);
  assert.is(link(root.path, "usr/bin/env"), undefined);
  assert.is(root.run(["/plain"]), "plain\n");
  assert.is(root.run(["/usr/local/bin/hello"], 999), "hello /usr/local/bin/hello 999\n");
  assert.is(
    root.run(["/bin/sh", "-c", "echo a > /tmp/a && echo b > /var/tmp/b && cd /tmp && echo $PWD"], 999),
    "/tmp\n",
  );
  for (const path of ["tmp", "var/tmp"]) assert.is(lstatSync(join(root.path, path)).mode & 0o7777, 0o1777);
});

test("a program whose source keeps it in a folder of its own is found there", async () => {
  const { source, plugins } = brings({ "store/abc-bash/a/long/way/bin/bash": "#!", "store/abc-bash/bin/bash": "#!" });
  const { path } = await buildRoot(binSh({ from: source }), {}, { plugins });
  assert.is(link(path, "bin/sh"), "/store/abc-bash/bin/bash");
});

test("on a merged /usr the links lie in usr/bin, and one that would be itself is not made", async () => {
  const { source, plugins } = brings({ bin: "->usr/bin", "usr/bin/bash": "#!", "usr/bin/env": "#!" });
  const { path, warnings } = await buildRoot([source, binSh(), usrBinEnv()], {}, { plugins });
  assert.is(link(path, "bin"), "usr/bin");
  assert.is(link(path, "usr/bin/sh"), "/bin/bash");
  assert.is(link(path, "usr/bin/env"), undefined);
  assert.equal(warnings, []);
});

test("without a program there is a link and a warning with the mend; a script may still bring it", async () => {
  const { path, warnings } = await buildRoot([binSh(), usrBinEnv({ path: "opt/env" })]);
  assert.is(link(path, "bin/sh"), "/bin/bash");
  assert.is(link(path, "usr/bin/env"), "/opt/env");
  assert.is(warnings.length, 2);
  assert.match(warnings[0]!, /^W_LINK_DANGLING .*\/bin\/sh.*\/bin\/bash.*; .*binSh\(\{ from: debian.*"bash"/);
  assert.match(warnings[1]!, /\/usr\/bin\/env.*\/opt\/env.*"coreutils"/);
  const later = await buildRoot(binSh(), { extraCommands: "echo '#!' > bin/bash" });
  assert.equal(later.warnings, []);
});

test("on a merged /usr without env there is no link to itself, but a warning", async () => {
  const { source, plugins } = brings({ bin: "->usr/bin", "usr/bin/x": "#!" });
  const { path, warnings } = await buildRoot([source, usrBinEnv()], {}, { plugins });
  assert.is(lstatSync(join(path, "usr/bin/env"), { throwIfNoEntry: false }), undefined);
  assert.match(warnings.join(), /W_LINK_DANGLING/);
});

test("a source that does not bring the program is an error", async () => {
  const error = await failure(buildRoot(binSh({ from: text("/bin/zsh", "#!") })));
  assert.is(error.code, "E_FILES");
  assert.match(error.message, /binSh\(\) finds no \/bin\/bash/);
  assert.is((await failure(buildRoot(caCertificates({ from: text("/a", "") })))).code, "E_FILES");
});

test("another /bin/sh is a collision, settled as the image says", async () => {
  const contents = [binSh(), text("/bin/bash", "bash"), text("/bin/sh", "other")];
  const error = await failure(buildRoot(contents));
  assert.is(error.code, "E_TREE_COLLISION");
  assert.match(error.message, /binSh\(\).*\/bin\/sh.*text:\/bin\/sh/);
  const first = await buildRoot(contents, { collisions: "first" });
  assert.is(readFileSync(join(first.path, "bin/sh"), "utf8"), "other");
  const last = await buildRoot(contents, { collisions: "last" });
  assert.is(link(last.path, "bin/sh"), "/bin/bash");
  for (const { warnings } of [first, last]) assert.match(warnings.join(), /^W_COLLISION \/bin\/sh/);
  // A link that leads there already is no other thing.
  const { source, plugins } = brings({ "bin/bash": "#!", "bin/sh": "->bash" });
  assert.is(link((await buildRoot([source, binSh()], {}, { plugins })).path, "bin/sh"), "bash");
});

test("a base image's /bin/sh and bundle give way, its users are kept", async () => {
  const entries = [
    inlineFile(treePath("bin/sh"), Buffer.from("base"), { origin: "base" }),
    inlineFile(treePath("etc/passwd"), Buffer.from("root:x:0:0::/root:/bin/ash\n"), { origin: "base" }),
  ];
  const base: Plugin = {
    name: "base",
    apply: (builder) =>
      builder.hooks.build.tap("base", ({ hooks }) =>
        hooks.merge.tap({ name: "base", stage: STAGE.before - 1 }, (tree) => withEntries(tree, entries)),
      ),
  };
  const contents = [text("/bin/bash", "bash"), fakeNss(), binSh()];
  const { path } = await buildRoot(
    contents,
    { extraCommands: "cat etc/passwd > users; readlink bin/sh > shell" },
    { plugins: [base] },
  );
  assert.is(readFileSync(join(path, "shell"), "utf8"), "/bin/bash\n");
  assert.match(readFileSync(join(path, "users"), "utf8"), /^root:x:0:0::\/root:\/bin\/ash\nnobody:/);
});

test("a bundle of the host is at all three places, and openssl verifies by it", async () => {
  const folder = tmp();
  const certificate = makeCertificate(folder);
  symlinkSync("root.crt", join(folder, "linked.crt"));
  const { path, warnings } = await buildRoot(caCertificates({ bundle: "linked.crt" }), {}, { directory: folder });
  assert.equal(warnings, []);
  for (const bundle of BUNDLES) {
    assert.is(link(path, bundle), "/etc/ssl/ca-bundle.pem");
    const inside = join(path, readlinkSync(join(path, bundle)));
    assert.is(readFileSync(inside, "utf8"), readFileSync(certificate, "utf8"));
  }
  const verify = ["verify", "-no-CApath", "-CAfile", join(path, "etc/ssl/ca-bundle.pem"), certificate];
  assert.match(execFileSync(requireTool("openssl"), verify, { encoding: "utf8" }), /: OK$/m);
});

test("a bundle that another source brings is linked at the other places", async () => {
  for (const place of [...BUNDLES, "etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"]) {
    const { path, warnings } = await buildRoot(caCertificates({ from: text(`/${place}`, "PEM") }));
    assert.equal(warnings, []);
    assert.is(link(path, place), undefined);
    for (const bundle of BUNDLES.filter((each) => each !== place)) assert.is(link(path, bundle), `/${place}`);
  }
});

test("what is no bundle is refused, and both from and bundle are", async () => {
  const folder = tmp();
  writeFileSync(join(folder, "empty.crt"), "nothing");
  const refused = (bundle: string) => failure(buildRoot(caCertificates({ bundle }), {}, { directory: folder }));
  assert.match((await refused("empty.crt")).message, /no certificate in PEM/);
  assert.match((await refused("absent.crt")).message, /absent\.crt.*ENOENT/);
  const both = await failure(buildRoot(caCertificates({ bundle: "a", from: files("b") })));
  assert.is(both.code, "E_CONFIG_INVALID");
  assert.match(both.message, /from or bundle, not both/);
});

test("no bundle at all is one warning", async () => {
  const { warnings } = await buildRoot(caCertificates());
  assert.is(warnings.length, 1);
  assert.match(warnings[0]!, /W_LINK_DANGLING.*ca-bundle\.crt.*"ca-certificates"/);
});

test.run();
