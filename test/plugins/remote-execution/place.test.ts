/** How the place of workers is written. */
import * as assert from "uvu/assert";
import { ImageDslError } from "../../../core/index.ts";
import { readPlace } from "../../../plugins/remote-execution/place.ts";
import { suite } from "../../harness.ts";

const test = suite("remote-execution/place");

test("a host, a port and an instance", () => {
  for (const [text, ...wanted] of [
    ["grpc://127.0.0.1:8980", "127.0.0.1:8980", false, ""],
    ["grpcs://workers.example", "workers.example:443", true, ""],
    ["grpcs://workers.example:8443/team/main/", "workers.example:8443", true, "team/main"],
    ["grpc://[::1]:80/x", "[::1]:80", false, "x"],
  ] as const) {
    const { address, isEncrypted, instance } = readPlace(text);
    assert.equal([address, isEncrypted, instance], wanted);
  }
});

test("what cannot be one is refused with what it should be, and no password is quoted", () => {
  for (const [text, message] of [
    ["workers.example:80", /is no address of workers$/],
    ["http://workers.example:80", /is no address of workers$/],
    ["grpc://:80", /is no address of workers$/],
    ["grpc://workers.example", /names no port$/],
    ["grpc://workers.example:0", /names no port$/],
    ["grpcs://me:s3cret@workers.example", /^"grpcs:\/\/workers\.example" holds a name or a password$/],
    ["grpcs://workers.example/main?x=1", /has something behind the instance's name$/],
    ["grpcs://workers.example/a//b", /has an instance whose name cannot be one$/],
    ["grpcs://workers.example/blobs", /has an instance whose name cannot be one$/],
    ["grpcs://workers.example/a b", /has an instance whose name cannot be one$/],
  ] as const) {
    assert.throws(
      () => readPlace(text),
      (error: unknown) => error instanceof ImageDslError && error.code === "E_USAGE" && message.test(error.message),
      text,
    );
  }
});

test.run();
