import { existsSync, lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import * as v from "valibot";
import { checkConfig } from "../../../core/config/check.ts";
import type { ImageDslError, Plugin, Source } from "../../../core/index.ts";
import { buildLayeredImage, dockertoolsPlugin } from "../../../plugins/dockertools/index.ts";
import { elf } from "../../../plugins/elf/index.ts";
import { environmentPlugin, fakeNss } from "../../../plugins/environment/index.ts";
import { text } from "../../../plugins/files/index.ts";
import { suite } from "../../harness.ts";
import { buildRoot } from "./built-root.ts";

const test = suite("environment/fake-nss");

const APP_USER = "app:x:999:998:The app,,,:/srv/app:/bin/sh";
const APP_GROUP = "web:x:998:app";

async function problemOf(contents: Source): Promise<string> {
  const plugins = [{ ...dockertoolsPlugin, requires: [] }, environmentPlugin];
  const error = (await checkConfig(buildLayeredImage({ name: "t", contents }), { plugins, directory: "/" }).then(
    () => assert.unreachable("it was taken"),
    (thrown: unknown) => thrown,
  )) as ImageDslError;
  assert.is(error.code, "E_CONFIG_INVALID");
  return error.message;
}

async function failure(contents: readonly Source[]): Promise<ImageDslError> {
  return (await buildRoot(contents).then(
    () => assert.unreachable("it was built"),
    (thrown: unknown) => thrown,
  )) as ImageDslError;
}

test("the files are dockerTools', with the extra lines between root and nobody", async () => {
  const { path, warnings } = await buildRoot(fakeNss({ extraPasswdLines: [APP_USER], extraGroupLines: [APP_GROUP] }));
  const file = (name: string) => readFileSync(join(path, name), "utf8");
  assert.is(
    file("etc/passwd"),
    `root:x:0:0:root user:/var/empty:/bin/sh\n${APP_USER}\nnobody:x:65534:65534:nobody:/var/empty:/bin/sh\n`,
  );
  assert.is(file("etc/group"), `root:x:0:\n${APP_GROUP}\nnobody:x:65534:\n`);
  assert.is(file("etc/nsswitch.conf"), "hosts: files dns\n");
  assert.is(lstatSync(join(path, "var/empty")).mode & 0o7777, 0o755);
  assert.equal(warnings, []);
});

test("the C library finds the users and groups", async () => {
  const root = await buildRoot([
    fakeNss({ extraPasswdLines: [APP_USER], extraGroupLines: [APP_GROUP] }),
    elf({ files: ["getent", "id"] }),
  ]);
  assert.is(root.run(["/usr/bin/getent", "passwd", "999"], 999), `${APP_USER}\n`);
  assert.is(root.run(["/usr/bin/getent", "group", "web"]), `${APP_GROUP}\n`);
  assert.is(root.run(["/usr/bin/id", "-un"], 65534), "nobody\n");
  assert.is(root.run(["/usr/bin/id", "app"]), "uid=999(app) gid=998(web) groups=998(web)\n");
});

test("users that are there stay as they are, and what is missing is added, also without a last line end", async () => {
  const { path } = await buildRoot([
    fakeNss({ extraPasswdLines: [APP_USER], extraGroupLines: [APP_GROUP] }),
    text("/etc/passwd", "root:*:0:0:root:/root:/bin/bash\ndaemon:*:1:1::/:/bin/false"),
    text("/etc/group", `${APP_GROUP}\n`),
    text("/etc/nsswitch.conf", "hosts: files\n"),
  ]);
  const file = (name: string) => readFileSync(join(path, name), "utf8");
  assert.is(
    file("etc/passwd"),
    `root:*:0:0:root:/root:/bin/bash\ndaemon:*:1:1::/:/bin/false\n${APP_USER}\nnobody:x:65534:65534:nobody:/var/empty:/bin/sh\n`,
  );
  assert.is(file("etc/group"), `${APP_GROUP}\nroot:x:0:\nnobody:x:65534:\n`);
  assert.is(file("etc/nsswitch.conf"), "hosts: files\n");
});

test("several in one image add up, in the order of the contents", async () => {
  const other = "db:x:5:5::/:/bin/sh";
  const { path } = await buildRoot([
    fakeNss({ extraPasswdLines: [other, APP_USER] }),
    fakeNss({ extraPasswdLines: [APP_USER] }),
    fakeNss(),
  ]);
  assert.is(
    readFileSync(join(path, "etc/passwd"), "utf8").split("\n").slice(1, -2).join("\n"),
    `${other}\n${APP_USER}`,
  );
});

test("a name or an id that the image gives to another is an error that says both", async () => {
  for (const [taken, by] of [
    ["app:x:7:7::/:/bin/sh", /\/etc\/passwd: app \(7\)/],
    ["other:x:999:7::/:/bin/sh", /\/etc\/passwd: other \(999\)/],
  ] as const) {
    const error = await failure([fakeNss({ extraPasswdLines: [APP_USER] }), text("/etc/passwd", `${taken}\n`)]);
    assert.is(error.code, "E_PASSWD_INVALID");
    assert.match(error.message, `"${APP_USER}"`);
    assert.match(error.message, by);
    assert.match(error.hint ?? "", /fakeNss/);
  }
});

test("lines that are none are refused when the config is read, each with its reason", async () => {
  const passwd = (...extraPasswdLines: string[]) => problemOf(fakeNss({ extraPasswdLines }));
  assert.match(await passwd("app:x:1:1:app:/srv"), /extraPasswdLines.*6 fields where 7 are due/);
  assert.match(await passwd(APP_USER, "app:x:2:2::/:/bin/sh"), /extraPasswdLines:2.*"app" a second time/);
  assert.match(await passwd(APP_USER, "b:x:999:2::/:/bin/sh"), /b \(999\) and app \(999\)/);
  assert.match(await passwd("root:x:5:5::/:/bin/sh"), /root \(5\) and root \(0\)/);
  assert.match(await passwd("toor:x:0:0::/:/bin/sh"), /toor \(0\) and root \(0\)/);
  assert.match(await passwd("a:x:one:1::/:/bin/sh"), /"one" where an id is due/);
  assert.match(await passwd(`${APP_USER}\n`), /one line/);
  assert.match(await passwd(""), /one line/);
  assert.match(await problemOf(fakeNss({ extraGroupLines: ["web:x:1"] })), /extraGroupLines.*3 fields where 4 are due/);
});

test("collected by another plugin it counts where that hands it on, and nowhere else", async () => {
  const wrapper = (handsOn: boolean): Plugin => ({
    name: "wrapper",
    sources: [{ kind: "wrapper", schema: v.object({}) }],
    apply: (builder) =>
      builder.hooks.build.tap("wrapper", ({ hooks }) =>
        hooks.collect.for("wrapper").tapPromise("wrapper", async (_source, context) => {
          const collected = await context.collect(fakeNss({ extraPasswdLines: [APP_USER] }));
          return handsOn ? collected : { nodes: [], roots: [] };
        }),
      ),
  });
  const built = async (handsOn: boolean) => {
    const contents = [{ kind: "wrapper", options: {} }, text("/a", "a")];
    const { path } = await buildRoot(contents, {}, { plugins: [wrapper(handsOn)] });
    return existsSync(join(path, "etc/passwd"));
  };
  assert.equal([await built(true), await built(false)], [true, false]);
});

test.run();
