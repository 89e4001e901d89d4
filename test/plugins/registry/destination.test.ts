import * as assert from "uvu/assert";
import { ImageDslError } from "../../../core/error.ts";
import { readDestination } from "../../../plugins/registry/destination.ts";
import { suite } from "../../harness.ts";

const test = suite("registry/destination");

const read = (text: string) => readDestination({ transport: "docker", rest: text.slice("docker:".length), text });

test("a place to push to is read as written", () => {
  const app = { registry: "registry.example", repository: "team/app" };
  assert.equal(read("docker://registry.example/team/app"), app);
  assert.equal(read("docker://registry.example/team/app:V1"), { ...app, tag: "V1" });
  assert.equal(read("docker://localhost/app:latest"), { registry: "localhost", repository: "app", tag: "latest" });
  assert.equal(read("docker://127.0.0.1:5000/app"), { registry: "127.0.0.1:5000", repository: "app" });
});

test("what is wrong with a place to push to is said by its name", () => {
  for (const [text, words] of [
    ["docker:registry.example/app:1", "does not say which repository of which registry"],
    ["docker://app:1", "does not say which repository of which registry"],
    ["docker://team/app:1", "does not say which repository of which registry"],
    ["docker://registry.example/", "does not say which repository of which registry"],
    ["docker://127.0.0.1:5000/Team/x:1", "Names of repositories are in lower case: team/x"],
    [`docker://127.0.0.1:5000/x@sha256:${"0".repeat(64)}`, "has a digest, which follows from what is pushed"],
    ["docker://127.0.0.1:5000/x:-1", '"-1" is no tag'],
    ["docker://127.0.0.1:99999/x:1", '"127.0.0.1:99999" is no HOST or HOST:PORT'],
    ["docker://me:s3cret@127.0.0.1:5000/x:1", "has a user in it"],
    ["docker://me:s3/c@ret@127.0.0.1:5000/x:1", "has a user in it"],
  ] as const) {
    try {
      read(text);
      assert.unreachable(text);
    } catch (error) {
      assert.instance(error, ImageDslError);
      const { message, hint, exitStatus } = error as ImageDslError;
      assert.match(`${message} ${hint ?? ""}`, words);
      assert.not.match(message, /s3|ret@/);
      assert.is(exitStatus, 2);
    }
  }
});

test.run();
