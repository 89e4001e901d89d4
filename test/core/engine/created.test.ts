import * as assert from "uvu/assert";
import { createdTime } from "../../../core/engine/created.ts";
import type { ImageDslError } from "../../../core/error.ts";
import { isoTime } from "../../../core/image/assemble.ts";
import { suite } from "../../harness.ts";

const test = suite("engine/created");

const before = process.env["SOURCE_DATE_EPOCH"];
test.after(() => {
  if (before === undefined) delete process.env["SOURCE_DATE_EPOCH"];
  else process.env["SOURCE_DATE_EPOCH"] = before;
});

test("SOURCE_DATE_EPOCH is taken up to the last second that RFC 3339 can say", () => {
  process.env["SOURCE_DATE_EPOCH"] = "253402300799";
  assert.is(isoTime(createdTime(undefined)), "9999-12-31T23:59:59Z");
  for (const broken of ["253402300800", "999999999999", "1e3", "-1"]) {
    process.env["SOURCE_DATE_EPOCH"] = broken;
    assert.throws(
      () => createdTime(undefined),
      (error: ImageDslError) => error.code === "E_CONFIG_INVALID" && error.message.includes(`"${broken}"`),
    );
  }
  assert.is(createdTime(5), 5);
});

test.run();
