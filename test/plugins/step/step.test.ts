/** What a step gets, what it gives, and when it runs again. */
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import type { BuildEvent, ScriptContext, Source } from "../../../core/index.ts";
import { build, buildLayeredImage, files, step, text } from "../../../plugins/index.ts";
import { requireTool, suite, tmp } from "../../harness.ts";
import { buildSteps, failure, folderOf, shell } from "./support.ts";

const test = suite("step", { timeout: 60_000 });

test.before(() => void requireTool("bwrap", "bash"));

test("a function's commands get inputs, an environment and a directory; what is there goes to dest", async () => {
  const directory = folderOf({ "src/a.txt": "a\n", "src/bin/tool": "#!/bin/sh\necho from a tool\n" });
  shell("chmod 755 src/bin/tool", directory);
  const { root, lines } = await buildSteps(
    step({
      name: "web",
      inputs: { src: files("src"), note: text("/note", "noted\n") },
      env: { MODE: "production" },
      run: async ({ $, out, inputs, signal }) => {
        assert.is(signal.aborted, false);
        assert.is(readFileSync(join(inputs.src, "a.txt"), "utf8"), "a\n", "the function itself reads them too");
        await $`cat ${inputs.src}/a.txt ${inputs.note}/note > ${out}/both`;
        writeFileSync(join(out, "by-hand"), (await $`${inputs.src}/bin/tool`).stdout);
        await $`env | grep -v -e ^_ -e ^SHLVL -e ^PWD | sort; umask; find . | wc -l; cat <&0 | wc -c`;
      },
      dest: "/srv/web",
    }),
    { store: tmp(), directory },
  );
  assert.is(readFileSync(join(root, "srv/web/both"), "utf8"), "a\nnoted\n");
  assert.is(readFileSync(join(root, "srv/web/by-hand"), "utf8"), "from a tool\n");
  assert.equal(lines, [
    "from a tool",
    "HOME=/build/home",
    "LANG=C.UTF-8",
    "MODE=production",
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "SOURCE_DATE_EPOCH=1",
    "TMPDIR=/build/tmp",
    "TZ=UTC",
    "inputs_note=/build/inputs/note",
    "inputs_src=/build/inputs/src",
    "out=/build/out",
    "0022",
    "1",
    "0",
  ]);
});

test("globs bring an input's links and empty directories as its folder does", async () => {
  const directory = folderOf({ "app/lib/v1/x": "x" });
  shell(
    "mkdir -p app/bin app/empty; ln -s ../lib/v1/x app/bin/x; ln -s v1 app/lib/current; ln -s no app/dang",
    directory,
  );
  const list = (input: Source, folder: string) =>
    step({ inputs: { input }, run: `cd $inputs_input/${folder}; find . -printf '%y %m %p %l\\n' | sort > $out/list` });
  const lists = [];
  for (const made of [list(files("app"), "."), list(files(["app/**"]), "app")]) {
    const { root } = await buildSteps(made, { store: tmp(), directory });
    lists.push(readFileSync(join(root, "list"), "utf8").replace(/^d \d+ \. $/m, "."));
  }
  assert.is(lists[1], lists[0]);
  assert.match(lists[1]!, /l 777 \.\/dang no/);
});

test("modes, symbolic links, hard links, empty directories and odd names come through", async () => {
  const store = tmp();
  const made = () =>
    step({
      run: `cd $out; mkdir -m 750 private; mkdir -p a/empty; echo x > a/file; chmod 640 a/file; ln a/file private/same
        ln -s ../a/file private/link; ln -s nowhere dangling; printf '' > nothing; install -m 4755 /dev/null suid
        echo y > "odd 'ñame"; chmod 000 a/empty`,
      dest: "/d",
    });
  const expected = [
    "755 2 ./a",
    "0 2 ./a/empty",
    "640 2 ./a/file",
    "777 1 ./dangling",
    "644 1 ./nothing",
    "644 1 ./odd 'ñame",
    "750 2 ./private",
    "777 1 ./private/link",
    "640 2 ./private/same",
    "4755 1 ./suid",
  ];
  for (const each of ["made", "found"]) {
    const { root, found } = await buildSteps(made(), { store });
    const listed = shell("find . -mindepth 1 -printf '%m %y %n %p\\n'", join(root, "d")).trim().split("\n");
    const seen = listed.map((line) =>
      line.replace(/^(\d+) (\w) (\d+) /, (_, mode, type, links) => `${mode} ${type === "d" ? 2 : links} `),
    );
    assert.equal(
      seen.toSorted((a, b) => (a.slice(a.indexOf(".")) < b.slice(b.indexOf(".")) ? -1 : 1)),
      expected,
      each,
    );
    assert.is(shell("readlink private/link", join(root, "d")), "../a/file\n");
    assert.equal(found, each === "made" ? [] : [""]);
    shell("chmod -R u+rwx d", root);
  }
});

test("a step is found again; its text, inputs, env and their names count, where it lands does not", async () => {
  const store = tmp();
  const directory = folderOf({ "src/a": "1", "other/a": "1", beside: "1" });
  const base = {
    name: "s",
    inputs: { src: files("src") },
    env: { A: "1" },
    run: "ls $inputs_src > $out/list; echo ran",
  };
  const ran = async (options: Parameters<typeof step>[0], more = {}) =>
    (await buildSteps(step(options), { store, directory, ...more })).lines.length === 1;
  assert.is(await ran(base), true, "first");
  assert.is(await ran(base), false, "again");
  assert.is(await ran({ ...base, dest: "/elsewhere", name: "t" }), false, "another place and name");
  writeFileSync(join(directory, "beside"), "2");
  assert.is(await ran(base), false, "an unrelated file edited");
  assert.is(await ran({ ...base, env: { A: "2" } }), true, "env");
  assert.is(await ran({ ...base, env: { B: "1" } }), true, "env's name");
  assert.is(await ran({ ...base, inputs: { src: files("src"), more: files("other") } }), true, "another input");
  assert.is(await ran({ ...base, inputs: { src: files("src", { mode: 0o600 }) } }), true, "an input's modes");
  assert.is(await ran({ ...base, run: `${base.run} ` }), true, "text");
  writeFileSync(join(directory, "src/a"), "2");
  assert.is(await ran(base), true, "an input's file edited");
  assert.is(await ran(base), false);
  assert.is(await ran(base, { noCache: true }), true, "--no-cache");
  assert.is(await ran(base, { check: true }), false, "--check runs it twice and so prints twice");
  assert.is(await ran(base), false);
});

test("the same step in several places runs once; a step may read another's output", async () => {
  const runs: string[] = [];
  const one = step({ name: "one", run: async ({ $, out }) => (runs.push("one"), $`echo 1 > ${out}/one`) });
  const two = step({
    name: "two",
    inputs: { one, same: one },
    run: async ({ $, inputs, out }) => (runs.push("two"), $`cat ${inputs.one}/one ${inputs.same}/one > ${out}/two`),
  });
  const three = step({
    name: "three",
    inputs: { two },
    run: "cp $inputs_two/two $out/three; if touch $inputs_two/x; then exit 9; fi",
  });
  const { root, digest } = await buildSteps([one, two, three], { store: tmp(), jobs: 2 });
  assert.equal(runs, ["one", "two"]);
  assert.is(readFileSync(join(root, "three"), "utf8"), "1\n1\n");
  assert.is((await buildSteps([one, two, three], { store: tmp() })).digest, digest);
});

test("a function without known code runs on every build; a text's result is kept all the same", async () => {
  const store = tmp();
  let runs = 0;
  const contents = [step({ name: "f", run: () => void runs++ }), step({ name: "t", run: "true", dest: "/t" })];
  assert.equal((await buildSteps(contents, { store })).found, []);
  assert.equal((await buildSteps(contents, { store })).found, ["t"]);
  assert.is(runs, 2);
});

test("a script may ask for a step's output; a function's cannot be kept there, and says so", async () => {
  const store = tmp();
  const asked = async (source: Source): Promise<readonly string[]> => {
    const events: BuildEvent[] = [];
    const extraCommands = async ({ $, path }: ScriptContext) => void (await $`grep -q made ${await path(source)}/file`);
    const image = buildLayeredImage({ name: "app", extraCommands });
    await build(image, { store, jobs: 1, outputs: ["digest"], onEvent: (event) => void events.push(event) });
    return events.flatMap((event) => (event.type === "note" || event.type === "warning" ? [event.message] : []));
  };
  const written = step({ run: "echo made > $out/file" });
  assert.equal(await asked(written), []);
  assert.equal(await asked(written), ['step of "app" was not run again: nothing it depends on changed']);
  const [warning, ...others] = await asked(step({ run: ({ $, out }) => $`echo made > ${out}/file` }));
  assert.match(warning!, /^step of "app" runs on every build: it is not among the image's contents/);
  assert.equal(others, []);
});

test("a failing step says why, with its last lines, and is not kept", async () => {
  const store = tmp();
  const failing = (run: Parameters<typeof step>[0]["run"]) =>
    failure(buildSteps(step({ name: "bad", run }), { store }));
  for (const run of [
    "echo first; false | cat; echo not reached",
    async ({ $ }: { $: (pieces: TemplateStringsArray) => PromiseLike<unknown> }) => void (await $`echo first; exit 1`),
  ] as const) {
    for (const round of [1, 2]) {
      const error = await failing(run);
      assert.is(error.code, "E_SCRIPT_FAILED", `${round}`);
      assert.is(error.message, 'Script "step bad" of "app" failed: exit code 1; its last output:\n  first');
    }
  }
  const unset = await failing("echo $no_such_variable");
  assert.match(unset.message, /no_such_variable: unbound variable/);
  const thrown = await failing(() => {
    throw new Error("the reason");
  });
  assert.match(thrown.message, /"step bad" of "app" failed: the reason/);
  assert.equal(readdirSync(join(store, "tmp")), []);
});

test("--keep-failed keeps what it wrote", async () => {
  const error = await failure(
    buildSteps(step({ run: "echo kept > $out/file; exit 1" }), { store: tmp(), keepFailed: true }),
  );
  const [, kept] = /work directory was kept: (\S+)/.exec(error.hint ?? "") ?? [];
  assert.is(readFileSync(join(kept!, "file"), "utf8"), "kept\n");
});

test("--check finds what is not the same twice, and the order of directories and the place are no such thing", async () => {
  const check = (run: string) =>
    buildSteps(step({ name: "c", inputs: { src: files("src") }, run }), {
      store: tmp(),
      check: true,
      directory: folderOf({ "src/a": "1", "src/b": "2", "src/c/d": "3" }),
    });
  const error = await failure(check("echo same > $out/a; date +%s%N > $out/b; date +%N > $out/c"));
  assert.is(error.code, "E_SCRIPT_DIFFERS");
  assert.match(error.message, /^step c of "app" gives other files when it runs again: \/b has other content$/);
  await check("echo $out $inputs_src $HOME > $out/places; pwd > $out/pwd; hostname > $out/host; id > $out/id");
});

test("what cannot be is refused before anything runs", async () => {
  const problem = async (options: object) =>
    (await failure(buildSteps(step(options as never), { store: tmp() }))).message;
  const rows: readonly (readonly [object, RegExp])[] = [
    [{ run: "  " }, /run: expected bash text or a function/],
    [{}, /run: .*(expected|missing)/],
    [{ run: "true", inputs: { "a b": text("/x", "") } }, /letters, digits and _/],
    [{ run: "true", inputs: { a: "src" } }, /inputs\.a: expected a source/],
    [{ run: "true", env: { A: 1 } }, /env\.A: expected/],
    [{ run: "true", env: { out: "/x" } }, /out and inputs_… are the step's own/],
    [{ run: "true", dest: "../up" }, /dest: expected a path inside the image/],
    [{ run: "true", inputs: { a: { kind: "filez", options: {} } } }, /did you mean "files"/],
    [{ run: "true", name: "a/b" }, /name: expected/],
    [{ run: "true", input: {} }, /input/],
  ];
  for (const [options, message] of rows) assert.match(await problem(options), message);
});

test("a socket in the output is refused; nothing stays behind", async () => {
  requireTool("python3");
  const store = tmp();
  const run = `python3 -c 'import os,socket; os.chdir(os.environ["out"]); socket.socket(socket.AF_UNIX).bind("s")'`;
  assert.match((await failure(buildSteps(step({ run }), { store }))).message, /socket \/s/);
  assert.equal(readdirSync(join(store, "tmp")), []);
});

test("the input's own files are copies: the host's never change", async () => {
  const directory = folderOf({ "src/a": "1" });
  const { mtimeMs } = statSync(join(directory, "src/a"));
  await buildSteps(step({ inputs: { src: files("src") }, run: "if rm -rf $inputs_src/a; then exit 9; fi" }), {
    store: tmp(),
    directory,
  });
  assert.ok(existsSync(join(directory, "src/a")));
  assert.is(statSync(join(directory, "src/a")).mtimeMs, mtimeMs);
});

test.run();
