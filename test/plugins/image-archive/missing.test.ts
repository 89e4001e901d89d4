/** A fromImage that is no path here, but is written as other tools would: the error says how it is written. */
import * as assert from "uvu/assert";
import type { BuildContext } from "../../../core/index.ts";
import { openImageFiles } from "../../../plugins/image-archive/files.ts";
import { suite, tmp } from "../../harness.ts";
import { failure } from "../registry/support/asking.ts";

const test = suite("image-archive/missing");

for (const [given, hint] of [
  ["oci:out:1.2", 'fromImage: "out", with fromImageTag: "1.2" beside it'],
  ["oci:out", 'write fromImage: "out"'],
  ["docker-archive:a.tar:team/app:7", 'fromImage: "a.tar", with fromImageTag: "7" beside it'],
  ["docker-daemon:app:1", "image-dsl copy docker-daemon:app:1 oci:DIR"],
  ["registry.example:5000/team/app:1", "is written docker://registry.example:5000/team/app:1"],
  ["debian:12", "is written docker://debian:12"],
  ["./base.tar", "Paths start from the config's folder"],
] as const) {
  test(`${given}: ${hint}`, async () => {
    const error = await failure(openImageFiles(given, { directory: tmp() } as BuildContext), "E_BASE_IMAGE");
    assert.match(error.hint ?? "", hint);
    if (given === "./base.tar") assert.not.match(error.hint ?? "", "docker://");
  });
}

test.run();
