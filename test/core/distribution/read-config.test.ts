/** Configs of images from elsewhere: what is of another kind than it should be is refused, before anybody looks at it. */
import * as assert from "uvu/assert";
import { readConfig } from "../../../core/distribution/read-config.ts";
import { suite } from "../../harness.ts";

const test = suite("distribution/read-config");

function read(config: object, more: object = {}) {
  const whole = { architecture: "arm64", os: "linux", rootfs: { diff_ids: [] }, config, ...more };
  return readConfig("b", Buffer.from(JSON.stringify(whole)));
}

test("fields of an unexpected kind are refused by their names", () => {
  const rows: readonly [config: object, more: object, field: string][] = [
    [{ Healthcheck: { Test: ["CMD", 5] } }, {}, "Healthcheck"],
    [{ Healthcheck: "none" }, {}, "Healthcheck"],
    [{ Shell: "/bin/sh" }, {}, "Shell"],
    [{ Labels: ["a"] }, {}, "Labels"],
    [{ Cmd: "sh" }, {}, "Cmd"],
    [{ Volumes: ["/a"] }, {}, "Volumes"],
    [{}, { architecture: "\u001b[31m" }, "architecture"],
    [{}, { os: 5 }, "os"],
    [{}, { variant: "a b" }, "variant"],
  ];
  for (const [config, more, field] of rows)
    assert.throws(() => read(config, more), new RegExp(`its config has a ${field} of an unexpected kind`), field);
});

test("what is not set is as builders leave it out: null, an empty text, nothing", () => {
  const { platform, config } = read(
    { User: "", Healthcheck: null, Labels: null, Shell: null, ArgsEscaped: true },
    { architecture: "", os: null, variant: "" },
  );
  assert.equal(platform, { os: "linux", architecture: "amd64" });
  assert.equal(config, { User: "", ArgsEscaped: true });
  assert.equal(read({ Healthcheck: { Interval: 5 } }).config.Healthcheck, { Interval: 5 });
});

test.run();
