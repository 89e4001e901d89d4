/** What goes wrong at an archive: which one it was, who named it, and the mend. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { openArchive } from "../../../../plugins/debian/fetch/index.ts";
import { suite, tmp } from "../../../harness.ts";
import { closeThreads, makeArchive, makeKey, put, rejects, testContext, type TestContext } from "./support.ts";

const test = suite("debian/fetch/archive-errors");
const OPTIONS = { suite: "bookworm", architecture: "amd64", mirror: "http://archive.test.example/debian" };

let context: TestContext;
test.before.each(async () => {
  context = await testContext();
});
test.after(closeThreads);

for (const [what, status, body, code, message, hint] of [
  [
    "a proxy that lets nothing pass",
    403,
    "",
    "E_NETWORK",
    /the server, or the proxy http:.*, answered 403/,
    "proxy lets",
  ],
  ["a proxy that wants a password", 407, "", "E_NETWORK", /answered 407/, "a user and a password"],
  ["a proxy that fails", 501, "", "E_NETWORK", /answered 501/, "Check the mirror's address and the proxy"],
  [
    "a login page",
    200,
    "\n<!DOCTYPE html><p>Log in",
    "E_DEBIAN_SIGNATURE",
    /it is a web page, not a release/,
    "login page",
  ],
  ["an archive without the suite", 404, "", "E_DEBIAN_SUITE", /There is no suite "bookworm" at/, "Check suite:"],
] as const)
  test(`${what}: the archive is named, and who named it`, async () => {
    const server = createServer((_, answer) => void answer.writeHead(status).end(body));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const root = tmp();
    const proxy = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    put(join(root, "etc/apt/apt.conf"), `Acquire::http::Proxy "${proxy}";`);
    try {
      const error = await rejects(openArchive(OPTIONS, context, root), code);
      assert.match(error.message, message);
      assert.ok(error.message.includes(OPTIONS.mirror), error.message);
      assert.ok(error.message.includes("(address from mirror: in debian({ … }))"), error.message);
      assert.ok(error.hint?.includes(hint), error.hint);
    } finally {
      server.close();
    }
  });

test("an expired release, and a suite that was mistyped", async () => {
  const fields = { "Valid-Until": "Sat, 01 Jan 2000 00:00:00 UTC" };
  const { uri: mirror, keyring } = await makeArchive([{ suite: "bookworm", fields }], await makeKey());
  const root = tmp();
  const expired = await rejects(openArchive({ ...OPTIONS, mirror, keyring }, context, root), "E_DEBIAN_METADATA");
  assert.is(
    expired.message,
    `the Release of ${mirror} bookworm was valid until ${fields["Valid-Until"]} only (address from mirror: in debian({ … }))`,
  );
  const mistyped = { ...OPTIONS, suite: "bokworm", mirror, keyring };
  const unknown = await rejects(openArchive(mistyped, context, root), "E_DEBIAN_SUITE");
  assert.is(unknown.message, `There is no suite "bokworm" at ${mirror} (address from mirror: in debian({ … }))`);
  assert.is(unknown.hint, 'Did you mean suite: "bookworm"?');
});

test.run();
