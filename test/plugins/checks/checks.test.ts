import * as assert from "uvu/assert";
import { ImageDslError, type BuildEvent, type ImageCall } from "../../../core/index.ts";
import { buildLayeredImage, type LayeredImageOptions } from "../../../plugins/dockertools/index.ts";
import { text } from "../../../plugins/files/index.ts";
import { build } from "../../../plugins/program.ts";
import { suite, tmp } from "../../harness.ts";

const test = suite("checks");

const users = [
  text("/etc/passwd", "root:x:0:0::/:/bin/sh\napp:x:500:501::/:/bin/sh\n"),
  text("/etc/group", "web:x:600:\n"),
];

/** The findings' codes and messages, without what every image here is named. */
async function told(options: Partial<LayeredImageOptions>): Promise<readonly string[]> {
  return toldOf({ t: buildLayeredImage({ name: "t", ...options }) });
}

async function toldOf(images: Readonly<Record<string, ImageCall>>): Promise<readonly string[]> {
  const findings: string[] = [];
  const onEvent = (event: BuildEvent) => {
    if (event.type === "warning") findings.push(`${event.code} ${event.message.replace(/^t: /, "")}`);
  };
  await build({ images }, { outputs: ["digest"], store: tmp(), onEvent });
  return findings;
}

async function failure(options: Partial<LayeredImageOptions>): Promise<ImageDslError> {
  try {
    await told({ strict: true, ...options });
  } catch (error) {
    if (error instanceof ImageDslError) return error;
    throw error;
  }
  throw new Error("Nothing failed");
}

test("a user or a group that the image's databases have not is told, numbers and names that they have are not", async () => {
  for (const User of ["app", "app:web", "app:600", "500:web", "4711", "4711:4712", "", ":web", "app:"]) {
    assert.equal(await told({ contents: users, config: { User } }), [], User);
  }
  assert.equal(await told({ contents: users, config: { User: "ghost" } }), [
    'W_USER_UNKNOWN config.User is "ghost", but there is no user "ghost" in its /etc/passwd',
  ]);
  assert.equal(await told({ contents: users, config: { User: "App:wheel" } }), [
    'W_USER_UNKNOWN config.User is "App:wheel", but there is no user "App" in its /etc/passwd and no group "wheel" in its /etc/group',
  ]);
  assert.is((await told({ config: { User: "root" } })).length, 1, "without a passwd nobody knows root");
  assert.is((await told({ config: { User: "0" } })).length, 0);
  assert.is((await told({ config: { User: "ghost", Volumes: { "/etc": {} } } })).length, 0, "mounted");
});

test("a user that a script adds, or that the base has, is there", async () => {
  assert.equal(
    await told({ contents: users, config: { User: "late" }, extraCommands: "echo late:x:7:7::/: >> etc/passwd" }),
    [],
  );
  const base = buildLayeredImage({ name: "base", contents: users });
  assert.equal(await told({ fromImage: base, config: { User: "app" } }), []);
});

test("a working directory that is not there, or is none, is told; links are followed and volumes not judged", async () => {
  const contents = [text("/srv/app/a", "a"), text("/etc/motd", "hi")];
  const link = { extraCommands: "ln -s /srv/app current; ln -s nowhere lost; ln -s loop loop" };
  for (const WorkingDir of ["/", "/srv", "/srv/app/", "/current", "/current/../app", "//srv"] as const) {
    assert.equal(await told({ contents, config: { WorkingDir }, ...link }), [], WorkingDir);
  }
  for (const WorkingDir of ["/data", "/lost", "/loop"] as const) {
    assert.equal(await told({ contents, config: { WorkingDir }, ...link }), [
      `W_WORKING_DIR config.WorkingDir is "${WorkingDir}", which is not there`,
    ]);
  }
  assert.equal(await told({ contents, config: { WorkingDir: "/etc/motd" } }), [
    'W_WORKING_DIR config.WorkingDir is "/etc/motd", which is no directory',
  ]);
  assert.equal(await told({ contents, config: { WorkingDir: "/data/x", Volumes: { "/data": {} } } }), []);
});

test("in a strict image they are one error that tells all of them, with their mends", async () => {
  assert.equal(await told({ strict: true, contents: users, config: { User: "app", WorkingDir: "/etc" } }), []);
  const one = await failure({ config: { User: "ghost" } });
  assert.is(one.code, "E_IMAGE_CHECK");
  assert.match(one.message, 'config.User is "ghost"');
  assert.match(one.hint!, "fakeNss()");
  assert.equal(one.place, { path: "images.t" });
  const two = await failure({ config: { User: "ghost", WorkingDir: "/nowhere" } });
  assert.match(two.message, "2 things");
  assert.match(two.message, 'User is "ghost"');
  assert.match(two.message, 'WorkingDir is "/nowhere"');
  assert.match(two.message, "mkdir -p nowhere");
});

test.run();
