import * as assert from "uvu/assert";
import { suite } from "../../harness.ts";
import { outputJobs, type MadeImage } from "../../../core/engine/destination.ts";
import type { OutputDefinition } from "../../../core/pipeline/hooks.ts";
import type { ImageDslError } from "../../../core/error.ts";

const test = suite("engine/destination");

const known = new Map<string, OutputDefinition>(
  [
    { transport: "docker-archive", usage: "docker-archive:PATH[:NAME:TAG]", bundles: true },
    { transport: "rootfs", usage: "rootfs:PATH", bundles: false },
    { transport: "digest", usage: "digest", bundles: false },
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
