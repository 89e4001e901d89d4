import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { suite, tmp } from "../../harness.ts";
import { outputJobs, type MadeImage } from "../../../core/engine/destination.ts";
import type { OutputDefinition } from "../../../core/pipeline/hooks.ts";
import type { ImageDslError } from "../../../core/error.ts";

const test = suite("engine/destination");

const known = new Map<string, OutputDefinition>(
  [
    {
      transport: "docker-archive",
      usage: "docker-archive:PATH[:NAME:TAG]",
      bundles: true,
      pathOf: (rest: string) => rest.split(":")[0]!,
    },
    { transport: "rootfs", usage: "rootfs:PATH", bundles: false },
    { transport: "digest", usage: "digest", bundles: false },
    { transport: "load", usage: "load", bundles: false, indexes: true as const },
  ].map((output) => [output.transport, output]),
);
const amd64 = { os: "linux", architecture: "amd64" };
const armv7 = { os: "linux", architecture: "arm", variant: "v7" };
const two: MadeImage[] = [
  { target: "a", platform: amd64 },
  { target: "b", platform: amd64 },
];

function jobs(text: string, made: MadeImage[]): [string, number[]][] {
  return outputJobs(made, () => [text], known).map(({ destination, images }) => [destination.text, [...images]]);
}

function refusal(text: string, made: MadeImage[]): ImageDslError {
  try {
    jobs(text, made);
  } catch (error) {
    return error as ImageDslError;
  }
  throw new Error("accepted");
}

test("placeholders are replaced", () => {
  assert.equal(jobs("rootfs:out/{target}-{platform}.tar", [{ target: "a", platform: armv7 }]), [
    ["rootfs:out/a-linux-arm-v7.tar", [0]],
  ]);
  assert.equal(jobs("rootfs:{target}.tar", two), [
    ["rootfs:a.tar", [0]],
    ["rootfs:b.tar", [1]],
  ]);
});

test("several images into one archive are a bundle; into one rootfs, refused", () => {
  assert.equal(jobs("docker-archive:all.tar", two), [["docker-archive:all.tar", [0, 1]]]);
  const error = refusal("rootfs:all.tar", two);
  assert.is(error.exitStatus, 2);
  assert.match(error.hint ?? "", "{target}");
});

test("several platforms never share a path", () => {
  const platforms = [amd64, armv7].map((platform) => ({ target: "a", platform }));
  assert.match(refusal("docker-archive:a.tar", platforms).hint ?? "", "{platform}");
  assert.is(jobs("docker-archive:{platform}.tar", platforms).length, 2);
});

test("two outputs of one path are refused, whatever it is called, and one within another", () => {
  const folder = tmp();
  mkdirSync(join(folder, "real"));
  symlinkSync("real", join(folder, "linked"));
  symlinkSync("real/new.tar", join(folder, "dangling.tar"));
  writeFileSync(join(folder, "there.tar"), "");
  symlinkSync("there.tar", join(folder, "also.tar"));
  const made = [{ target: "a", platform: amd64 }];
  const pairs: readonly (readonly [string, string])[] = [
    ["docker-archive:x.tar", "rootfs:x.tar"],
    ["docker-archive:x.tar:a:1", "docker-archive:x.tar:a:2"],
    ["docker-archive:x.tar", "docker-archive:./y/../x.tar:a:2"],
    ["docker-archive:real/x.tar", "rootfs:linked/x.tar"],
    ["docker-archive:there.tar", "rootfs:also.tar"],
    ["docker-archive:dangling.tar", "rootfs:real/new.tar"],
    ["rootfs:out", "docker-archive:out/a.tar"],
    ["docker-archive:{target}.tar", "rootfs:a.tar"],
  ];
  const at = (text: string): string => text.replace(/^([a-z-]+:)/, `$1${folder}/`);
  for (const [one, other] of pairs) {
    for (const texts of [[one, other].map(at), [other, one].map(at)]) {
      let error: unknown;
      try {
        outputJobs(made, () => texts, known);
      } catch (thrown) {
        error = thrown;
      }
      assert.is((error as ImageDslError | undefined)?.code, "E_OUTPUT_INVALID", texts.join(" and "));
    }
  }
  const apart = ["docker-archive:x.tar", "rootfs:x", "rootfs:x.tar.d", "digest", "docker-archive:y.tar:a:1"].map(at);
  assert.is(outputJobs(made, () => apart, known).length, 5);
  const same = outputJobs(made, () => ["rootfs:a.tar", "rootfs:a.tar"], known);
  assert.equal(
    same.map(({ images }) => images),
    [[0]],
    "one that is written twice is one",
  );
  const devices = ["docker-archive:/dev/null", "rootfs:/dev/null"];
  assert.is(outputJobs(made, () => devices, known).length, 2);
});

test("load has no place either, but all platforms of a target at once", () => {
  const made = [...two, { target: "a", platform: armv7 }];
  assert.equal(jobs("load", made), [
    ["load", [0, 2]],
    ["load", [1]],
  ]);
});

test("digest has no place, so every image has its own", () => {
  assert.equal(jobs("digest", two), [
    ["digest", [0]],
    ["digest", [1]],
  ]);
});

test("an unknown transport is told the known ones; a missing place is told the usage", () => {
  for (const text of ["dockerarchive:x", "docker-archive", "docker-archive:", "", ":x", "/tmp/x.tar"]) {
    const error = refusal(text, two);
    assert.is(error.code, "E_OUTPUT_INVALID", text);
    assert.match(error.hint ?? "", "docker-archive:PATH");
  }
});

test.run();
