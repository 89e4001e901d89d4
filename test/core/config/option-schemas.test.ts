import * as assert from "uvu/assert";
import * as v from "valibot";
import { ownerSchema } from "../../../core/config/option-schemas.ts";
import { suite } from "../../harness.ts";

const test = suite("config/option-schemas");

test("an owner's ids have the same bound however they are written", () => {
  for (const last of [0xffff_fffe, "4294967294:4294967294", { uid: 0xffff_fffe, gid: 0 }])
    assert.ok(v.is(ownerSchema, last), JSON.stringify(last));
  for (const beyond of [0xffff_ffff, "4294967295:0", "0:4294967295", "9999999999:0", { uid: 0, gid: 0xffff_ffff }])
    assert.not.ok(v.is(ownerSchema, beyond), JSON.stringify(beyond));
});

test.run();
