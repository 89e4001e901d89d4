import fc from "fast-check";
import * as assert from "uvu/assert";
import { ImageDslError } from "../../core/error.ts";
import { redactText } from "../../core/redact.ts";
import { suite } from "../harness.ts";

const test = suite("redact");

/** What a person may write where an address is wanted, and what is shown of it. */
const SHOWN: readonly (readonly [given: string, shown: string])[] = [
  ["me:S3CRET@127.0.0.1:9/x:1", "…@127.0.0.1:9/x:1"],
  ["me:S3CRET@h", "…@h"],
  ["me:S3C@RET@h:5000", "…@h:5000"],
  ["me:p/S3CRET@127.0.0.1:9/x:1", "…@127.0.0.1:9/x:1"],
  ["me:S3CRET@h/x:1@sha256:00", "…@h/x:1@sha256:00"],
  ["//me:S3CRET@h/x", "//…@h/x"],
  ["docker://me:S3CRET@h/x:1", "docker://…@h/x:1"],
  ["docker://S3CRET@h/x:1", "docker://…@h/x:1"],
  ["docker://me:S3/C@RET@h:5000/x:1", "docker://…@h:5000/x:1"],
  [`dokcer://me:S3CRET"q'?#@h/x:1`, "dokcer://…@h/x:1"],
  ["docker-daemon:me:S3CRET@h/x:1", "docker-daemon:…@h/x:1"],
  ["oci:me:S3CRET@h/x", "oci:…@h/x"],
  ["http://me:S3CRET@h/x?key=S3CRET", "http://…@h/x?…"],
  [`http://me:p"S3CRET@h/x`, "http://…@h/x"],
  ["x:https://me:S3CRET@h/x", "x:https://…@h/x"],
  ["ssh://me:S3CRET@h", "ssh://…@h"],
  ["/home/me:S3CRET@127.0.0.1:9/x", "/home/…@127.0.0.1:9/x"],
  ["/home/docker:/me:p/S3CRET@h.example/x", "/home/…@h.example/x"],
  ["--insecure=me:S3CRET@h", "--insecure=…@h"],
  ["me@example.com:S3CRET@h/x", "…@h/x"],
];

test("of an address, however it is written, nothing is shown of what may be a password", () => {
  for (const [given, shown] of SHOWN) {
    for (const [before, after] of [
      ["", ""],
      [`Cannot read "`, `": it is wrong`],
      ["Error: (", ")"],
    ]) {
      assert.is(redactText(`${before}${given}${after}`), `${before}${shown}${after}`);
      assert.is(redactText(`${before}${shown}${after}`), `${before}${shown}${after}`);
    }
  }
});

test("what has an @ and no password stays as it is", () => {
  for (const text of [
    "redis:7@sha256:abc",
    "@sha256:abc and @sha256:def@sha256:abc",
    "registry.example:5000/a/b:1@sha256:abc",
    "docker://registry.example/x@sha256:0",
    "ssh://me@host/run/docker.sock",
    "git@host:x/y",
    "docker-archive:out/app@1.0.tar",
    "oci:layout@2:1",
    "rootfs:./a:b@c",
    "files:node_modules/@types/x",
    "files:node_modules/a@1.2/index.js",
    "/usr/a:b@c",
    "at foo (file:///x/node_modules/a@1/b.js:1:2)",
    "https://h.example:8/a@b",
    "npm:foo@1.2",
    "ms@patch:ms@npm%3A2.1.3#~/.yarn/patches/ms-npm-2.1.3-81ff3cfac1.patch",
    "@babel/core@patch:@babel/core@npm:7.0.0#~/builtin<compat/x>",
    "lodash@npm:lodash-es@4.17.21",
    "pkg:npm/foo@1.2",
    "Maintainer: me <me@host.example>",
  ]) {
    assert.is(redactText(text), text);
  }
});

test("no password of any letters is left, before any host", () => {
  const letters = fc.stringMatching(/^[^\s"'<>()@/?#\\:]{6,20}$/);
  const scheme = fc.constantFrom("", "docker://", "https://", "tcp://", "podman:", "docker-daemon:", "x-y://");
  fc.assert(
    fc.property(scheme, letters, (before, password) => {
      const shown = redactText(`"${before}someone:${password}@registry.example/app:1" is wrong`);
      assert.is(shown, `"${before}…@registry.example/app:1" is wrong`);
    }),
  );
});

test("an error that quotes an address holds no password, for programs neither", () => {
  const error = new ImageDslError("E_USAGE", `"me:S3CRET@h/x" is wrong`, { hint: "Not docker://me:S3CRET@h/x" });
  assert.is(error.message, `"…@h/x" is wrong`);
  assert.is(error.hint, "Not docker://…@h/x");
  assert.not.match(error.stack ?? "", "S3CRET");
});

test.run();
