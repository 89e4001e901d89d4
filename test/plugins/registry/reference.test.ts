import * as assert from "uvu/assert";
import { ImageDslError } from "../../../core/error.ts";
import { parseReference, referenceText } from "../../../plugins/registry/reference.ts";
import { suite } from "../../harness.ts";

const test = suite("registry/reference");

const HEX = "0123456789abcdef".repeat(4);
const whole = (text: string) => referenceText(parseReference(text));

test("what is left out is added as docker does", () => {
  for (const [written, expected] of [
    ["redis", "docker.io/library/redis:latest"],
    ["docker://redis:7", "docker.io/library/redis:7"],
    ["team/app", "docker.io/team/app:latest"],
    ["docker.io/redis", "docker.io/library/redis:latest"],
    ["index.docker.io/team/app:1", "docker.io/team/app:1"],
    ["localhost/app", "localhost/app:latest"],
    ["localhost:5000/app", "localhost:5000/app:latest"],
    ["registry.example/app", "registry.example/app:latest"],
    ["Registry.Example/app:V1", "registry.example/app:V1"],
    ["127.0.0.1:5000/a/b/c_d/e--f:tag.1", "127.0.0.1:5000/a/b/c_d/e--f:tag.1"],
    ["[::1]:5000/app", "[::1]:5000/app:latest"],
    [`redis@sha256:${HEX}`, `docker.io/library/redis@sha256:${HEX}`],
    [`redis:7@sha256:${HEX}`, `docker.io/library/redis:7@sha256:${HEX}`],
  ] as const) {
    assert.is(whole(written), expected);
    assert.is(whole(expected), expected);
  }
});

test("what is no reference is refused, with the mend where there is one", () => {
  for (const text of [
    "",
    "docker://",
    "/app",
    "app/",
    "a//b",
    "app:",
    ":tag",
    "app:-tag",
    `app:${"t".repeat(129)}`,
    "app@",
    `app@${HEX}`,
    `app@sha256:${HEX.toUpperCase()}`,
    `app@sha256:${HEX}0`,
    `app@sha256:${HEX.slice(1)}`,
    `app@sha512:${HEX}${HEX}`,
    `app@md5:${"0".repeat(32)}`,
    `app@sha256:../../../etc/passwd`,
    "host.example:0/app",
    "host.example:65536/app",
    "host.example:port/app",
    "user@host.example/app",
    "-host.example/app",
    "host..example/app",
    "[::1/app",
    "[::g]/app",
    "host.example/../app",
    "host.example/./app",
    "host.example/a%2fb",
    "app name",
    "app\n",
    "app?x=1",
    `${"a".repeat(250)}`,
  ]) {
    assert.throws(
      () => parseReference(text),
      (error: unknown) => error instanceof ImageDslError && error.code === "E_REFERENCE" && error.exitStatus === 2,
      JSON.stringify(text),
    );
  }
  assert.match(hintOf("host.example/Team/App"), "team/app");
  assert.match(hintOf("Team/app"), "team/app");
  assert.match(hintOf("https://host.example/app"), "Leave out");
});

function hintOf(text: string): string {
  try {
    parseReference(text);
  } catch (error) {
    return (error as ImageDslError).hint ?? "";
  }
  return "";
}

test.run();
