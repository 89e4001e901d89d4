// @runtimes node
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { suite } from "../harness.ts";
import { debug, redis, withShell } from "../types/overriding.ts";

const test = suite("docs/overriding");
const project = join(import.meta.dirname, "../..");

test("every example of the page stands word for word in a file that tsc checks", () => {
  const page = readFileSync(join(project, "docs/overriding.md"), "utf8");
  const checked = readFileSync(join(project, "test/types/overriding.ts"), "utf8").replaceAll(
    /^export (?=const (redis|debug|withShell) )/gm,
    "",
  );
  const examples = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, example]) => example!);
  assert.is(examples.length, 4);
  for (const example of examples) assert.ok(checked.includes(example), example);
});

test("an overridden image has the new arguments and the rest of the old, which stay as they were", () => {
  assert.equal(debug.options.config, { Cmd: ["/bin/sh"], Env: ["LANG=C.UTF-8"] });
  assert.equal(
    [debug.options.tag, debug.options.name, debug.options.contents],
    ["debug", "redis", redis.options.contents],
  );
  assert.equal([redis.options.tag, redis.options.config?.Cmd], [undefined, ["/usr/bin/redis-server"]]);
  assert.equal(
    [withShell.options.contents].flat().map((source) => source?.kind),
    ["debian", "binSh"],
  );
});

test.run();
