import * as assert from "uvu/assert";
import { runHint } from "../../../core/image/run-hint.ts";
import type { ImageConfig } from "../../../core/model/image-config.ts";
import { suite } from "../../harness.ts";

const test = suite("image/run-hint");

test("what an image listens on is published, in words that a shell takes for one", () => {
  const hint = (...ports: readonly string[]): string | undefined => {
    const ExposedPorts = Object.fromEntries(ports.map((port) => [port, {}])) as ImageConfig["ExposedPorts"];
    return runHint("docker", { config: { Cmd: ["server"], ...(ExposedPorts && { ExposedPorts }) } }, "svc:1");
  };
  assert.is(hint(), "docker run --rm svc:1");
  assert.is(
    hint("53/tcp", "53/udp", "8000-8010"),
    "docker run --rm -p 53:53 -p 53:53/udp -p 8000-8010:8000-8010 svc:1",
  );
  assert.is(hint("1; rm -rf ~/tcp"), "docker run --rm -p '1; rm -rf ~:1; rm -rf ~' svc:1");
  assert.is(runHint("docker", { config: { ExposedPorts: { "80/tcp": {} } } }, "svc:1"), undefined);
});

test.run();
