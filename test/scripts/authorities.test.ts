// @runtimes node
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import * as assert from "uvu/assert";
import { writeFurtherAuthorities } from "../../scripts/authorities.ts";
import { suite, tmp } from "../harness.ts";

const test = suite("scripts/authorities");

const OWN = "-----BEGIN CERTIFICATE-----\nb3du\n-----END CERTIFICATE-----\n";

test("of a bundle those are left that Node does not bring itself", () => {
  const [bundle, file] = ["bundle", "file"].map((name) => join(tmp(), name)) as [string, string];
  const [first, second] = rootCertificates;
  writeFileSync(bundle, `${first}\n# ours\n${OWN}${second}\n`);
  assert.is(writeFurtherAuthorities(bundle, file), true);
  assert.is(readFileSync(file, "utf8"), OWN);
  writeFileSync(bundle, `${first}\n${second!.replaceAll("\n", "\r\n")}\n`);
  assert.is(writeFurtherAuthorities(bundle, file), false);
});

test.run();
